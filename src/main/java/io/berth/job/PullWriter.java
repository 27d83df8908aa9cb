package io.berth.job;

import io.berth.registry.Mode;
import io.berth.registry.PullBook;
import io.berth.registry.Pulls;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what was pulled, now and then, and before that when there is much of it, and for a last time when it is closed; and forgets what is old. One thread. What fails is
 * tried again after the interval; pulls never wait for it. While nothing may be changed it writes nothing.
 */
public final class PullWriter implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PullWriter.class);
  private static final Duration FORGETTING = Duration.ofHours(1);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Pulls pulls;
  private final PullBook book;
  private final InstantSource clock;
  private final Mode mode;
  private final Duration interval;
  private final int days;
  private final LongAdder failures = new LongAdder();
  private final Thread thread = Thread.ofPlatform().name("berth-statistics").daemon().unstarted(this::run);
  private Instant forgetAt = Instant.MIN;
  private boolean broken;
  private volatile boolean woken;
  private volatile boolean closed;

  /**
   * A writer; {@link #start} lets it work.
   *
   * @param interval how long what was pulled stays in memory, usually
   * @param days how long it is kept
   */
  public PullWriter(Pulls pulls, PullBook book, InstantSource clock, Mode mode, Duration interval, int days) {
    this.pulls = pulls;
    this.book = book;
    this.clock = clock;
    this.mode = mode;
    this.interval = interval;
    this.days = days;
  }

  /** Begins to work. */
  public void start() {
    pulls.whenHalfFull(this::wake);
    thread.start();
  }

  private void wake() {
    if (!woken) {
      woken = true;
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    boolean wrote = true;
    boolean last;
    do {
      long end = System.nanoTime() + interval.toNanos();
      for (long left = interval.toNanos(); left > 0 && !closed && !(wrote && woken); left = end - System.nanoTime()) {
        LockSupport.parkNanos(this, left);
      }
      woken = false;
      last = closed;
      wrote = round();
    } while (!last);
    book.giveUp();
  }

  /** One round. Says whether it did anything: if not, it is no use to hurry. */
  boolean round() {
    if (mode.isReadOnly()) {
      return false;
    }
    try {
      book.write();
      forget();
      if (broken) {
        broken = false;
        LOG.info("what was pulled is written down again");
      }
      return true;
    } catch (RuntimeException e) {
      failures.increment();
      if (!broken) {
        broken = true;
        LOG.error("what was pulled could not be written down; it is tried again every {}", interval, e);
      }
      return false;
    }
  }

  private void forget() {
    Instant now = clock.instant();
    if (now.isBefore(forgetAt)) {
      return;
    }
    LocalDate before = LocalDate.ofInstant(now, ZoneOffset.UTC).minusDays(days);
    while (book.forget(before)) {
      if (closed) {
        return;
      }
    }
    forgetAt = now.plus(FORGETTING);
  }

  /** Rounds that failed. */
  public long failures() {
    return failures.sum();
  }

  /** Writes what is left, unless that takes long. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      if (thread.isAlive() && !thread.join(PATIENCE)) {
        LOG.warn("what was pulled last is still being written down");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
