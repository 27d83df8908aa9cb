package io.berth.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Requests outside the clock, over a few connections at once: for what a workload needs before, and for deleting what it leaves. Bounded in time;
 * ends early when the program is told to.
 */
final class SetUp {

  private static final int CONNECTIONS = 8;

  /** One of many things to do. */
  @FunctionalInterface
  interface Step {
    void take(RegistryClient client, long index) throws IOException;
  }

  private final Target target;
  private final Duration limit;
  private final Duration timeout;
  private final Stop stop;
  private final Duration grace;

  /**
   * For one target.
   *
   * @param limit after which it gives up
   * @param timeout of a request
   * @param grace for how long it goes on when the program is told to end
   */
  SetUp(Target target, Duration limit, Duration timeout, Stop stop, Duration grace) {
    this.target = target;
    this.limit = limit;
    this.timeout = timeout;
    this.stop = stop;
    this.grace = grace;
  }

  Target target() {
    return target;
  }

  /** Takes all steps, in any order; fails with the first failure. */
  void each(long steps, Step step) throws IOException {
    long end = System.nanoTime() + limit.toNanos();
    var next = new AtomicLong();
    var failure = new AtomicReference<@Nullable IOException>();
    List<RegistryClient> clients = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < Math.min(steps, CONNECTIONS); i++) {
      var client = new RegistryClient(target);
      clients.add(client);
      threads.add(Thread.ofPlatform().name("bench-set-up-" + i).daemon().start(() -> {
        long index = next.getAndIncrement();
        while (index < steps && failure.get() == null) {
          try {
            step.take(client, index);
          } catch (IOException e) {
            failure.compareAndSet(null, e);
          }
          index = next.getAndIncrement();
        }
      }));
    }
    while (threads.stream().anyMatch(Thread::isAlive)) {
      long now = System.nanoTime();
      if (stop.isAsked() && end - now > grace.toNanos()) {
        end = now + grace.toNanos();
      }
      if (now - end >= 0) {
        failure.compareAndSet(null, new IOException(stop.isAsked() ? "interrupted" : "it takes too long"));
        clients.forEach(client -> client.connection().abortForGood());
      }
      clients.stream().map(RegistryClient::connection).filter(c -> c.busyNanos() > timeout.toNanos()).forEach(HttpConnection::abort);
      Pause.millis(5);
    }
    clients.forEach(RegistryClient::close);
    IOException first = failure.get();
    if (first != null) {
      throw first;
    }
  }
}
