package io.berth.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.Documents;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class DigestLocksTest {

  private static final Digest ONE = Documents.digest("one");
  private static final Digest TWO = Documents.digest("two");

  private final DigestLocks locks = new DigestLocks(ReentrantReadWriteLock::new);

  @Test
  void pushesShareADigest() throws Exception {
    var both = new CyclicBarrier(2);
    House.inThreads(2, _ -> {
      try (var _ = locks.share(ONE)) {
        both.await(30, TimeUnit.SECONDS);
      }
    });
    assertThat(locks.size()).isZero();
  }

  @Test
  void whoOwnsADigestIsAloneWithIt() throws Exception {
    var inside = new AtomicInteger();
    House.inThreads(8, number -> {
      for (int i = 0; i < 500; i++) {
        if (number % 2 == 0) {
          try (var _ = locks.own(ONE)) {
            assertThat(inside.getAndAdd(1_000)).isZero();
            inside.addAndGet(-1_000);
          }
        } else {
          try (var _ = locks.share(ONE)) {
            assertThat(inside.getAndIncrement()).isLessThan(8);
            inside.getAndDecrement();
          }
        }
      }
    });
    assertThat(inside).hasValue(0);
    assertThat(locks.size()).as("what is left when nobody has a digest").isZero();
  }

  @Test
  void nobodyWaitsForAnotherDigest() throws Exception {
    var both = new CyclicBarrier(2);
    House.inThreads(2, number -> {
      try (var _ = locks.own(number == 0 ? ONE : TWO)) {
        both.await(30, TimeUnit.SECONDS);
      }
    });
  }

  @Test
  void allWaitingIsDoneInTheLocksThatAreGiven() {
    var made = new AtomicInteger();
    var counted = new DigestLocks(() -> {
      made.incrementAndGet();
      return new ReentrantReadWriteLock();
    });
    try (var _ = counted.share(ONE); var _ = counted.share(ONE); var _ = counted.own(TWO)) {
      assertThat(counted.size()).isEqualTo(2);
    }
    assertThat(made).hasValue(2);
    assertThat(counted.size()).isZero();
  }
}
