package io.berth.http.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * The bytes that all bodies of a server may have in memory together, received or asked for. Nobody is asked for bytes that the budget has
 * no room for; whoever finds it used up stands in line, and is served in the order of arrival, so that many bodies take turns and none
 * starves. What a peer sends unasked (the start of a body often arrives with its head) is counted as well, beyond the budget if need be, up
 * to a quarter of it.
 *
 * <p>Safe for all threads.
 */
final class BodyBudget {

  /** Somebody in line. */
  interface Waiter {

    /** The {@code bytes} asked for are the waiter's now. Called once a wait, on any thread, without a lock. */
    void granted(int bytes);
  }

  private record Wait(Waiter waiter, int bytes) {}

  private static final int LEAST = 16 * 1024;

  private final long total;
  private final int least;
  private final Queue<Wait> line = new ArrayDeque<>();
  private long free;
  private int bodies;

  /** With {@code total} bytes, read in chunks of {@code chunk} at most. */
  BodyBudget(long total, int chunk) {
    this.total = total;
    this.least = (int) Math.min(Math.min(LEAST, chunk), total);
    this.free = total;
  }

  /** The fewest bytes worth asking a peer for. */
  int least() {
    return least;
  }

  /** One more body shares the budget. */
  synchronized void enter() {
    bodies++;
  }

  /** A body that entered is done. */
  synchronized void leave() {
    bodies--;
  }

  /** What one body may hold: an equal share of the budget, within bounds. */
  synchronized int share(int most) {
    return Math.clamp(total / Math.max(bodies, 1), least, Math.max(least, most));
  }

  /**
   * Takes {@code bytes}, at once or later.
   *
   * @return whether they are taken; if not, the waiter is in line and will be told
   */
  synchronized boolean take(int bytes, Waiter waiter) {
    if (line.isEmpty() && free >= bytes) {
      free -= bytes;
      return true;
    }
    line.add(new Wait(waiter, bytes));
    return false;
  }

  /** Takes as many bytes as there are, {@code most} at most, none while others stand in line. */
  synchronized int takeSome(int most) {
    if (!line.isEmpty() || free <= 0) {
      return 0;
    }
    int some = (int) Math.min(free, most);
    free -= some;
    return some;
  }

  /**
   * Takes bytes that have arrived unasked.
   *
   * @return false if even the reserve for those is used up; nothing is taken then
   */
  synchronized boolean takeUnasked(int bytes) {
    if (free - bytes < -Math.max(total / 4, least)) {
      return false;
    }
    free -= bytes;
    return true;
  }

  /** Gives bytes back and serves the line. */
  void release(long bytes) {
    if (bytes == 0) {
      return;
    }
    for (Wait next : served(bytes)) {
      next.waiter.granted(next.bytes);
    }
  }

  private synchronized List<Wait> served(long bytes) {
    free += bytes;
    if (line.isEmpty()) {
      return List.of();
    }
    List<Wait> served = new ArrayList<>();
    for (Wait next = line.peek(); next != null && free >= next.bytes; next = line.peek()) {
      free -= next.bytes;
      served.add(next);
      line.remove();
    }
    return served;
  }

  /** What is taken at this moment. */
  synchronized long taken() {
    return total - free;
  }
}
