package io.berth.job;

import io.berth.registry.ClockWatch;
import io.berth.registry.Mode;
import io.berth.registry.Uploads;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends uploads that have been idle too long, and clears the staging area of what killed processes left there, so that such bytes do not stay
 * for ever. One thread; a failed round is tried again, and it rests when the clock was put forward, since all uploads look idle then.
 */
public final class UploadReaper implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(UploadReaper.class);
  private static final int ROUND = 1_000;

  /** The staging area is looked through this often at most: that costs a little for each unfinished upload. */
  private static final Duration SWEEP = Duration.ofHours(1);

  private final Uploads uploads;
  private final InstantSource clock;
  private final ClockWatch watch;
  private final Duration idle;
  private final Duration interval;
  private final Mode mode;
  private Instant sweepAt = Instant.MIN;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("berth-upload-reaper").daemon().factory());

  /**
   * A reaper; {@link #start} lets it work, but not while {@code mode} forbids to change anything.
   *
   * @param watch says when the clock can't be gone by
   * @param idle how long an upload may rest; more than the time after which uploads renew their time of last use
   * @param interval how often it looks
   */
  public UploadReaper(Uploads uploads, InstantSource clock, ClockWatch watch, Duration idle, Duration interval, Mode mode) {
    this.uploads = uploads;
    this.clock = clock;
    this.watch = watch;
    this.idle = idle;
    this.interval = interval;
    this.mode = mode;
  }

  /** Begins to work, now and after each interval. */
  public void start() {
    var _ = thread.scheduleWithFixedDelay(this::run, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** One round. */
  void run() {
    if (mode.isReadOnly()) {
      return;
    }
    try {
      if (watch.look().isPresent()) {
        return;
      }
      int ended;
      do {
        ended = uploads.expire(clock.instant().minus(idle), ROUND);
        if (ended > 0) {
          LOG.info("ended {} uploads that were idle for more than {}", ended, idle);
        }
      } while (ended == ROUND && !thread.isShutdown());
      sweep();
    } catch (RuntimeException e) {
      LOG.error("idle uploads could not be ended; the next try is in {}", interval, e);
    }
  }

  private void sweep() {
    Instant now = clock.instant();
    if (now.isBefore(sweepAt)) {
      return;
    }
    sweepAt = now.plus(SWEEP);
    int cleared = uploads.sweep(now.minus(idle));
    if (cleared > 0) {
      LOG.info("cleared the staging area of what {} uploads left there", cleared);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
