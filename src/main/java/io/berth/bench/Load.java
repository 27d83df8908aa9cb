package io.berth.bench;

import io.berth.bench.Scenario.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * One run: so many workers, each a platform thread with a connection of its own, that perform operations until the time or the number of operations
 * is used up.
 *
 * <p>An open loop measures from the instant at which an operation was due, not from that at which a worker was free for it, and works off what was due
 * in time even after the end; so a server that stalls is charged for everyone who would have waited (no coordinated omission). What could not be begun
 * at all is an error.
 */
final class Load {

  private static final long START = 5_000_000; // so that all workers wait at the line
  private static final long TICK = 5_000_000_000L;

  private final Scenario scenario;
  private final List<RegistryClient> clients;
  private final Pace pace;
  private final Duration timeout;
  private final Stop stop;
  private final AtomicLong tickets = new AtomicLong();
  private final long begin = System.nanoTime() + START;
  private volatile boolean over;

  Load(Scenario scenario, List<RegistryClient> clients, Pace pace, Duration timeout, Stop stop) {
    this.scenario = scenario;
    this.clients = clients;
    this.pace = pace;
    this.timeout = timeout;
    this.stop = stop;
  }

  /**
   * What came of it.
   *
   * @param seconds from the beginning until the last success, or until the planned end of an open loop
   */
  record Result(double seconds, Tally tally) {}

  /** Runs; the consumer is told the number of operations every few seconds. */
  Result run(LongConsumer progress) {
    List<Tally> tallies = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (RegistryClient client : clients) {
      var tally = new Tally(scenario.kinds().size());
      tallies.add(tally);
      threads.add(Thread.ofPlatform().name("bench-" + threads.size()).daemon().start(() -> work(client, tally)));
    }
    watch(threads, progress);

    var all = new Tally(scenario.kinds().size());
    tallies.forEach(all::add);
    long end = all.lastEndOr(System.nanoTime());
    if (pace.isOpen() && !stop.isAsked()) {
      long begun = Math.min(tickets.get(), pace.planned());
      if (begun < pace.planned()) {
        all.failed("due but not begun in time", pace.planned() - begun);
      }
      end = Math.max(end, begin + Math.min(pace.nanos(), pace.dueNanos(pace.planned())));
    }
    return new Result((end - begin) / 1e9, all);
  }

  private void work(RegistryClient client, Tally tally) {
    if (!Pause.until(begin, () -> over)) {
      return;
    }
    long end = begin + pace.nanos();
    while (!over) {
      if (!pace.isOpen() && System.nanoTime() - end >= 0) {
        return;
      }
      long ticket = tickets.getAndIncrement();
      if (ticket >= (pace.isOpen() ? pace.planned() : pace.most())) {
        return;
      }
      long due = System.nanoTime();
      if (pace.isOpen()) {
        due = begin + pace.dueNanos(ticket);
        if (!Pause.until(due, () -> over)) {
          return;
        }
      }
      perform(client, ticket, due, tally);
    }
  }

  private void perform(RegistryClient client, long ticket, long due, Tally tally) {
    try {
      int kind = scenario.perform(client, ticket);
      tally.succeeded(kind, due, System.nanoTime());
    } catch (IOException | RuntimeException e) {
      if (stop.isAsked()) {
        return; // it was cut off by us
      }
      tally.failed(e);
      Pause.millis(1); // a server that is down is not a reason to burn the processor
    }
  }

  /** Returns when all workers have ended, and sees to it that they do. */
  private void watch(List<Thread> threads, LongConsumer progress) {
    long limit = timeout.toNanos();
    long lastEnd = begin + pace.nanos() + limit;
    long tick = begin + TICK;
    while (threads.stream().anyMatch(Thread::isAlive)) {
      long now = System.nanoTime();
      if (stop.isAsked() || now - lastEnd > 0) {
        over = true;
        clients.forEach(client -> client.connection().abortForGood());
      }
      clients.stream().map(RegistryClient::connection).filter(c -> c.busyNanos() > limit).forEach(HttpConnection::abort);
      if (now - tick > 0) {
        progress.accept(tickets.get());
        tick = now + TICK;
      }
      Pause.millis(5);
    }
  }

  /** How many operations may be performed until a number of bytes is pushed. */
  static long operationsFor(Scenario scenario, long mostPushed) {
    return scenario.pushedBytes() == 0 ? Long.MAX_VALUE : Math.max(1, mostPushed / scenario.pushedBytes());
  }

  /** Bytes of content that the successes of a tally have moved. */
  static double bytesMoved(List<Kind> kinds, Tally tally) {
    double bytes = 0;
    for (int i = 0; i < kinds.size(); i++) {
      bytes += (double) kinds.get(i).bytes() * tally.latencies().get(i).getTotalCount();
    }
    return bytes;
  }
}
