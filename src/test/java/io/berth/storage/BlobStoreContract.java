package io.berth.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.Law;
import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.storage.BlobStore.Trace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What every blob store keeps. */
public abstract class BlobStoreContract extends BlobStoreUnderTest {

  @Test
  void anUploadIsEmptyAtFirst() throws IOException {
    try (Staged staged = store.stage("new")) {
      assertThat(staged.upload()).isEqualTo("new");
      assertThat(staged.size()).isZero();
      assertThat(staged.read(ByteBuffer.allocate(1), 0)).isEqualTo(-1);
    }
  }

  @Test
  void stagedBytesSurviveCloseAndReopening() throws IOException {
    append(store, "u1", "hello, ");
    append(store, "u1", "world");
    append(store, "u2", "other");

    assertThat(staged(store, "u1")).isEqualTo("hello, world");
    assertThat(staged(store, "u2")).isEqualTo("other");
  }

  @Test
  void appendTakesTheRemainingBytesOfTheBufferOnly() throws IOException {
    ByteBuffer direct = ByteBuffer.allocateDirect(10).put(bytes("0123456789")).flip().position(2).limit(5);
    ByteBuffer readOnly = ByteBuffer.wrap(bytes("abcdef"), 1, 2).asReadOnlyBuffer();
    try (Staged staged = store.stage("u")) {
      staged.append(direct);
      staged.append(readOnly);
      staged.append(ByteBuffer.allocate(0));
      assertThat(direct.hasRemaining()).isFalse();
      assertThat(readOnly.hasRemaining()).isFalse();
      assertThat(staged.size()).isEqualTo(5);
    }
    assertThat(staged(store, "u")).isEqualTo("234bc");
  }

  private static List<String> steps(RandomGenerator random) {
    var steps = new ArrayList<String>();
    for (int i = random.nextInt(12); i > 0; i--) {
      steps.add(random.nextInt(4) == 0 ? "" : Integer.toString(random.nextInt(), 36).repeat(random.nextInt(1, 400)));
    }
    return steps;
  }

  /** Each step appends a text, or cuts back to half. */
  @Test
  void stagedBytesAreWhatWasAppendedAndNotCutAway() {
    Law.forAll(200, BlobStoreContract::steps, steps -> {
      var expected = new StringBuilder();
      try (Staged staged = store.stage("law")) {
        for (String step : steps) {
          if (step.isEmpty()) {
            expected.setLength(expected.length() / 2);
            staged.truncate(expected.length());
          } else {
            expected.append(step);
            staged.append(ByteBuffer.wrap(bytes(step)));
          }
          assertThat(staged.size()).isEqualTo(expected.length());
        }
      }
      assertThat(staged(store, "law")).isEqualTo(expected.toString());
      store.discard("law");
    });
  }

  @Test
  void stagedBytesAreReadFromAnyPosition() throws IOException {
    try (Staged staged = store.stage("u")) {
      staged.append(ByteBuffer.wrap(bytes("0123456789")));
      ByteBuffer into = ByteBuffer.allocate(4);
      assertThat(staged.read(into, 8)).isEqualTo(2);
      assertThat(new String(into.array(), 0, 2, UTF_8)).isEqualTo("89");
      assertThat(staged.read(into.clear(), 10)).isEqualTo(-1);
      assertThat(staged.read(into, 1_000)).isEqualTo(-1);
    }
  }

  @Test
  void bytesThatAreWrittenAgainStayWhatTheyAre() throws IOException {
    try (Staged staged = store.stage("u")) {
      staged.append(ByteBuffer.wrap(bytes("0123456789")));
      staged.rewrite(ByteBuffer.wrap(bytes("2345")), 2);
      assertThat(staged.size()).isEqualTo(10);
      store.commit(staged, Digest.Algorithm.SHA256.of(bytes("0123456789")));
    }
    assertThat(text(store, Digest.Algorithm.SHA256.of(bytes("0123456789")))).contains("0123456789");
  }

  @Test
  void commitMakesTheWholeContentReadable() throws IOException {
    String large = "0123456789abcdef".repeat(100_000);
    Digest digest = push(store, "u", large);

    assertThat(text(store, digest)).contains(large);
    try (BlobContent content = store.open(digest).orElseThrow()) {
      assertThat(content.size()).isEqualTo(large.length());
      ByteBuffer into = ByteBuffer.allocate(4);
      assertThat(content.read(into, large.length() - 3)).isEqualTo(3);
      assertThat(new String(into.array(), 0, 3, UTF_8)).isEqualTo("def");
      assertThat(content.read(into, large.length())).isEqualTo(-1);
      assertThat(content.read(into, Long.MAX_VALUE / 2)).isEqualTo(-1);
    }
  }

