package io.berth.registry;

import static io.berth.registry.House.caught;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class HeadroomTest {

  private static final long MIB = 1 << 20;
  private static final long RESERVE = 100 * MIB;

  private long free = 500 * MIB;
  private boolean broken;
  private int asked;
  private long now = 7;

  private final Headroom headroom = new Headroom(() -> {
    asked++;
    if (broken) {
      throw new IOException("Input/output error");
    }
    return free;
  }, RESERVE, () -> now);

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private void write(long bytes) {
    headroom.take(bytes);
    free -= bytes;
  }

  @Test
  void writingEndsBeforeTheReserveIsTouched() {
    for (int i = 0; i < 40; i++) {
      write(10 * MIB);
    }

    RegistryException refusal = caught(() -> headroom.take(1));

    assertThat(free).isEqualTo(RESERVE);
    assertThat(refusal.status()).isEqualTo(507);
    assertThat(refusal.problems()).singleElement().matches(problem -> problem.code() == ErrorCode.DENIED);
  }

  @Test
  void whatIsUnderWayMayUseTheLastOfItWhenNothingNewIsBegun() {
    free = RESERVE + MIB / 2;

    assertThat(caught(() -> headroom.require(0)).status()).isEqualTo(507);
    write(MIB / 2);
    assertThat(caught(() -> headroom.take(1)).status()).isEqualTo(507);
  }

  @Test
  void theDiskIsNotAskedAboutEachPiece() {
    for (int i = 0; i < 1_000; i++) {
      write(2);
    }
    assertThat(asked).isEqualTo(1);
  }

  @Test
  void whatOthersWriteIsNoticedSoon() {
    write(10 * MIB);
    free = RESERVE - 1;
    pass(Duration.ofSeconds(1));

    assertThat(caught(() -> headroom.take(1)).status()).isEqualTo(507);
    assertThat(caught(() -> headroom.require(0)).getMessage()).contains("disk is full", "pulls and deletions go on");
    assertThat(headroom.warning()).hasValueSatisfying(words -> assertThat(words).contains("disk is full"));
  }

  @Test
  void roomIsNoticedAtOnce() {
    free = 0;
    assertThat(caught(() -> headroom.require(0)).status()).isEqualTo(507);
    free = 500 * MIB;

    headroom.require(0);
    headroom.take(10 * MIB);
    assertThat(headroom.warning()).isEmpty();
  }

  @Test
  void aBodyThatSaysThatItIsTooLongIsRefusedAndASmallerOneIsNot() {
    assertThat(caught(() -> headroom.require(400 * MIB + 1)).getMessage()).contains("no room for 419430401 bytes");
    headroom.require(400 * MIB);
    assertThat(headroom.warning()).isEmpty();
    write(400 * MIB);
  }

  @Test
  void theReserveCanBeChangedWhileItRuns() {
    free = 90 * MIB;
    assertThat(caught(() -> headroom.require(0)).status()).isEqualTo(507);

    headroom.reserve(0);

    headroom.require(90 * MIB);
    assertThat(headroom.reserve()).isZero();
  }

  /** Four write a piece each when the last answer is too old, and there is room for three. */
  @Test
  void whoComesWhileTheDiskIsAskedSharesTheAnswerAndWhatIsTakenIsCounted() throws Exception {
    var threads = new ArrayList<Thread>();
    var questions = new AtomicInteger();
    var refused = new AtomicInteger();
    var shared = new Headroom(() -> {
      questions.incrementAndGet();
      while (threads.stream().filter(thread -> thread.getState() == Thread.State.BLOCKED).count() < 3) {
        Thread.onSpinWait();
      }
      return RESERVE + 3 * MIB;
    }, RESERVE, () -> now);
    for (int i = 0; i < 4; i++) {
      threads.add(new Thread(() -> {
        try {
          shared.take(MIB);
        } catch (RegistryException full) {
          refused.incrementAndGet();
        }
      }));
    }

    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(questions).hasValue(1);
    assertThat(refused).hasValue(1);
  }

  /** The write itself then tells what is wrong. */
  @Test
  void whereTheDiskDoesNotAnswerNothingIsRefused() {
    broken = true;

    headroom.require(1_000_000);
    headroom.take(1_000_000);

    assertThat(asked).isPositive();
  }
}
