package io.berth.bench;

/**
 * When operations begin.
 *
 * @param nanos for how long
 * @param most at most so many
 * @param rate a second, whatever the answers do (open loop); 0 lets each worker begin one when the one before has ended (closed loop)
 */
record Pace(long nanos, long most, double rate) {

  private static final double SECOND = 1e9;

  boolean isOpen() {
    return rate > 0;
  }

  /** How long after the beginning an operation of an open loop is due. */
  long dueNanos(long ticket) {
    return (long) (ticket * (SECOND / rate));
  }

  /** How many operations of an open loop are due in all. */
  long planned() {
    return Math.min(most, (long) Math.ceil(nanos / SECOND * rate));
  }
}
