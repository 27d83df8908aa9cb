package io.berth.registry;

import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices when the clock is put forward, by comparing it with the time that has passed. What was given a time before would end too soon, so
 * who goes by the clock rests for a while then, in which those who are in the middle of something get on with it. A clock that is put back lets
 * nothing end early, and needs nothing done. A machine that slept cannot be told from that.
 *
 * <p>What happens while nobody looks is noticed at the next start, since the last look is written down: to have been away for longer than a
 * restart takes is the same as a clock that was put forward. It is not written down while there is a rest, so that a restart does not end
 * that. For one thread at a time.
 */
public final class ClockWatch {

  private static final Logger LOG = LoggerFactory.getLogger(ClockWatch.class);

  /** The longest time that a rest takes: longer than nearly every push of an image. */
  private static final Duration LONGEST_REST = Duration.ofHours(1);

  /** What a clock may gain between two looks, as it does while it is being adjusted. */
  private static final Duration LARGEST_STEP = Duration.ofMinutes(1);

  /** What may lie between the last look of one process and the start of the next: more than the usual time between two looks. */
  private static final Duration LONGEST_AWAY = Duration.ofMinutes(15);

  private final MetadataStore metadata;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final String what;
  private final Duration step;
  private final Duration rest;
  private Instant lastTime;
  private long lastNanos;
  private long restUntil;
  private Instant written = Instant.MIN;
  private Duration forward = Duration.ZERO;
  private boolean moved = true; // before the start it may have been put anywhere

  /**
   * A watch.
   *
   * @param nanos a clock that nobody puts forward or back
   * @param grace how long what ends by the clock is kept
   * @param what is left undone meanwhile, in words
   */
  public ClockWatch(MetadataStore metadata, InstantSource clock, LongSupplier nanos, Duration grace, String what) {
    this.metadata = metadata;
    this.clock = clock;
    this.nanos = nanos;
    this.what = what;
    this.step = least(LARGEST_STEP, grace.dividedBy(10));
    this.rest = least(LONGEST_REST, grace.dividedBy(2));
    this.lastTime = clock.instant();
    this.lastNanos = nanos.getAsLong();
    this.restUntil = lastNanos;
    metadata.read(tx -> tx.clockSeen()).map(seen -> Duration.between(seen, lastTime))
        .filter(away -> away.compareTo(least(LONGEST_AWAY, grace.dividedBy(10))) > 0).ifPresent(away -> {
          LOG.info("nobody has looked at the clock for {}, and it may have been put forward: {} for {}", away, what, rest);
          restUntil = lastNanos + rest.toNanos();
          forward = away;
        });
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** How long to rest still, if it is not safe to go by the clock. */
  public Optional<Duration> rest() {
    Instant time = clock.instant();
    long now = nanos.getAsLong();
    Duration gained = Duration.between(lastTime, time).minusNanos(now - lastNanos);
    lastTime = time;
    lastNanos = now;
    if (gained.compareTo(step) > 0) {
      LOG.warn("the clock was put forward by {}, or the machine slept: {} for {}", gained, what, rest);
      restUntil = now + rest.toNanos();
      forward = forward.plus(gained);
    }
    moved |= gained.abs().compareTo(step) > 0;
    return restUntil - now > 0 ? Optional.of(Duration.ofNanos(restUntil - now)) : Optional.empty();
  }

  /**
   * The same for who is about to go by the clock, written down for the next start, not more often than a clock may be adjusted.
   *
   * @throws MetadataException if it can't be written
   */
  public Optional<Duration> look() {
    Optional<Duration> left = rest();
    if (left.isEmpty() && (written.equals(Instant.MIN) || Duration.between(written, lastTime).abs().compareTo(step) > 0)) {
      write();
    }
    return left;
  }

  /** By how much the clock was put forward in all, if it was put anywhere since that was {@linkplain #allowFor allowed for}; 0 if only back. */
  Optional<Duration> moved() {
    return moved ? Optional.of(forward) : Optional.empty();
  }

  /** Whatever goes by the clock has been told. */
  void allowFor() {
    moved = false;
    forward = Duration.ZERO;
  }

  /** Writes down that this process has looked, before it ends. */
  void leave() {
    if (rest().isEmpty()) {
      write();
    }
  }

  private void write() {
    Instant now = lastTime;
    metadata.write(tx -> {
      tx.seeClock(now);
      return now;
    });
    written = now;
  }
}
