package io.berth.job;

import io.berth.registry.Uploads;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends uploads that have been idle too long, so that their bytes do not stay for ever. One thread; a failed round is tried again. */
public final class UploadReaper implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(UploadReaper.class);
  private static final Duration PERIOD = Duration.ofMinutes(10);
  private static final int ROUND = 1_000;

  private final Uploads uploads;
  private final InstantSource clock;
  private final Duration idle;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("berth-upload-reaper").daemon().factory());

  /**
   * A reaper; {@link #start} lets it work.
   *
   * @param idle how long an upload may rest; more than the time after which uploads renew their time of last use
   */
  public UploadReaper(Uploads uploads, InstantSource clock, Duration idle) {
    this.uploads = uploads;
    this.clock = clock;
    this.idle = idle;
  }

  /** Begins to work, now and every ten minutes. */
  public void start() {
    var _ = thread.scheduleWithFixedDelay(this::run, 0, PERIOD.toMinutes(), TimeUnit.MINUTES);
  }

  private void run() {
    try {
      int ended = uploads.expire(clock.instant().minus(idle), ROUND);
      if (ended > 0) {
        LOG.info("ended {} uploads that were idle for more than {}", ended, idle);
      }
    } catch (RuntimeException e) {
      LOG.error("idle uploads could not be ended; the next try is in {}", PERIOD, e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
