package io.berth.registry;

import static io.berth.oci.Documents.digest;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.BOB;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.NOBODY;
import static io.berth.registry.House.START;
import static io.berth.registry.House.body;
import static io.berth.registry.House.broken;
import static io.berth.registry.House.caught;
import static io.berth.registry.House.refusal;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.Law;
import io.berth.oci.BlobContent;
import io.berth.oci.ContentRange;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.RepositoryName;
import io.berth.registry.Uploads.Progress.OutOfOrder;
import io.berth.registry.Uploads.Progress.Taken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uploads by one client at a time; {@link ConcurrentUploadsTest} has several. */
final class UploadsTest {

  @TempDir Path folder;

  private House house;
  private Uploads uploads;
  private String id;

  @BeforeEach
  void begin() {
    house = new House(folder);
    uploads = house.uploads;
    id = uploads.start(ALICE, APP, Digest.Algorithm.SHA256);
  }

  @AfterEach
  void end() {
    house.close();
  }

  private static ContentRange range(long first, long last) {
    return new ContentRange(first, last);
  }

  private long status() {
    return uploads.status(ALICE, APP, id);
  }

  private String content(RepositoryName repository, Digest digest) throws IOException {
    try (BlobContent content = house.blobs.open(ALICE, repository, digest)) {
      ByteBuffer into = ByteBuffer.allocate(Math.toIntExact(content.size()));
      content.read(into, 0);
      return new String(into.array(), UTF_8);
    }
  }

  private boolean isUnknown(Caller caller, RepositoryName repository, String upload) {
    var unknown = List.of(ErrorCode.BLOB_UPLOAD_UNKNOWN);
    return refusal(() -> uploads.status(caller, repository, upload)).equals(unknown)
        && refusal(() -> uploads.append(caller, repository, upload, null, body("x"))).equals(unknown)
        && refusal(() -> uploads.finish(caller, repository, upload, digest(""), null, body())).equals(unknown)
        && refusal(() -> uploads.cancel(caller, repository, upload)).equals(unknown);
  }

  @Test
  void aBlobIsPushedInChunks() throws IOException {
    assertThat(status()).isZero();
    assertThat(uploads.append(ALICE, APP, id, range(0, 4), body("01", "234"))).isEqualTo(new Taken(5));
    assertThat(status()).isEqualTo(5);
    assertThat(uploads.append(ALICE, APP, id, range(5, 7), body("567"))).isEqualTo(new Taken(8));
    assertThat(uploads.finish(ALICE, APP, id, digest("0123456789"), range(8, 9), body("89"))).isEqualTo(new Taken(10));

    assertThat(content(APP, digest("0123456789"))).isEqualTo("0123456789");
    assertThat(house.blobs.size(ALICE, APP, digest("0123456789"))).isEqualTo(10);
    assertThat(isUnknown(ALICE, APP, id)).isTrue();
  }

  @Test
  void whoAsksForTheStatusStagesNothing() throws IOException {
    uploads.status(ALICE, APP, id);

    house.storage.leftovers(Instant.MAX, upload -> {
      throw new AssertionError(upload);
    });
  }

  @Test
  void aStreamWithoutRangesIsAppended() throws IOException {
    assertThat(uploads.append(ALICE, APP, id, null, body("hello", ", ", "world"))).isEqualTo(new Taken(12));
    uploads.append(ALICE, APP, id, null, body());
    uploads.finish(ALICE, APP, id, digest("hello, world!"), null, body("!"));

    assertThat(content(APP, digest("hello, world!"))).isEqualTo("hello, world!");
  }

  @Test
  void aBlobIsPushedInOneRequest() throws IOException {
    uploads.push(ALICE, APP, digest("content"), body("con", "tent"));

    assertThat(content(APP, digest("content"))).isEqualTo("content");
  }

  @Test
  void theEmptyBlobIsPushedLikeAnyOther() throws IOException {
    uploads.finish(ALICE, APP, id, digest(""), null, body());

    assertThat(content(APP, digest(""))).isEmpty();
    uploads.push(ALICE, LIB, digest(""), body());
    assertThat(house.blobs.size(ALICE, LIB, digest(""))).isZero();
  }

