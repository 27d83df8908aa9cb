package io.berth.bench;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting without the ceremony of interruption: nobody interrupts the threads of this room. */
final class Pause {

  private static final long LONGEST = 50_000_000;

  private Pause() {}

  static void millis(long millis) {
    LockSupport.parkNanos(millis * 1_000_000);
  }

  /** Waits until an instant of {@link System#nanoTime} has come, or until somebody says that there is no need; whether it came. */
  static boolean until(long instant, BooleanSupplier unneeded) {
    long left = instant - System.nanoTime();
    while (left > 0) {
      if (unneeded.getAsBoolean()) {
        return false;
      }
      LockSupport.parkNanos(Math.min(left, LONGEST));
      left = instant - System.nanoTime();
    }
    return true;
  }
}
