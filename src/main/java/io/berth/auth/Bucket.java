package io.berth.auth;

import java.time.Duration;
import java.util.Optional;

/** A bucket that leaks, one drop in an interval. Safe for any thread. */
final class Bucket {

  private final Size size;
  private double level;
  private long seen;

  /**
   * How large buckets of a kind are.
   *
   * @param drops what one holds
   * @param leak the time in which it loses one
   */
  record Size(int drops, Duration leak) {}

  Bucket(Size size, long now) {
    this.size = size;
    this.seen = now;
  }

  private void leak(long now) {
    if (now > seen) {
      level = Math.max(0, level - (double) (now - seen) / size.leak.toNanos());
      seen = now;
    }
  }

  /**
   * Adds a drop, if there are fewer than {@code most} in it.
   *
   * @return otherwise how long it takes until there will be
   */
  synchronized Optional<Duration> add(long now, int most) {
    Optional<Duration> left = left(now, most);
    if (left.isEmpty()) {
      level++;
    }
    return left;
  }

  /** How long it takes until there are fewer than {@code most} in it; empty if there are. */
  synchronized Optional<Duration> left(long now, int most) {
    leak(now);
    return level > most - 1 ? Optional.of(Duration.ofNanos((long) Math.ceil((level - (most - 1)) * size.leak.toNanos())))
        : Optional.empty();
  }

  /** Adds a drop, which is lost if the bucket is full. */
  synchronized void overflow(long now) {
    leak(now);
    level = Math.min(size.drops, level + 1);
  }

  /** Whether there is no room for another. */
  synchronized boolean isFull(long now) {
    leak(now);
    return level > size.drops - 1;
  }

  /** Takes a drop back. */
  synchronized void take() {
    level = Math.max(0, level - 1);
  }
}