  @Test
  void aChunkOutOfOrderIsNotTakenAndTheUploadGoesOn() throws IOException {
    uploads.append(ALICE, APP, id, range(0, 4), body("01234"));

    assertThat(uploads.append(ALICE, APP, id, range(6, 7), body("67"))).isEqualTo(new OutOfOrder(5));
    assertThat(uploads.append(ALICE, APP, id, range(0, 4), body("01234"))).isEqualTo(new OutOfOrder(5));
    assertThat(uploads.append(ALICE, APP, id, range(4, 5), body("45"))).isEqualTo(new OutOfOrder(5));
    assertThat(uploads.finish(ALICE, APP, id, digest("01234"), range(9, 9), body("9"))).isEqualTo(new OutOfOrder(5));
    assertThat(status()).isEqualTo(5);

    uploads.finish(ALICE, APP, id, digest("012345"), range(5, 5), body("5"));
    assertThat(content(APP, digest("012345"))).isEqualTo("012345");
  }

  @Test
  void aBodyShorterOrLongerThanItsRangeChangesNothing() throws IOException {
    uploads.append(ALICE, APP, id, null, body("abc"));
    for (var wrong : List.of(body("d"), body("de", "f"), body("defghijk"), body())) {
      assertThat(refusal(() -> uploads.append(ALICE, APP, id, range(3, 4), wrong))).containsExactly(ErrorCode.SIZE_INVALID);
      assertThat(status()).isEqualTo(3);
    }
    assertThat(refusal(() -> uploads.finish(ALICE, APP, id, digest("abcd"), range(3, 4), body("d"))))
        .containsExactly(ErrorCode.SIZE_INVALID);
    assertThat(status()).isEqualTo(3);

    uploads.append(ALICE, APP, id, range(3, 4), body("de"));
    uploads.finish(ALICE, APP, id, digest("abcde"), null, body());
    assertThat(content(APP, digest("abcde"))).isEqualTo("abcde");
  }

  @Test
  void anEndlessBodyIsNotReadMuchBeyondItsRange() {
    int[] read = {0};
    refusal(() -> uploads.append(ALICE, APP, id, range(0, 9), () -> {
      read[0]++;
      return ByteBuffer.wrap(new byte[8]);
    }));
    assertThat(read[0]).isLessThan(5);
    assertThat(status()).isZero();
  }

  @Test
  void bytesThatArrivedBeforeTheBodyBrokeOffAreKept() throws IOException {
    assertThat(refusal(() -> uploads.append(ALICE, APP, id, null, broken("hello", ", ")))).containsExactly(ErrorCode.BLOB_UPLOAD_INVALID);
    assertThat(status()).isEqualTo(7);
    assertThat(refusal(() -> uploads.append(ALICE, APP, id, range(7, 11), broken("wor")))).containsExactly(ErrorCode.BLOB_UPLOAD_INVALID);
    assertThat(status()).isEqualTo(10);
    assertThat(refusal(() -> uploads.finish(ALICE, APP, id, digest("hello, world"), null, broken("l")))).containsExactly(
        ErrorCode.BLOB_UPLOAD_INVALID);
    assertThat(status()).isEqualTo(11);

    uploads.finish(ALICE, APP, id, digest("hello, world"), range(11, 11), body("d"));
    assertThat(content(APP, digest("hello, world"))).isEqualTo("hello, world");
  }

  @Test
  void anUploadGoesOnAfterARestart() throws IOException {
    uploads.append(ALICE, APP, id, null, body("hello"));
    refusal(() -> uploads.append(ALICE, APP, id, null, broken(", ")));
    uploads = house.freshUploads();

    assertThat(status()).isEqualTo(7);
    uploads.append(ALICE, APP, id, range(7, 9), body("wor"));
    uploads = house.freshUploads();
    uploads.finish(ALICE, APP, id, digest("hello, world"), null, body("ld"));

    assertThat(content(APP, digest("hello, world"))).isEqualTo("hello, world");
  }

  @Test
  void anotherProcessMayGoOnAndTheFirstAgain() throws IOException {
    Uploads other = house.freshUploads();
    uploads.append(ALICE, APP, id, null, body("a"));
    other.append(ALICE, APP, id, null, body("b"));
    uploads.append(ALICE, APP, id, null, body("c"));
    other.append(ALICE, APP, id, null, body("d"));
    uploads.finish(ALICE, APP, id, digest("abcd"), null, body());

    assertThat(content(APP, digest("abcd"))).isEqualTo("abcd");
  }

