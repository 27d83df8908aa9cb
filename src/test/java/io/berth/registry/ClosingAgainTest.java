package io.berth.registry;

import static io.berth.oci.Documents.digest;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.BOB;
import static io.berth.registry.House.GRACE;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.body;
import static io.berth.registry.House.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.registry.Uploads.Progress.Taken;
import io.berth.storage.Staged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A closing request fails after the bytes came into their place and before they got their name; the client sends it again, without the bytes. */
final class ClosingAgainTest {

  private static final Digest BLOB = digest("content");

  @TempDir Path folder;

  private House house;
  private Uploads uploads;
  private String id;
  private boolean away;

  /** A database that is away for a while, for those who write. */
  private final class Away implements MetadataStore {

    @Override
    public <T> T read(Function<? super ReadTransaction, T> work) {
      return house.metadata.read(work);
    }

    @Override
    public <T> T write(Function<? super WriteTransaction, T> work) {
      if (away) {
        throw new MetadataException("the connection broke", new IOException("connection reset"));
      }
      return house.metadata.write(work);
    }

    @Override
    public void close() {
      // it is the house's
    }
  }

  @BeforeEach
  void begin() {
    house = new House(folder);
    uploads = new Uploads(new Away(), house.storage, house.leases, house.digests, house.clock, () -> "again", UploadLimits.DEFAULT,
        Patience.OF_A_REQUEST);
    id = uploads.start(ALICE, APP, Digest.Algorithm.SHA256);
    uploads.append(ALICE, APP, id, null, body("content"));
  }

  @AfterEach
  void end() {
    house.close();
  }

  private void closeInVain() {
    away = true;
    assertThatThrownBy(() -> uploads.finish(ALICE, APP, id, BLOB, null, body())).isInstanceOf(MetadataException.class);
    away = false;
    assertThat(house.isStored(BLOB)).isTrue();
    assertThat(house.staged(id)).isZero();
  }

  private void put(String upload, String content) throws IOException {
    try (Staged staged = house.storage.stage(upload)) {
      staged.append(ByteBuffer.wrap(Documents.bytes(content)));
      house.storage.commit(staged, BLOB);
    }
    house.storage.discard(upload);
  }

  private void isUnknown() {
    assertThat(refusal(() -> uploads.finish(ALICE, APP, id, BLOB, null, body()))).containsExactly(ErrorCode.BLOB_UPLOAD_UNKNOWN);
    assertThat(refusal(() -> house.blobs.size(ALICE, APP, BLOB))).containsExactly(ErrorCode.BLOB_UNKNOWN);
    assertThat(house.storage.committed(id)).isEmpty();
  }

  @Test
  void theBytesGetTheirName() {
    closeInVain();

    assertThat(uploads.finish(ALICE, APP, id, BLOB, null, body())).isEqualTo(new Taken(7));

    assertThat(house.blobs.size(ALICE, APP, BLOB)).isEqualTo(7);
    assertThat(house.storage.committed(id)).isEmpty();
    assertThat(refusal(() -> uploads.status(ALICE, APP, id))).containsExactly(ErrorCode.BLOB_UPLOAD_UNKNOWN);
  }

  @Test
  void theyDoSoHoweverOftenItFailsAndWhateverTheRequestCarries() {
    closeInVain();
    closeInVain();

    uploads.finish(ALICE, APP, id, BLOB, null, body("content"));

    assertThat(house.blobs.size(ALICE, APP, BLOB)).isEqualTo(7);
  }

  @Test
  void theyDoSoAfterARestart() {
    closeInVain();

    house.freshUploads().finish(ALICE, APP, id, BLOB, null, body());

    assertThat(house.blobs.size(ALICE, APP, BLOB)).isEqualTo(7);
  }

  @Test
  void theyDoSoWhereTheSameWasThereBefore() throws IOException {
    put("before", "content");
    closeInVain();

    house.freshUploads().finish(ALICE, APP, id, BLOB, null, body());

    assertThat(house.blobs.size(ALICE, APP, BLOB)).isEqualTo(7);
  }

  @Test
  void theUploadGoesOnWithNewBytesToo() {
    closeInVain();
    assertThat(uploads.status(ALICE, APP, id)).isZero();

    uploads.append(ALICE, APP, id, null, body("con"));
    uploads.finish(ALICE, APP, id, BLOB, null, body("tent"));

    assertThat(house.blobs.size(ALICE, APP, BLOB)).isEqualTo(7);
  }

  @Test
  void theyAreNoProofForAnotherDigestAnotherUserOrAnotherRepository() {
    house.blob(LIB, "other");
    closeInVain();

    assertThat(refusal(() -> uploads.finish(BOB, APP, id, BLOB, null, body()))).containsExactly(ErrorCode.BLOB_UPLOAD_UNKNOWN);
    assertThat(refusal(() -> uploads.finish(ALICE, LIB, id, BLOB, null, body()))).containsExactly(ErrorCode.BLOB_UPLOAD_UNKNOWN);
    assertThat(refusal(() -> uploads.finish(ALICE, APP, id, digest("other"), null, body()))).containsExactly(ErrorCode.DIGEST_INVALID);
    isUnknown();
  }

  @Test
  void whereTheyHaveBeenCollectedTheUploadIsUnknown() {
    closeInVain();
    house.blob(LIB, "content");
    house.blobs.delete(ALICE, LIB, BLOB);
    house.pass(GRACE);
    house.collect();
    assertThat(house.isStored(BLOB)).isFalse();

    isUnknown();
  }

  /** The trace outlived a power failure, the bytes of the upload did not, and what was there before is damaged. */
  @Test
  void whereOthersAreInTheirPlaceTheUploadIsUnknown() throws IOException {
    put("before", "damaged");
    closeInVain();
    put("after", "damaged");

    isUnknown();
  }

  @Test
  void thoseOfAnUploadThatNobodyClosesAgainGoToTheCollector() {
    closeInVain();
    house.pass(Duration.ofDays(2));

    assertThat(uploads.expire(house.clock.instant(), 10)).isEqualTo(1);
    house.pass(GRACE);
    assertThat(house.collect().blobs()).isEqualTo(1);
  }

  @Test
  void nothingOfItStaysInMemory() {
    closeInVain();
    assertThat(uploads.known()).isZero();

    away = true;
    assertThatThrownBy(() -> uploads.cancel(ALICE, APP, id)).isInstanceOf(MetadataException.class);
    assertThat(uploads.known()).isZero();
  }
}
