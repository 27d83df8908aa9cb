package io.berth.job;

import io.berth.ops.AuditLog;
import io.berth.ops.Metrics;
import io.berth.registry.Garbage;
import io.berth.registry.Garbage.Work;
import io.berth.registry.Mode;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees in the background what nobody needs any more ({@link Garbage}), in short steps, so that it holds up nobody for long. One thread; it rests
 * while nothing may be changed, and a round that fails is tried again after the interval. The manifests that went after what they were about have one line
 * of the audit for each round.
 */
public final class Collector implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Collector.class);

  private final Garbage garbage;
  private final InstantSource clock;
  private final Duration interval;
  private final Mode mode;
  private final AuditLog audit;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("berth-collector").daemon().factory());
  private volatile boolean closed;
  private volatile double lastSuccess;
  private volatile double lastSeconds;

  /**
   * A collector; {@link #start} lets it work.
   *
   * @param interval how often it looks
   * @param audit where it is written down that manifests were removed
   */
  public Collector(Garbage garbage, InstantSource clock, Duration interval, Mode mode, AuditLog audit) {
    this.garbage = garbage;
    this.clock = clock;
    this.interval = interval;
    this.mode = mode;
    this.audit = audit;
  }

  /** Begins to work, now and after each interval. */
  public void start() {
    var _ = thread.scheduleWithFixedDelay(this::run, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Lets its numbers be read. */
  public void watch(Metrics metrics) {
    metrics.gauge("berth_gc_last_success_timestamp_seconds",
        "When the last round of the collector ended without a failure; 0 before the first.",
        () -> lastSuccess);
    metrics.gauge("berth_gc_last_duration_seconds", "What its last round took.", () -> lastSeconds);
  }

  /** One round. */
  void run() {
    long begun = System.nanoTime();
    Work done = Work.NONE;
    try {
      do {
        if (closed || mode.isReadOnly()) {
          return;
        }
        done = done.and(garbage.step());
      } while (done.more());
      if (done.failed() == 0) {
        lastSuccess = clock.instant().toEpochMilli() / 1e3;
      }
    } catch (RuntimeException e) {
      LOG.error("what nobody needs could not be collected; the next try is in {}", interval, e);
    } finally {
      lastSeconds = (System.nanoTime() - begun) / 1e9;
      report(done);
    }
  }

  private void report(Work done) {
    if (done.referrers() > 0) {
      audit.write(new AuditLog.Entry(AuditLog.Source.REGISTRY, new AuditLog.Deed("RemoveReferrers"), AuditLog.Decision.ALLOWED,
          done.referrers() + " manifests went after what they were about", 0));
    }
    if (done.referrers() + done.kept() + done.expired() + done.blobs() + done.failed() > 0) {
      LOG.atInfo().addKeyValue("referrers", done.referrers()).addKeyValue("kept", done.kept()).addKeyValue("expired", done.expired())
          .addKeyValue("blobs", done.blobs())
          .addKeyValue("bytes", done.bytes()).addKeyValue("failed", done.failed()).addKeyValue("seconds", lastSeconds)
          .log("collected {} blobs with {} bytes; {} links have expired, {} are needed; {} manifests went after their subjects",
              done.blobs(),
              done.bytes(), done.expired(), done.kept(), done.referrers());
    }
  }

  /** Ends the step that is under way, and does no further one. */
  @Override
  public void close() {
    closed = true;
    thread.shutdown();
    try {
      if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("the collector is still at work");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
