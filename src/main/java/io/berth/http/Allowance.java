package io.berth.http;

import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of the heap that may be held for one purpose, over all requests, and by one client no more than a quarter of them. Who finds too few left
 * waits for a while and is then told to come again; who has had his share waits for himself alone. Who wants little goes before those who want much,
 * unless they have waited for half of their time already: so neither keeps the other from having his turn. Safe for any thread.
 */
final class Allowance {

  private static final int UNIT = 1024;
  private static final int SHARES = 4;

  private final int most;
  private final long patience;
  private final LongSupplier nanos;
  private final long began;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Client> clients = new HashMap<>();
  private final TreeSet<Wait> line = new TreeSet<>(Comparator.<Wait>comparingLong(one -> one.place).thenComparingLong(one -> one.number));
  private int free;
  private long numbers;

  /** One client, as long as it wants or holds anything. */
  private static final class Client {
    private int held;
    private int users;
  }

  /** Somebody in line. */
  private static final class Wait {
    private final Client client;
    private final int wanted;
    private final long place;
    private final long number;
    private final Condition turn;
    private boolean granted;

    Wait(Client client, int wanted, long place, long number, Condition turn) {
      this.client = client;
      this.wanted = wanted;
      this.place = place;
      this.number = number;
      this.turn = turn;
    }
  }

  /** So many bytes, for which nobody waits longer than {@code patience}. */
  Allowance(long bytes, Duration patience) {
    this(bytes, patience, System::nanoTime);
  }

  /** With another clock to put those who wait in order by. */
  Allowance(long bytes, Duration patience, LongSupplier nanos) {
    int total = Math.clamp(bytes / UNIT, 1, Integer.MAX_VALUE);
    this.most = Math.max(1, total / SHARES);
    this.patience = patience.toNanos();
    this.nanos = nanos;
    this.began = nanos.getAsLong();
    this.free = total;
  }

  /** Bytes that are held until this is closed. */
  final class Held implements AutoCloseable {

    private final String name;
    private final Client client;
    private final int held;

    private Held(String name, Client client, int held) {
      this.name = name;
      this.client = client;
      this.held = held;
    }

    @Override
    public void close() {
      lock.lock();
      try {
        free += held;
        client.held -= held;
        leave(name, client);
        serve();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Takes bytes; all that one client may have for one who wants more.
   *
   * @throws RegistryException (503) {@code TOOMANYREQUESTS} if they do not become free in time
   */
  Held take(long bytes, String client) {
    Held held = take(bytes, client, patience);
    if (held == null) {
      throw new RegistryException(503, ErrorCode.TOOMANYREQUESTS, "too many manifests are on their way: try again in a moment");
    }
    return held;
  }

  /** Takes them if they are free, and nobody is in line before. */
  @Nullable Held takeAtOnce(long bytes, String client) {
    return take(bytes, client, 0);
  }

  private @Nullable Held take(long bytes, String name, long time) {
    lock.lock();
    try {
      Client client = clients.computeIfAbsent(name, _ -> new Client());
      client.users++;
      int wanted = Math.clamp(bytes / UNIT + (bytes % UNIT > 0 ? 1 : 0), 0, most);
      long place = nanos.getAsLong() - began + (long) (0.5 * patience * wanted / most);
      var wait = new Wait(client, wanted, place, numbers++, lock.newCondition());
      line.add(wait);
      serve();
      await(wait, time);
      if (wait.granted) {
        return new Held(name, client, wait.wanted);
      }
      line.remove(wait);
      leave(name, client);
      serve();
      return null;
    } finally {
      lock.unlock();
    }
  }

  private static void await(Wait wait, long time) {
    try {
      long left = time;
      while (!wait.granted && left > 0) {
        left = wait.turn.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** In the order of the line, but for those who have had their share. */
  private void serve() {
    List<Wait> served = new ArrayList<>();
    for (Wait next : line) {
      if (next.wanted > free) {
        break;
      }
      if (next.client.held + next.wanted <= most) {
        free -= next.wanted;
        next.client.held += next.wanted;
        next.granted = true;
        next.turn.signal();
        served.add(next);
      }
    }
    served.forEach(line::remove);
  }

  private void leave(String name, Client client) {
    client.users--;
    if (client.users == 0) {
      clients.remove(name);
    }
  }

  /** How many clients want or hold anything. */
  int clients() {
    lock.lock();
    try {
      return clients.size();
    } finally {
      lock.unlock();
    }
  }

  /** How many wait. */
  int waiting() {
    lock.lock();
    try {
      return line.size();
    } finally {
      lock.unlock();
    }
  }
}
