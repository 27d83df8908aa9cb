package io.berth.http;

import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bytes of the heap that may be held for one purpose, over all requests, and by one client no more than a quarter of them. Who finds too few left
 * waits for a while, in the order of arrival, and is then told to come again; who has had his share waits for himself alone. Safe for any thread.
 */
final class Allowance {

  private static final int UNIT = 1024;
  private static final int SHARES = 4;

  private final Semaphore units;
  private final int total;
  private final Duration patience;
  private final Map<String, Share> shares = new ConcurrentHashMap<>();

  /** What one client may have, as long as somebody of it wants or holds anything. */
  private static final class Share {
    private final Semaphore units;
    private int users;

    Share(int units) {
      this.units = new Semaphore(units, true);
    }
  }

  /** So many bytes, for which nobody waits longer than {@code patience}. */
  Allowance(long bytes, Duration patience) {
    this.total = Math.clamp(bytes / UNIT, 1, Integer.MAX_VALUE);
    this.units = new Semaphore(total, true);
    this.patience = patience;
  }

  /** Bytes that are held until this is closed. */
  final class Held implements AutoCloseable {

    private final String client;
    private final Share share;
    private final int held;

    private Held(String client, Share share, int held) {
      this.client = client;
      this.share = share;
      this.held = held;
    }

    @Override
    public void close() {
      units.release(held);
      share.units.release(held);
      leave(client);
    }
  }

  /**
   * Takes bytes; all that one client may have for one who wants more.
   *
   * @throws RegistryException (503) {@code TOOMANYREQUESTS} if they do not become free in time
   */
  Held take(long bytes, String client) {
    int most = Math.max(1, total / SHARES);
    int wanted = Math.clamp((bytes + UNIT - 1) / UNIT, 0, most);
    Share share = shares.compute(client, (_, known) -> {
      Share one = known == null ? new Share(most) : known;
      one.users++;
      return one;
    });
    if (take(share.units, wanted)) {
      if (take(units, wanted)) {
        return new Held(client, share, wanted);
      }
      share.units.release(wanted);
    }
    leave(client);
    throw new RegistryException(503, ErrorCode.TOOMANYREQUESTS, "too many manifests are being pushed: try again in a moment");
  }

  private boolean take(Semaphore from, int wanted) {
    try {
      return from.tryAcquire(wanted, patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void leave(String client) {
    shares.computeIfPresent(client, (_, share) -> --share.users == 0 ? null : share);
  }

  /** How many clients want or hold anything. */
  int clients() {
    return shares.size();
  }
}