  @Test
  void anAlgorithmThatWasNotAnnouncedIsVerifiedAllTheSame() throws IOException {
    Digest sha512 = Digest.Algorithm.SHA512.of(Documents.bytes("hello, world"));
    uploads.append(ALICE, APP, id, null, body("hello"));
    uploads.finish(ALICE, APP, id, sha512, null, body(", world"));

    assertThat(content(APP, sha512)).isEqualTo("hello, world");
    assertThat(refusal(() -> house.blobs.size(ALICE, APP, digest("hello, world")))).containsExactly(ErrorCode.BLOB_UNKNOWN);
  }

  @Test
  void anAnnouncedAlgorithmMayBeLeftForSha256() throws IOException {
    String announced = uploads.start(ALICE, APP, Digest.Algorithm.SHA512);
    uploads.append(ALICE, APP, announced, null, body("x"));
    uploads.finish(ALICE, APP, announced, digest("xy"), null, body("y"));

    assertThat(content(APP, digest("xy"))).isEqualTo("xy");
  }

  @Test
  void aWrongDigestEndsTheUpload() {
    uploads.append(ALICE, APP, id, null, body("content"));
    var refused = caught(() -> uploads.finish(ALICE, APP, id, digest("other"), null, body()));

    assertThat(refused.problems().getFirst().code()).isEqualTo(ErrorCode.DIGEST_INVALID);
    assertThat(refused).hasMessageContaining(digest("content").toString());
    assertThat(isUnknown(ALICE, APP, id)).isTrue();
    assertThat(house.staged(id)).isZero();
    assertThat(refusal(() -> house.blobs.size(ALICE, APP, digest("content")))).containsExactly(ErrorCode.BLOB_UNKNOWN);
    assertThat(house.storage.open(digest("other"))).isEmpty();
    assertThat(house.storage.open(digest("content"))).isEmpty();
  }

  @Test
  void aPushInOneRequestLeavesNothingWhenItFails() {
    assertThat(refusal(() -> uploads.push(ALICE, APP, digest("other"), body("content")))).containsExactly(ErrorCode.DIGEST_INVALID);
    assertThat(refusal(() -> uploads.push(ALICE, APP, digest("content"), broken("con")))).containsExactly(ErrorCode.BLOB_UPLOAD_INVALID);

    assertThat(house.staged("upload2")).isZero();
    assertThat(house.staged("upload3")).isZero();
    assertThat(isUnknown(ALICE, APP, "upload2")).isTrue();
    assertThat(isUnknown(ALICE, APP, "upload3")).isTrue();
    assertThat(house.storage.open(digest("content"))).isEmpty();
  }

  @Test
  void toCloseAnUploadTwiceInTheSameWayIsFine() throws IOException {
    uploads.append(ALICE, APP, id, null, body("content"));
    uploads.finish(ALICE, APP, id, digest("content"), null, body());
    uploads.finish(ALICE, APP, id, digest("content"), null, body());

    assertThat(content(APP, digest("content"))).isEqualTo("content");
    assertThat(refusal(() -> uploads.finish(ALICE, APP, id, digest("other"), null, body()))).containsExactly(ErrorCode.BLOB_UPLOAD_UNKNOWN);
    assertThat(refusal(() -> uploads.finish(BOB, APP, id, digest("content"), null, body()))).containsExactly(ErrorCode.BLOB_UPLOAD_UNKNOWN);
    assertThat(refusal(() -> uploads.finish(ALICE, LIB, id, digest("content"), null, body())))
        .containsExactly(ErrorCode.BLOB_UPLOAD_UNKNOWN);
  }

  @Test
  void toOthersAndInOtherRepositoriesAnUploadDoesNotExist() {
    uploads.append(ALICE, APP, id, null, body("abc"));

    assertThat(isUnknown(BOB, APP, id)).isTrue();
    assertThat(isUnknown(NOBODY, APP, id)).isTrue();
    assertThat(isUnknown(ALICE, LIB, id)).isTrue();
    assertThat(isUnknown(ALICE, APP, "never")).isTrue();
    assertThat(status()).isEqualTo(3);
    uploads.finish(ALICE, APP, id, digest("abc"), null, body());
  }

  @Test
  void identifiersThatWereNeverGivenOutAreUnknownWhateverTheyLookLike() {
    for (String strange : List.of("", "..", "../upload1", "/etc/passwd", "a\0b", "UPLOAD1", "upload1 ", "%2e%2e")) {
      assertThat(isUnknown(ALICE, APP, strange)).as(strange).isTrue();
    }
  }

