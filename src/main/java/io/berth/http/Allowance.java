package io.berth.http;

import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bytes of the heap that may be held for one purpose, over all requests. Who finds too few left waits for a while, in the order of arrival, and is
 * then told to come again. Safe for any thread.
 */
final class Allowance {

  private static final int UNIT = 1024;

  private final Semaphore units;
  private final int total;
  private final Duration patience;

  /** So many bytes, for which nobody waits longer than {@code patience}. */
  Allowance(long bytes, Duration patience) {
    this.total = Math.clamp(bytes / UNIT, 1, Integer.MAX_VALUE);
    this.units = new Semaphore(total, true);
    this.patience = patience;
  }

  /** Bytes that are held until this is closed. */
  final class Held implements AutoCloseable {

    private int held;

    private Held(int held) {
      this.held = held;
    }

    @Override
    public void close() {
      units.release(held);
      held = 0;
    }
  }

  /**
   * Takes bytes; all that there are for one who wants more.
   *
   * @throws RegistryException (503) {@code TOOMANYREQUESTS} if they do not become free in time
   */
  Held take(long bytes) {
    int wanted = Math.clamp((bytes + UNIT - 1) / UNIT, 0, total);
    try {
      if (units.tryAcquire(wanted, patience.toMillis(), TimeUnit.MILLISECONDS)) {
        return new Held(wanted);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new RegistryException(503, ErrorCode.TOOMANYREQUESTS, "too many manifests are being pushed: try again in a moment");
  }
}
