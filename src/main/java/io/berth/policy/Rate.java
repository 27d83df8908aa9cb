package io.berth.policy;

import java.time.Duration;

/**
 * How often something may be done: so many times in a while, and so many at once after a time of rest. Immutable.
 *
 * @param times how often
 * @param per within which time
 * @param burst how many at once
 */
public record Rate(long times, Duration per, long burst) {

  public Rate {
    if (times < 1 || burst < 1 || per.isZero() || per.isNegative()) {
      throw new IllegalArgumentException("a rate that allows nothing");
    }
  }

  /** How long it takes until as many are allowed at once as ever. */
  public Duration rest() {
    return per.multipliedBy(burst).dividedBy(times).plusNanos(1);
  }

  /** As settings have it. */
  @Override
  public String toString() {
    String unit = per.equals(Duration.ofSeconds(1)) ? "s" : per.equals(Duration.ofMinutes(1)) ? "m" : "h";
    return times + "/" + unit + (burst == times ? "" : " burst " + burst);
  }
}