  @Test
  void aCancelledUploadIsGone() {
    uploads.append(ALICE, APP, id, null, body("abc"));
    uploads.cancel(ALICE, APP, id);

    assertThat(isUnknown(ALICE, APP, id)).isTrue();
    assertThat(house.staged(id)).isZero();
  }

  @Test
  void anUploadDoesNotBringItsRepositoryIntoBeing() {
    uploads.append(ALICE, APP, id, null, body("abc"));
    assertThat(house.repositories.list(ALICE, "", 10).repositories()).isEmpty();

    uploads.finish(ALICE, APP, id, digest("abc"), null, body());
    assertThat(house.repositories.list(ALICE, "", 10).repositories()).containsExactly(APP);
  }

  @Test
  void idleUploadsExpireAndTouchedOnesStay() {
    String touched = uploads.start(ALICE, APP, Digest.Algorithm.SHA256);
    uploads.append(ALICE, APP, id, null, body("abc"));
    uploads.append(ALICE, APP, touched, null, body("abc"));
    house.pass(Duration.ofHours(2));
    uploads.append(ALICE, APP, touched, null, body("def"));

    assertThat(uploads.expire(START, 10)).isZero();
    assertThat(uploads.expire(START.plus(Duration.ofHours(1)), 10)).isEqualTo(1);

    assertThat(isUnknown(ALICE, APP, id)).isTrue();
    assertThat(house.staged(id)).isZero();
    assertThat(uploads.status(ALICE, APP, touched)).isEqualTo(6);
    assertThat(uploads.expire(START.plus(Duration.ofHours(1)), 10)).isZero();
  }

  @Test
  void anUploadWhoseBodyBrokeOffHasBeenTouched() {
    house.pass(Duration.ofHours(2));
    refusal(() -> uploads.append(ALICE, APP, id, null, broken("abc")));

    assertThat(uploads.expire(START.plus(Duration.ofHours(1)), 10)).isZero();
    assertThat(status()).isEqualTo(3);
  }

  @Test
  void noMoreUploadsExpireAtOnceThanAskedFor() {
    for (int i = 0; i < 5; i++) {
      uploads.start(ALICE, APP, Digest.Algorithm.SHA256);
    }
    house.pass(Duration.ofHours(2));

    assertThat(uploads.expire(house.now.get(), 4)).isEqualTo(4);
    assertThat(uploads.expire(house.now.get(), 4)).isEqualTo(2);
    assertThat(uploads.expire(house.now.get(), 4)).isZero();
  }

  private record Chunk(String text, boolean ranged, boolean wrong, boolean breaks, boolean restart) {}

  private static List<Chunk> chunks(RandomGenerator random) {
    var chunks = new ArrayList<Chunk>();
    for (int i = random.nextInt(1, 10); i > 0; i--) {
      chunks.add(
          new Chunk(Integer.toString(random.nextInt(1 << 20), 36), random.nextBoolean(), random.nextInt(4) == 0, random.nextInt(4) == 0,
              random.nextInt(4) == 0));
    }
    return chunks;
  }

  /** However chunks come, fail and restart: what was taken is what the blob is. */
  @Test
  void theBlobIsWhatWasTakenInOrder() {
    Law.forAll(60, UploadsTest::chunks, chunks -> {
      String upload = uploads.start(ALICE, APP, Digest.Algorithm.SHA256);
      var expected = new StringBuilder();
      for (Chunk chunk : chunks) {
        long at = expected.length() + (chunk.wrong ? 1L : 0L);
        ContentRange range = chunk.ranged ? range(at, at + chunk.text.length() - 1) : null;
        if (chunk.ranged && chunk.wrong) {
          assertThat(uploads.append(ALICE, APP, upload, range, body(chunk.text))).isEqualTo(new OutOfOrder(expected.length()));
        } else if (chunk.breaks) {
          refusal(() -> uploads.append(ALICE, APP, upload, range, broken(chunk.text)));
          expected.append(chunk.text);
        } else {
          uploads.append(ALICE, APP, upload, range, body(chunk.text));
          expected.append(chunk.text);
        }
        uploads = chunk.restart ? house.freshUploads() : uploads;
        assertThat(uploads.status(ALICE, APP, upload)).isEqualTo(expected.length());
      }
      Digest digest = digest(expected.toString());
      uploads.finish(ALICE, APP, upload, digest, null, body());
      assertThat(content(APP, digest)).isEqualTo(expected.toString());
    });
  }
}