  @Test
  void commitEndsTheUpload() throws IOException {
    push(store, "u", "content");

    assertThat(staged(store, "u")).isEmpty();
  }

  @Test
  void theStagedSizeIsAskedWithoutStagingAnything() throws IOException {
    append(store, "u", "hello");

    assertThat(store.stagedSize("u")).isEqualTo(5);
    assertThat(store.stagedSize("never")).isZero();
    assertThat(leftovers(Instant.MAX)).containsExactly("u");
    assertThatThrownBy(() -> store.stagedSize("../u")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aCommitLeavesATraceUntilTheUploadIsDiscarded() throws IOException {
    append(store, "u", "con");
    assertThat(store.committed("u")).isEmpty();

    commit(store, "u", "tent");
    assertThat(store.committed("u")).contains(new Trace(digest("tent"), true));
    assertThat(store.committed("other")).isEmpty();
    assertThat(store.stagedSize("u")).isZero();

    store.discard("u");
    assertThat(store.committed("u")).isEmpty();
    assertThat(leftovers(Instant.MAX)).isEmpty();
    assertThatThrownBy(() -> store.committed("../u")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTraceTellsADigestOfAnyAlgorithm() throws IOException {
    Digest sha512 = Digest.Algorithm.SHA512.of(bytes("content"));
    try (Staged staged = store.stage("u")) {
      staged.append(ByteBuffer.wrap(bytes("content")));
      store.commit(staged, sha512);
    }
    assertThat(store.committed("u")).contains(new Trace(sha512, true));
    try (Staged staged = store.stage("v")) {
      staged.append(ByteBuffer.wrap(bytes("content")));
      store.commit(staged, sha512);
    }
    assertThat(store.committed("v")).contains(new Trace(sha512, false));
  }

  @Test
  void anUploadThatIsBegunAgainAfterItsCommitLeavesTheNewTrace() throws IOException {
    commit(store, "u", "one");
    commit(store, "u", "two");

    assertThat(store.committed("u")).contains(new Trace(digest("two"), true));
  }

  /** The bytes that are there are somebody else's, and not to be taken away when this upload fails. */
  @Test
  void theTraceOfACommitOverWhatIsThereSaysSo() throws IOException {
    push(store, "u1", "content");
    commit(store, "u2", "content");

    assertThat(store.committed("u2")).contains(new Trace(digest("content"), false));
    store.delete(digest("content"));
    commit(store, "u3", "content");
    assertThat(store.committed("u3")).contains(new Trace(digest("content"), true));
  }

  /** The bytes came by this upload, and nobody else may have a name for them. */
  @Test
  void anUploadThatIsCommittedAgainKeepsItsTrace() throws IOException {
    commit(store, "u", "content");
    commit(store, "u", "content");

    assertThat(store.committed("u")).contains(new Trace(digest("content"), true));
  }

  @Test
  void whatIsThereIsMadeDurableAgainAndWhatIsNotIsNot() throws IOException {
    commit(store, "u", "content");
    append(store, "v", "half");

    assertThat(store.secure(digest("content"))).isTrue();
    assertThat(text(store, digest("content"))).contains("content");
    assertThat(store.secure(digest("half"))).isFalse();
    store.delete(digest("content"));
    assertThat(store.secure(digest("content"))).isFalse();
    assertThat(text(store, digest("content"))).isEmpty();
  }

  @Test
  void leftoversAreWhatNobodyHasTouchedSinceThen() throws IOException {
    append(store, "bytes", "half");
    commit(store, "trace", "content");
    append(store, "gone", "half");
    store.discard("gone");

    assertThat(leftovers(Instant.now().plusSeconds(60))).containsExactly("bytes", "trace");
    assertThat(leftovers(Instant.now().minusSeconds(60))).isEmpty();
  }

  @Test
  void theEmptyBlobIsABlob() throws IOException {
    Digest digest = push(store, "u", "");

    assertThat(text(store, digest)).contains("");
  }

  @Test
  void theSameBytesLiveUnderEachAlgorithmOnTheirOwn() throws IOException {
    Digest sha512 = Digest.Algorithm.SHA512.of(bytes("same"));
    try (Staged staged = store.stage("u")) {
      staged.append(ByteBuffer.wrap(bytes("same")));
      store.commit(staged, sha512);
    }
    Digest sha256 = push(store, "u", "same");
    store.delete(sha256);

    assertThat(text(store, sha512)).contains("same");
    assertThat(text(store, sha256)).isEmpty();
  }

  @Test
  void aBlobMayBeCommittedAgain() throws IOException {
    Digest digest = push(store, "u1", "content");
    try (BlobContent open = store.open(digest).orElseThrow()) {
      push(store, "u2", "content");

      assertThat(text(store, digest)).contains("content");
      assertThat(text(open)).isEqualTo("content");
    }
  }

  @Test
  void anUnknownBlobIsEmpty() throws IOException {
    assertThat(store.open(digest("never pushed"))).isEmpty();
  }

  @Test
  void stagedBytesAreNoBlob() throws IOException {
    append(store, "u", "content");

    assertThat(store.open(digest("content"))).isEmpty();
  }

  @Test
  void discardForgetsTheStagedBytesOfOneUpload() throws IOException {
    append(store, "u1", "one");
    append(store, "u2", "two");

    store.discard("u1");
    store.discard("never");

    assertThat(staged(store, "u1")).isEmpty();
    assertThat(staged(store, "u2")).isEqualTo("two");
  }

  @Test
  void deleteRemovesOneBlob() throws IOException {
    Digest one = push(store, "u", "one");
    Digest two = push(store, "u", "two");

    store.delete(one);
    store.delete(one);
    store.delete(digest("never pushed"));

    assertThat(text(store, one)).isEmpty();
    assertThat(text(store, two)).contains("two");
    push(store, "u", "one");
    assertThat(text(store, one)).contains("one");
  }

  @Test
  void openContentStaysReadableAfterDeletion() throws IOException {
    Digest digest = push(store, "u", "content");
    try (BlobContent open = store.open(digest).orElseThrow()) {
      store.delete(digest);

      assertThat(text(open)).isEqualTo("content");
    }
  }

  @Test
  void twoReadersDoNotDisturbEachOther() throws IOException {
    Digest digest = push(store, "u", "content");
    try (BlobContent one = store.open(digest).orElseThrow()) {
      try (BlobContent two = store.open(digest).orElseThrow()) {
        assertThat(text(one)).isEqualTo("content");
        assertThat(text(two)).isEqualTo("content");
      }
      assertThat(text(one)).isEqualTo("content");
    }
  }

  @Test
  void anIdentifierWithAnythingButLettersAndDigitsIsRefused() {
    for (String upload : List.of("", ".", "..", "../x", "a/b", "/etc/passwd", "a\\b", "a\0", "a.b", "a-b", "a b", "a\n", "%2e%2e",
        "\u0430")) {
      assertThatThrownBy(() -> append(store, upload, "x")).as(upload).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> store.discard(upload)).as(upload).isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** Runs the tasks at once, and waits for all of them. */
  protected static void atOnce(List<Callable<Object>> tasks) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Object> done : threads.invokeAll(tasks)) {
        done.get();
      }
    }
  }

  @Test
  void manyThreadsCommitDifferentAndEqualBlobs() throws Exception {
    var tasks = new ArrayList<Callable<Object>>();
    for (int i = 0; i < 40; i++) {
      String upload = "u" + i;
      String own = "own " + i;
      tasks.add(() -> {
        push(store, upload, "shared");
        push(store, upload, own);
        assertThat(text(store, digest("shared"))).contains("shared");
        return assertThat(text(store, digest(own))).contains(own);
      });
    }
    atOnce(tasks);

    for (int i = 0; i < 40; i++) {
      assertThat(text(store, digest("own " + i))).contains("own " + i);
    }
    assertThat(text(store, digest("shared"))).contains("shared");
  }

  @Test
  void readersSeeAWholeBlobOrNoneWhileItComesAndGoes() throws Exception {
    char[] letters = new char[200_000];
    Arrays.fill(letters, 'x');
    String large = new String(letters);
    Digest digest = digest(large);
    var tasks = new ArrayList<Callable<Object>>();
    for (int i = 0; i < 8; i++) {
      String upload = "u" + i;
      tasks.add(() -> {
        for (int round = 0; round < 5; round++) {
          push(store, upload, large);
          store.delete(digest);
        }
        return upload;
      });
      tasks.add(() -> {
        for (int round = 0; round < 50; round++) {
          assertThat(text(store, digest)).matches(seen -> seen.isEmpty() || seen.get().equals(large), "whole or absent");
        }
        return upload;
      });
    }
    atOnce(tasks);
  }
}
