package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.GRACE;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.START;
import static io.berth.registry.House.body;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.MetadataException;
import io.berth.metadata.ReadTransaction.Orphan;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.storage.BlobStore.Trace;
import io.berth.storage.Staged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process that was killed in the middle of a push leaves behind is found, and goes. */
final class LeftoversTest {

  private static final Digest BLOB = Documents.digest("blob");

  @TempDir Path folder;

  private House house;

  @BeforeEach
  void begin() {
    house = new House(folder);
  }

  @AfterEach
  void end() {
    house.close();
  }

  /** Bytes in their place and no link: the process was killed between the two. */
  private String killedAfterTheCommit(boolean rowIsLeft) throws IOException {
    String id = house.uploads.start(ALICE, APP, Digest.Algorithm.SHA256);
    try (Staged staged = house.storage.stage(id)) {
      staged.append(ByteBuffer.wrap(Documents.bytes("blob")));
      house.storage.commit(staged, BLOB);
    }
    if (!rowIsLeft) {
      house.metadata.write(tx -> {
        tx.deleteUpload(id);
        return id;
      });
    }
    return id;
  }

  private List<Orphan> orphans() {
    return house.metadata.<List<Orphan>>read(tx -> tx.dueOrphans(house.clock.instant().plus(GRACE), 10));
  }

  @Test
  void aPushLeavesNothingInTheStagingArea() throws IOException {
    house.blob(APP, "blob");

    assertThat(house.storage.committed("upload1")).isEmpty();
    house.pass(Duration.ofDays(9));
    assertThat(house.uploads.sweep(house.clock.instant())).isZero();
    assertThat(orphans()).isEmpty();
  }

  @Test
  void bytesThatNeverBecameABlobGoToTheCollectorWhenTheirUploadIsEnded() throws IOException {
    String id = killedAfterTheCommit(true);
    house.pass(Duration.ofDays(2));

    assertThat(house.freshUploads().expire(house.clock.instant(), 10)).isEqualTo(1);

    assertThat(orphans()).containsExactly(new Orphan(BLOB, 4));
    assertThat(house.storage.committed(id)).isEmpty();
  }

  @Test
  void andWhenNothingButTheirTraceIsLeft() throws IOException {
    killedAfterTheCommit(false);
    house.pass(Duration.ofDays(2));

    assertThat(house.uploads.sweep(START)).as("too young to be looked at").isZero();
    assertThat(house.uploads.sweep(house.clock.instant())).isEqualTo(1);

    assertThat(orphans()).containsExactly(new Orphan(BLOB, 4));
    assertThat(house.uploads.sweep(house.clock.instant())).isZero();
  }

  @Test
  void aBlobThatIsKnownIsNoOrphanWhateverTraceIsLeft() throws IOException {
    killedAfterTheCommit(false);
    house.blob(LIB, "blob");
    house.pass(Duration.ofDays(2));

    assertThat(house.uploads.sweep(house.clock.instant())).isEqualTo(1);

    assertThat(orphans()).isEmpty();
    assertThat(house.blobs.size(ALICE, LIB, BLOB)).isEqualTo(4);
  }

  @Test
  void bytesThatWereThereBeforeStayWhenThePushOfTheSameIsCutOff() throws IOException {
    try (Staged staged = house.storage.stage("imported")) {
      staged.append(ByteBuffer.wrap(Documents.bytes("blob")));
      house.storage.commit(staged, BLOB);
    }
    house.storage.discard("imported");
    killedAfterTheCommit(true);
    house.pass(Duration.ofDays(2));

    house.uploads.expire(house.clock.instant(), 10);

    assertThat(orphans()).isEmpty();
  }

  @Test
  void bytesOfAnUploadThatNobodyKnowsAreCleared() throws IOException {
    String known = house.uploads.start(ALICE, APP, Digest.Algorithm.SHA256);
    house.uploads.append(ALICE, APP, known, null, body("half"));
    try (Staged staged = house.storage.stage("stranger")) {
      staged.append(ByteBuffer.wrap(Documents.bytes("half")));
    }
    house.pass(Duration.ofDays(2));

    assertThat(house.uploads.sweep(house.clock.instant())).isEqualTo(1);

    assertThat(house.storage.stagedSize("stranger")).isZero();
    assertThat(house.storage.stagedSize(known)).isEqualTo(4);
  }

  @Test
  void bytesWhoseLinkCouldNotBeWrittenGoToTheCollectorToo() {
    String id = house.uploads.start(ALICE, APP, Digest.Algorithm.SHA256);
    house.uploads.append(ALICE, APP, id, null, body("blob"));
    house.metadata.close();
    try {
      house.uploads.finish(ALICE, APP, id, BLOB, null, body());
      throw new AssertionError("the link can't have been written");
    } catch (MetadataException closed) {
      assertThat(closed).hasMessageContaining("closed");
    }

    assertThat(house.digests.size()).as("digests that are still locked").isZero();
    assertThat(house.storage.committed(id)).contains(new Trace(BLOB, true));
  }
}
