package io.berth.registry;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices when the clock is put forward, by comparing it with the time that has passed. Leases that were given before would all end too soon, so
 * the collector rests for a while then, in which those who are in the middle of a push get through. A clock that is put back lets nothing
 * be collected early, and needs nothing done. A machine that slept cannot be told from that. For one thread at a time.
 */
final class ClockWatch {

  private static final Logger LOG = LoggerFactory.getLogger(ClockWatch.class);

  /** The longest time that a rest takes: longer than nearly every push of an image. */
  private static final Duration LONGEST_REST = Duration.ofHours(1);

  /** What a clock may gain between two looks, as it does while it is being adjusted. */
  private static final Duration LARGEST_STEP = Duration.ofMinutes(1);

  private final InstantSource clock;
  private final LongSupplier nanos;
  private final Duration step;
  private final Duration rest;
  private Instant lastTime;
  private long lastNanos;
  private long restUntil;

  ClockWatch(InstantSource clock, LongSupplier nanos, Duration grace) {
    this.clock = clock;
    this.nanos = nanos;
    this.step = least(LARGEST_STEP, grace.dividedBy(10));
    this.rest = least(LONGEST_REST, grace.dividedBy(2));
    this.lastTime = clock.instant();
    this.lastNanos = nanos.getAsLong();
    this.restUntil = lastNanos;
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** How long to rest still, if it is not safe to go by the clock. */
  Optional<Duration> rest() {
    Instant time = clock.instant();
    long now = nanos.getAsLong();
    Duration gained = Duration.between(lastTime, time).minusNanos(now - lastNanos);
    lastTime = time;
    lastNanos = now;
    if (gained.compareTo(step) > 0) {
      LOG.warn("the clock was put forward by {}, or the machine slept: nothing is collected for {}", gained, rest);
      restUntil = now + rest.toNanos();
    }
    return restUntil - now > 0 ? Optional.of(Duration.ofNanos(restUntil - now)) : Optional.empty();
  }
}
