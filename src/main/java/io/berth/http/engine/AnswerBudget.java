package io.berth.http.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that all answers of a server may have in memory together, on their way to peers that take them slowly: pieces of files where the kernel
 * can't send them, and answers that are made in memory. Who sends a file waits in line for room, and takes smaller pieces the more there are; an
 * answer in memory for which there is none is not given. While somebody finds no room, peers that have taken nothing for a while lose their
 * answer, so that no number of peers that hardly read can keep the others from being served.
 *
 * <p>Safe for all threads; {@link Share#take} blocks, and is for virtual threads.
 */
final class AnswerBudget {

  /** Answers of fewer bytes are not counted: what bounds requests bounds them. */
  static final int SMALL = 4 * 1024;

  private static final int LEAST_PIECE = 16 * 1024;

  private final long total;
  private final long staleNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Share> line = new ArrayDeque<>();
  private final IdentityHashMap<byte[], Integer> arrays = new IdentityHashMap<>();
  private final Set<Share> holding = new LinkedHashSet<>(); // the one that has not moved for longest comes first
  private int files;
  private long free;

  /** With {@code total} bytes, and peers that may lose their answer when they have taken nothing for so long. */
  AnswerBudget(long total, long staleNanos) {
    this.total = total;
    this.staleNanos = staleNanos;
    this.free = total;
  }

  /** What one answer holds. */
  final class Share {

    private final Runnable giveUp;
    private final byte @Nullable [] body;
    private final Condition turn = lock.newCondition();
    private int held;
    private long moved;
    private boolean left;

    private Share(Runnable giveUp, byte @Nullable [] body) {
      this.giveUp = giveUp;
      this.body = body;
    }

    /**
     * Takes the bytes for a piece of a file, when there is room for them.
     *
     * @return how many it may have, {@code most} at most; 0 if nothing more is to be sent
     */
    int take(int most) {
      lock.lock();
      try {
        line.add(this);
        while (!left && (line.peek() != this || free < piece(most) && free < total)) {
          if (line.peek() == this) {
            giveUpStale();
            var _ = turn.awaitNanos(Math.min(staleNanos, TimeUnit.SECONDS.toNanos(1)));
          } else {
            turn.await();
          }
        }
        int some = left ? 0 : piece(most);
        free -= some;
        held += some;
        if (some > 0 && holding.add(this)) {
          moved = System.nanoTime();
        }
        return some;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return 0;
      } finally {
        var _ = line.remove(this);
        wakeFirst();
        lock.unlock();
      }
    }

    /** A piece has gone out, or will not. */
    void taken(int bytes) {
      lock.lock();
      try {
        free += bytes;
        held -= bytes;
        move();
        wakeFirst();
      } finally {
        lock.unlock();
      }
    }

    /** Some of an answer in memory has gone out. */
    void moved() {
      lock.lock();
      try {
        move();
      } finally {
        lock.unlock();
      }
    }

    private void move() {
      moved = System.nanoTime();
      if (holding.remove(this) && held > 0) {
        var _ = holding.add(this);
      }
    }

    /** Nothing more is to be sent. What pieces of a file still hold comes back by {@link #taken}. */
    void leave() {
      lock.lock();
      try {
        if (left) {
          return;
        }
        left = true;
        if (body == null) {
          files--;
        } else {
          held = 0;
          var _ = holding.remove(this);
          if (arrays.computeIfPresent(body, (_, count) -> count == 1 ? null : count - 1) == null) {
            free += body.length;
          }
        }
        turn.signal();
        wakeFirst();
      } finally {
        lock.unlock();
      }
    }
  }

  /** A file begins to be sent. {@code giveUp} may be called on any thread, and ends it. */
  Share file(Runnable giveUp) {
    lock.lock();
    try {
      files++;
      return new Share(giveUp, null);
    } finally {
      lock.unlock();
    }
  }

  /** Counts an answer in memory, once however many send the same array; {@code null} if there is no room for it. */
  @Nullable Share memory(byte[] body, Runnable giveUp) {
    lock.lock();
    try {
      boolean known = arrays.containsKey(body);
      if (!known && free < body.length && free < total) {
        giveUpStale();
        return null;
      }
      var _ = arrays.merge(body, 1, Integer::sum);
      free -= known ? 0 : body.length;
      Share share = new Share(giveUp, body);
      share.held = body.length;
      share.moved = System.nanoTime();
      var _ = holding.add(share);
      return share;
    } finally {
      lock.unlock();
    }
  }

  /** A fair part for each file, within bounds. */
  private int piece(int most) {
    return Math.clamp(total / Math.max(files, 1), Math.min(LEAST_PIECE, most), most);
  }

  private void wakeFirst() {
    Share first = line.peek();
    if (first != null) {
      first.turn.signal();
    }
  }

  private void giveUpStale() {
    long now = System.nanoTime();
    List<Share> stale = new ArrayList<>();
    for (Share share : holding) {
      if (now - share.moved < staleNanos) {
        break;
      }
      stale.add(share);
    }
    for (Share share : stale) {
      var _ = holding.remove(share);
      Thread.startVirtualThread(share.giveUp); // without the lock
    }
  }

  /** What is held at this moment. */
  long held() {
    lock.lock();
    try {
      return total - free;
    } finally {
      lock.unlock();
    }
  }
}
