package io.berth.http.engine;

import io.berth.http.engine.Holdings.Holding;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that pieces of files may have in memory together, where the kernel can't send them. Who sends a file waits for room, and takes
 * smaller pieces the more there are. One client has a quarter at most, and beyond one piece no more than it leaves free. An eighth is kept for
 * clients that hold nothing, in the smallest pieces, so that those who come next are served at once. Clients take turns, however many files each of
 * them asks for. While somebody waits, peers that take too slowly lose their answer ({@link Holdings}).
 *
 * <p>Safe for all threads; {@link Share#take} blocks, and is for virtual threads.
 */
final class PieceBudget {

  private static final int LEAST_PIECE = 16 * 1024;
  private static final int SHARES = 4;
  private static final int KEPT = 8;

  private final long total;
  private final long glance;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Client> clients = new HashMap<>();
  private final Deque<Client> turns = new ArrayDeque<>(); // those that wait, but for who has had its share
  private final Holdings holdings;
  private int served; // clients
  private long free;

  /** With {@code total} bytes, and peers that may lose their answer when they don't take what is held for them within so long. */
  PieceBudget(long total, long patienceNanos) {
    this.total = total;
    this.glance = Math.min(patienceNanos, TimeUnit.SECONDS.toNanos(1));
    this.holdings = new Holdings(patienceNanos, System::nanoTime);
    this.free = total;
  }

  /** All files of one client. */
  private static final class Client {

    private final @Nullable String name;
    private final long most;
    private final Deque<Share> line = new ArrayDeque<>();
    private int files;
    private long held;
    private boolean inTurn;
    private boolean gone;

    Client(@Nullable String name, long most) {
      this.name = name;
      this.most = most;
    }

    boolean mayHave(int more, long unkept) {
      return held == 0 || held + more <= Math.min(most, unkept - more);
    }
  }

  /** What one answer holds. */
  final class Share {

    private final Client client;
    private final Holding holding;
    private final Condition turn = lock.newCondition();
    private int wanted;
    private int granted;
    private boolean left;

    private Share(Client client, Runnable giveUp) {
      this.client = client;
      this.holding = new Holding(client, giveUp);
    }

    /**
     * Takes the bytes for a piece of a file, when there is room for them.
     *
     * @return how many it may have, {@code most} at most; 0 if nothing more is to be sent
     */
    int take(int most) {
      lock.lock();
      try {
        wanted = most;
        granted = 0;
        client.line.add(this);
        join(client);
        serve();
        while (granted == 0 && !left) {
          var _ = holdings.giveUpLate(client.inTurn ? null : client);
          var _ = turn.awaitNanos(glance);
        }
        return granted;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return granted;
      } finally {
        if (granted == 0) {
          var _ = client.line.remove(this);
          serve();
        }
        lock.unlock();
      }
    }

    /** A piece has gone out, or will not. */
    void taken(int bytes) {
      lock.lock();
      try {
        holdings.moved(holding, bytes);
        holdings.remove(holding, bytes);
        free += bytes;
        client.held -= bytes;
        forget(client);
        join(client);
        serve();
      } finally {
        lock.unlock();
      }
    }

    /** Nothing more is to be sent. What pieces still hold comes back by {@link #taken}. */
    void leave() {
      lock.lock();
      try {
        if (!left) {
          left = true;
          client.files--;
          forget(client);
          turn.signal();
          serve();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** A file begins to be sent to a client; {@code null} stands for one who speaks for many. {@code giveUp} may be called on any thread, and ends it. */
  Share file(@Nullable String name, Runnable giveUp) {
    lock.lock();
    try {
      Client known = name == null ? null : clients.get(name);
      Client client = known == null ? new Client(name, name == null ? total : total / SHARES) : known;
      if (known == null) {
        served++;
      }
      if (name != null) {
        clients.put(name, client);
      }
      client.files++;
      return new Share(client, giveUp);
    } finally {
      lock.unlock();
    }
  }

  private void forget(Client client) {
    if (client.files > 0 || client.held > 0 || client.gone) {
      return;
    }
    client.gone = true;
    served--;
    if (client.name != null) {
      var _ = clients.remove(client.name, client);
    }
  }

  private void join(Client client) {
    if (!client.inTurn && !client.line.isEmpty()) {
      client.inTurn = true;
      turns.add(client);
    }
  }

  /** Gives a piece to one client after the other, as long as there is room. */
  private void serve() {
    for (Client next = turns.peek(); next != null; next = turns.peek()) {
      Share first = next.line.peek();
      int some = first == null ? 0 : piece(next, first.wanted);
      if (some > free && free < total) {
        return;
      }
      var _ = turns.poll();
      next.inTurn = false;
      if (first == null || !next.mayHave(some, free - total / KEPT)) {
        continue; // it comes back when some of its own does
      }
      var _ = next.line.poll();
      free -= some;
      next.held += some;
      first.granted = some;
      holdings.add(first.holding, some);
      first.turn.signal();
      join(next);
    }
  }

  /** A fair part for each client, and of that for each of its files, within bounds. */
  private int piece(Client client, int most) {
    long fair = Math.min(total / Math.max(served, 1), client.most) / Math.max(client.files, 1);
    long unkept = free - total / KEPT;
    return Math.clamp(Math.min(fair, unkept), Math.min(LEAST_PIECE, most), most);
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

  /** The answers that wait for room, but for those of clients that have had their share. */
  int waiting() {
    lock.lock();
    try {
      return turns.stream().mapToInt(client -> client.line.size()).sum();
    } finally {
      lock.unlock();
    }
  }

  /** The clients that are sent anything. */
  int clients() {
    lock.lock();
    try {
      return served;
    } finally {
      lock.unlock();
    }
  }
}
