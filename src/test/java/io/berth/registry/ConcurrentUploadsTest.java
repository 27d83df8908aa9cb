package io.berth.registry;

import static io.berth.oci.Documents.bytes;
import static io.berth.oci.Documents.digest;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.START;
import static io.berth.registry.House.body;
import static io.berth.registry.House.inThreads;
import static io.berth.registry.House.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.berth.oci.BlobSource;
import io.berth.oci.ContentRange;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.registry.Uploads.Progress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several requests on one upload, and on one blob. */
final class ConcurrentUploadsTest {

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

  /** A body whose end waits until the test lets it come. */
  private static final class Slow implements BlobSource {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final BlobSource whole;

    Slow(String... pieces) {
      this.whole = body(pieces);
    }

    @Override
    public ByteBuffer next() throws IOException {
      ByteBuffer next = whole.next();
      if (next != null) {
        return next;
      }
      begun.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        throw new InterruptedIOException();
      }
      return null;
    }
  }

  private static <T> Running<T> run(java.util.concurrent.Callable<T> task) {
    var future = new FutureTask<>(task);
    return new Running<>(Thread.ofPlatform().start(future), future);
  }

  private record Running<T>(Thread thread, FutureTask<T> future) {

    /** Waits until the thread waits for a lock. */
    Running<T> isWaiting() {
      await().atMost(Duration.ofSeconds(9)).until(() -> thread.getState() == Thread.State.TIMED_WAITING);
      return this;
    }

    T result() throws Exception {
      try {
        return future.get();
      } catch (ExecutionException e) {
        throw (Exception) e.getCause();
      }
    }
  }

  @Test
  void theSecondOfTwoWritersWaitsAndTheirBytesNeverMix() throws Exception {
    var slow = new Slow("first", " first");
    Running<Progress> first = run(() -> uploads.append(ALICE, APP, id, null, slow));
    slow.begun.await();
    Running<Progress> second = run(() -> uploads.append(ALICE, APP, id, null, body(" second"))).isWaiting();
    assertThat(uploads.status(ALICE, APP, id)).isEqualTo(11);

    slow.release.countDown();
    assertThat(first.result()).isEqualTo(new Progress.Taken(11));
    assertThat(second.result()).isEqualTo(new Progress.Taken(18));
    uploads.finish(ALICE, APP, id, digest("first first second"), null, body());
  }

  @Test
  void aWriterWhoseTurnDoesNotComeIsRefusedAndItsBytesAreNotTaken() throws Exception {
    var slow = new Slow("first");
    Running<Progress> first = run(() -> uploads.append(ALICE, APP, id, null, slow));
    slow.begun.await();
    Running<String> second = run(() -> {
      uploads.append(ALICE, APP, id, null, body("second"));
      return "taken";
    }).isWaiting();
    second.thread.interrupt();

    try {
      assertThat(second.result()).isNull();
    } catch (RegistryException refused) {
      assertThat(refused.status()).isEqualTo(409);
    }
    slow.release.countDown();
    assertThat(first.result()).isEqualTo(new Progress.Taken(5));
  }

  @Test
  void aClosingRequestThatWaitedForAnEqualOneSucceeds() throws Exception {
    var slow = new Slow("content");
    Running<Progress> first = run(() -> uploads.finish(ALICE, APP, id, digest("content"), null, slow));
    slow.begun.await();
    Running<Progress> second = run(() -> uploads.finish(ALICE, APP, id, digest("content"), null, body())).isWaiting();

    slow.release.countDown();
    assertThat(first.result()).isEqualTo(new Progress.Taken(7));
    assertThat(second.result()).isInstanceOf(Progress.Taken.class);
    assertThat(house.blobs.size(ALICE, APP, digest("content"))).isEqualTo(7);
  }

  @Test
  void aChunkThatWaitedForTheUploadsEndIsRefusedAndLeavesNothing() throws Exception {
    var slow = new Slow("content");
    Running<Progress> first = run(() -> uploads.finish(ALICE, APP, id, digest("content"), null, slow));
    slow.begun.await();
    Running<Progress> late = run(() -> uploads.append(ALICE, APP, id, null, body("late"))).isWaiting();
    slow.release.countDown();

    assertThat(first.result()).isEqualTo(new Progress.Taken(7));
    try {
      assertThat(late.result()).isNull();
    } catch (RegistryException refused) {
      assertThat(refused.problems().getFirst().code()).isEqualTo(ErrorCode.BLOB_UPLOAD_UNKNOWN);
    }
    assertThat(house.staged(id)).isZero();
  }

  @Test
  void anUploadOnWhichARequestWorksDoesNotExpire() throws Exception {
    var slow = new Slow("first");
    Running<Progress> first = run(() -> uploads.append(ALICE, APP, id, null, slow));
    slow.begun.await();
    house.pass(Duration.ofDays(9));
    uploads.expire(START.plus(Duration.ofDays(8)), 10);
    slow.release.countDown();

    assertThat(first.result()).isEqualTo(new Progress.Taken(5));
    assertThat(uploads.expire(START.plus(Duration.ofDays(8)), 10)).isZero();
    assertThat(uploads.status(ALICE, APP, id)).isEqualTo(5);
  }

  @Test
  void ofManyWritersOfTheSameChunkOneWins() throws Exception {
    var taken = new AtomicInteger();
    inThreads(8, number -> {
      var progress = uploads.append(ALICE, APP, id, new ContentRange(0, 3), body("w" + number, "w" + number));
      if (progress instanceof Progress.Taken) {
        taken.incrementAndGet();
      }
      assertThat(progress.received()).isEqualTo(4);
    });
    assertThat(taken).hasValue(1);
    assertThat(uploads.status(ALICE, APP, id)).isEqualTo(4);
  }

  @Test
  void aRaceOfChunksClosingAndCancellingLeavesEitherABlobOrNothing() throws Exception {
    for (int round = 0; round < 30; round++) {
      String content = "content " + round;
      String upload = uploads.start(ALICE, APP, Digest.Algorithm.SHA256);
      uploads.append(ALICE, APP, upload, null, body(content));
      var outcomes = new ConcurrentLinkedQueue<String>();
      inThreads(4, number -> {
        try {
          switch (number) {
            case 0 -> uploads.cancel(ALICE, APP, upload);
            case 1 -> uploads.finish(ALICE, APP, upload, digest(content), new ContentRange(content.length(), content.length()), body("!"));
            default -> uploads.finish(ALICE, APP, upload, digest(content), null, body());
          }
          outcomes.add("" + number);
        } catch (RegistryException e) {
          assertThat(e.problems().getFirst().code()).isIn(ErrorCode.BLOB_UPLOAD_UNKNOWN, ErrorCode.DIGEST_INVALID);
        }
      });
      boolean there = house.storage.open(digest(content)).isPresent();
      assertThat(there).isEqualTo(outcomes.contains("2") || outcomes.contains("3"));
      assertThat(house.staged(upload)).isZero();
      assertThat(refusal(() -> uploads.status(ALICE, APP, upload))).containsExactly(ErrorCode.BLOB_UPLOAD_UNKNOWN);
    }
  }

  @Test
  void manyClientsPushTheSameAndOtherBlobsAtOnce() throws Exception {
    inThreads(16, number -> {
      for (int i = 0; i < 10; i++) {
        uploads.push(ALICE, APP, digest("shared " + i), body("shared ", "" + i));
        uploads.push(ALICE, APP, digest(number + "/" + i), body(number + "/" + i));
        assertThat(house.blobs.size(ALICE, APP, digest("shared " + i))).isEqualTo(bytes("shared " + i).length);
      }
    });
    for (int i = 0; i < 10; i++) {
      house.blobs.open(ALICE, APP, digest("shared " + i)).close();
      house.blobs.open(ALICE, APP, digest("15/" + i)).close();
    }
  }

  @Test
  void aWrongPushDoesNotDisturbARightOneOfTheSameDigest() throws Exception {
    Digest right = digest("right");
    inThreads(8, number -> {
      for (int i = 0; i < 20; i++) {
        if (number % 2 == 0) {
          uploads.push(ALICE, APP, right, body("right"));
        } else {
          assertThat(refusal(() -> uploads.push(ALICE, APP, right, body("wrong")))).containsExactly(ErrorCode.DIGEST_INVALID);
        }
      }
    });
    assertThat(house.blobs.size(ALICE, APP, right)).isEqualTo(5);
    house.blobs.open(ALICE, APP, right).close();
  }
}
