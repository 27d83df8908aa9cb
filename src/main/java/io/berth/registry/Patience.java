package io.berth.registry;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;

/** How a request waits for a lock that another one holds, and when it gives up. Safe for any thread. */
@FunctionalInterface
public interface Patience {

  /**
   * Waits for the lock.
   *
   * @return whether the caller has it now, and must release it
   */
  boolean take(Lock lock) throws InterruptedException;

  /** How a request waits for another one on the same upload: for the time in which a broken connection is usually noticed. */
  Patience OF_A_REQUEST = of(Duration.ofSeconds(10));

  /** To wait as long as this and no longer. */
  static Patience of(Duration longest) {
    return lock -> lock.tryLock(longest.toMillis(), TimeUnit.MILLISECONDS);
  }
}
