package io.berth.registry;

import io.berth.oci.Digest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.function.Supplier;

/**
 * Keeps pushes of a digest and its removal apart. Pushes share the digest, from before its bytes come into their place until a link names
 * them; the collector has it for itself from its last look until the bytes are gone. Nobody waits for another digest. A lock exists
 * while somebody has it or waits for it. Safe for any thread.
 */
public final class DigestLocks {

  private final Map<Digest, Entry> entries = new ConcurrentHashMap<>();
  private final Supplier<? extends ReadWriteLock> locks;

  /** A lock, and how many have it or wait for it; guarded by the map. */
  private static final class Entry {
    private final ReadWriteLock lock;
    private int users;

    Entry(ReadWriteLock lock) {
      this.lock = lock;
    }
  }

  /** A digest is held until this is closed, by the thread that took it. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Locks.
   *
   * @param locks makes one; all waiting is done in it
   */
  public DigestLocks(Supplier<? extends ReadWriteLock> locks) {
    this.locks = locks;
  }

  /** Others may share the digest, but nobody removes it. */
  Held share(Digest digest) {
    return take(digest, enter(digest).lock.readLock());
  }

  /** Nobody else has the digest. */
  Held own(Digest digest) {
    return take(digest, enter(digest).lock.writeLock());
  }

  private Held take(Digest digest, Lock lock) {
    try {
      lock.lock();
    } catch (RuntimeException | Error e) {
      leave(digest);
      throw e;
    }
    return () -> {
      lock.unlock();
      leave(digest);
    };
  }

  private Entry enter(Digest digest) {
    return entries.compute(digest, (_, known) -> {
      Entry entry = known == null ? new Entry(locks.get()) : known;
      entry.users++;
      return entry;
    });
  }

  private void leave(Digest digest) {
    entries.computeIfPresent(digest, (_, entry) -> --entry.users == 0 ? null : entry);
  }

  /** How many have the digest or wait for it at the moment. */
  int users(Digest digest) {
    int[] users = {0};
    entries.computeIfPresent(digest, (_, entry) -> {
      users[0] = entry.users;
      return entry;
    });
    return users[0];
  }

  /** How many digests are locked at the moment. */
  int size() {
    return entries.size();
  }
}
