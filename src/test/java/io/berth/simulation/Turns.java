package io.berth.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Lets tasks run in threads of their own, one at a time: whoever calls {@link #pass} lets chance say who goes on. So what happens follows from
 * the random numbers alone.
 */
final class Turns {

  private static final Duration LONGEST = Duration.ofMinutes(2);

  private final RandomGenerator random;
  private final List<Turn> turns = new ArrayList<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private CountDownLatch ended = new CountDownLatch(0);
  private volatile @Nullable Turn current;

  private static final class Turn {
    private final String name;
    private Thread thread;

    Turn(String name) {
      this.name = name;
    }
  }

  Turns(RandomGenerator random) {
    this.random = random;
  }

  /** Runs all tasks to their end, which may be {@link Death}. Of all other failures the first is passed on. */
  void run(List<Runnable> tasks) throws InterruptedException {
    if (tasks.isEmpty()) {
      return;
    }
    ended = new CountDownLatch(1);
    for (Runnable task : tasks) {
      var turn = new Turn("client" + turns.size());
      turn.thread = Thread.ofVirtual().name(turn.name).unstarted(() -> run(turn, task));
      turns.add(turn);
    }
    current = turns.get(random.nextInt(turns.size()));
    List.copyOf(turns).forEach(turn -> turn.thread.start());
    if (!ended.await(LONGEST.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("it does not end: " + name() + " has its turn at\n" + stack());
    }
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw new AssertionError(thrown.getMessage(), thrown);
    }
  }

  private String stack() {
    Turn turn = current;
    return turn == null ? "" : String.join("\n", List.of(turn.thread.getStackTrace()).stream().map(Object::toString).toList());
  }

  private void run(Turn turn, Runnable task) {
    awaitTurn(turn);
    try {
      task.run();
    } catch (Death _) {
      // as it was meant to be
    } catch (Throwable thrown) {
      failure.compareAndSet(null, thrown);
    } finally {
      turns.remove(turn);
      if (turns.isEmpty()) {
        current = null;
        ended.countDown();
      } else {
        give(turns.get(random.nextInt(turns.size())));
      }
    }
  }

  private void awaitTurn(Turn turn) {
    while (current != turn) {
      LockSupport.park(this);
    }
  }

  private void give(Turn next) {
    current = next;
    LockSupport.unpark(next.thread);
  }

  /** Whether something went wrong that ends the whole run. */
  boolean hasFailed() {
    return failure.get() != null;
  }

  /** Who has the turn; empty for who prepares or checks. */
  String name() {
    Turn turn = current;
    return turn == null ? "" : turn.name;
  }

  /** Lets somebody go on, perhaps the caller. */
  void pass() {
    if (random.nextInt(3) == 0) {
      passTo(turns.isEmpty() ? null : turns.get(random.nextInt(turns.size())));
    }
  }

  /** Lets somebody else go on, if there is anybody. */
  void passToAnother() {
    if (turns.size() > 1) {
      Turn next = turns.get(random.nextInt(turns.size()));
      passTo(next == current ? turns.get((turns.indexOf(next) + 1) % turns.size()) : next);
    }
  }

  private void passTo(@Nullable Turn next) {
    Turn me = current;
    if (me == null || next == null || next == me) {
      return;
    }
    if (!Thread.currentThread().equals(me.thread)) {
      throw new AssertionError(Thread.currentThread() + " acts, but it is the turn of " + me.name);
    }
    give(next);
    awaitTurn(me);
  }
}
