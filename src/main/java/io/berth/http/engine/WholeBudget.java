package io.berth.http.engine;

import io.berth.http.engine.Holdings.Holding;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that answers made in memory may have together, on their way to peers that take them slowly: lists and manifests. One for which there is no
 * room is not given. One client has a quarter at most, and beyond one answer no more than it leaves free. When half is in use, peers that take too slowly lose their answer
 * ({@link Holdings}). Safe for all threads; nobody waits.
 */
final class WholeBudget {

  /** Answers of fewer bytes are not counted: what bounds requests bounds them. */
  static final int SMALL = 4 * 1024;

  private static final int SHARES = 4;

  private final long total;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Arrays> clients = new HashMap<>();
  private final Arrays all = new Arrays();
  private final Holdings holdings;

  /** With {@code total} bytes, and peers that may lose their answer when they don't take it within so long. */
  WholeBudget(long total, long patienceNanos) {
    this.total = total;
    this.holdings = new Holdings(patienceNanos, System::nanoTime);
  }

  /** Counts each array once, however many send it. */
  private static final class Arrays {

    private final IdentityHashMap<byte[], Integer> senders = new IdentityHashMap<>();
    private long bytes;

    boolean hasRoom(byte[] one, long most) {
      return bytes == 0 || senders.containsKey(one) || bytes + one.length <= most;
    }

    void add(byte[] one) {
      if (senders.merge(one, 1, Integer::sum) == 1) {
        bytes += one.length;
      }
    }

    void remove(byte[] one) {
      if (senders.computeIfPresent(one, (_, count) -> count == 1 ? null : count - 1) == null) {
        bytes -= one.length;
      }
    }
  }

  /** What one answer holds. */
  final class Share {

    private final @Nullable String name;
    private final Arrays client;
    private final byte[] body;
    private final Holding holding;
    private boolean left;

    private Share(@Nullable String name, Arrays client, byte[] body, Runnable giveUp) {
      this.name = name;
      this.client = client;
      this.body = body;
      this.holding = new Holding(client, giveUp);
    }

    /** Some of it has gone out. */
    void moved(long bytes) {
      lock.lock();
      try {
        holdings.moved(holding, bytes);
      } finally {
        lock.unlock();
      }
    }

    /** Nobody needs it any more. */
    void leave() {
      lock.lock();
      try {
        if (left) {
          return;
        }
        left = true;
        holdings.remove(holding, body.length);
        all.remove(body);
        client.remove(body);
        if (name != null && client.bytes == 0) {
          var _ = clients.remove(name, client);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Counts an answer to a client, where {@code null} stands for one who speaks for many. {@code giveUp} may be called on any thread, and ends it.
   *
   * @return {@code null} if there is no room for it
   */
  @Nullable Share hold(byte[] body, @Nullable String name, Runnable giveUp) {
    lock.lock();
    try {
      Arrays known = name == null ? null : clients.get(name);
      Arrays client = known == null ? new Arrays() : known;
      if (!all.hasRoom(body, total)) {
        var _ = holdings.giveUpLate(null);
        return null;
      }
      if (name != null && !client.hasRoom(body, Math.min(total / SHARES, total - all.bytes - body.length))) {
        var _ = holdings.giveUpLate(client);
        return null;
      }
      if (name != null) {
        clients.put(name, client);
      }
      all.add(body);
      client.add(body);
      Share share = new Share(name, client, body, giveUp);
      holdings.add(share.holding, body.length);
      if (all.bytes > total / 2) {
        var _ = holdings.giveUpLate(null); // so that the next one finds room
      }
      return share;
    } finally {
      lock.unlock();
    }
  }

  /** What is held at this moment. */
  long held() {
    lock.lock();
    try {
      return all.bytes;
    } finally {
      lock.unlock();
    }
  }
}
