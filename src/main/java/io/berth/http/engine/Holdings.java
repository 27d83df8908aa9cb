package io.berth.http.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who holds memory on its way to a peer, and by when the peer has to take it. A peer must take as much as is held for it within a certain time,
 * again and again: each byte taken buys a part of that time. Who takes nothing runs out of it, and so does who takes crumbs.
 *
 * <p>Not safe for threads: whoever asks has the lock of the budget. Nobody is ended with that lock.
 */
final class Holdings {

  private final long patience;
  private final LongSupplier nanos;
  private final long began;
  private final TreeSet<Holding> byTime =
      new TreeSet<>(Comparator.<Holding>comparingLong(one -> one.due).thenComparingLong(one -> one.number));
  private long numbers;

  /** With peers that must take what they hold within so long by that clock. */
  Holdings(long patienceNanos, LongSupplier nanos) {
    this.patience = patienceNanos;
    this.nanos = nanos;
    this.began = nanos.getAsLong();
  }

  /** What one answer holds. */
  static final class Holding {

    private final Object client;
    private final Runnable giveUp;
    private long number;
    private long held;
    private long due;
    private boolean givenUp;

    /** Held for a client. {@code giveUp} may be called on any thread. */
    Holding(Object client, Runnable giveUp) {
      this.client = client;
      this.giveUp = giveUp;
    }
  }

  private long now() {
    return nanos.getAsLong() - began;
  }

  /** So many bytes more are held. */
  void add(Holding one, long bytes) {
    if (one.held == 0 && !one.givenUp) {
      one.due = now() + patience;
      one.number = numbers++;
      var _ = byTime.add(one);
    }
    one.held += bytes;
  }

  /** The peer has taken some of what is held, which is held on nevertheless. */
  void moved(Holding one, long bytes) {
    if (one.held > 0 && byTime.remove(one)) {
      long now = now();
      long bought = (long) ((double) patience * bytes / one.held);
      one.due = Math.min(now + patience, Math.max(one.due, now - patience) + bought); // debts are forgotten in the end
      var _ = byTime.add(one);
    }
  }

  /** So many bytes are held no more. */
  void remove(Holding one, long bytes) {
    one.held -= bytes;
    if (one.held == 0) {
      var _ = byTime.remove(one);
    }
  }

  /** Ends those whose time is over, of one client, or of all; returns how many. */
  int giveUpLate(@Nullable Object client) {
    long now = now();
    List<Holding> late = new ArrayList<>();
    for (Holding one : byTime) {
      if (one.due > now) {
        break;
      }
      if (client == null || client.equals(one.client)) {
        late.add(one);
      }
    }
    for (Holding one : late) {
      var _ = byTime.remove(one);
      one.givenUp = true;
      Thread.startVirtualThread(one.giveUp);
    }
    return late.size();
  }
}
