package io.berth.ops;

import io.berth.config.LogConfig.AccessFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line for each request. Requests only put their entry into a queue; a thread of its own makes lines and writes them, many at once, whole
 * lines at a time. A reader of the log that is too slow holds nobody up: when the queue is full, lines are dropped, counted, and reported in
 * the application's log once a minute. Safe for any thread.
 */
public final class AccessLog implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
  private static final int CAPACITY = 16 * 1024;
  private static final int BATCH_BYTES = 32 * 1024;
  private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long REPORT_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long PATIENCE_MILLIS = 2_000;

  private final OutputStream out;
  private final ByteArrayOutputStream batch = new ByteArrayOutputStream(2 * BATCH_BYTES);
  private final AccessFormat format;
  private final Map<String, String> fields;
  private final Queue<AccessEntry> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger queued = new AtomicInteger();
  private final LongAdder dropped = new LongAdder();
  private final Thread writer;
  private volatile boolean asleep;
  private volatile boolean closed;
  private long reported;
  private long reportedAt = System.nanoTime();
  private boolean broken;
  private AccessLines lines;

  /**
   * A log to {@code out}, which stays open when the log is closed.
   *
   * @param fields that every line carries
   */
  public AccessLog(OutputStream out, AccessFormat format, Map<String, String> fields) {
    this.out = out;
    this.format = format;
    this.fields = fields;
    this.lines = AccessLines.to(batch, format, fields);
    this.writer = Thread.ofPlatform().name("berth-access-log").daemon().start(this::run);
  }

  /** Has a line written soon, or drops it. Never blocks. */
  public void write(AccessEntry entry) {
    if (queued.incrementAndGet() > CAPACITY) {
      queued.decrementAndGet();
      dropped.increment();
      return;
    }
    queue.add(entry);
    if (asleep) {
      asleep = false;
      LockSupport.unpark(writer);
    }
  }

  /** How many lines have been dropped so far. */
  public long dropped() {
    return dropped.sum();
  }

  private void run() {
    while (true) {
      boolean last = closed;
      boolean wrote = drain();
      report();
      if (last) {
        return;
      }
      if (wrote) {
        LockSupport.parkNanos(this, GATHER_NANOS); // more lines, fewer writes
        continue;
      }
      asleep = true;
      if (queue.isEmpty() && !closed) {
        LockSupport.parkNanos(this, REPORT_NANOS);
      }
      asleep = false;
    }
  }

  private boolean drain() {
    boolean wrote = false;
    int taken = 0;
    for (AccessEntry entry = queue.poll(); entry != null; entry = queue.poll()) {
      taken++;
      makeLine(entry);
      if (batch.size() >= BATCH_BYTES) {
        queued.addAndGet(-taken); // not for each line: requests contend for it
        taken = 0;
        flush();
      }
      wrote = true;
    }
    queued.addAndGet(-taken);
    flush();
    return wrote;
  }

  /** A line that can't be made must not end the log. */
  private void makeLine(AccessEntry entry) {
    int size = batch.size();
    try {
      lines.write(entry);
    } catch (RuntimeException e) {
      LOG.error("a line of the access log could not be made", e);
      dropped.increment();
      byte[] whole = Arrays.copyOf(batch.toByteArray(), size);
      batch.reset();
      batch.writeBytes(whole);
      lines = AccessLines.to(batch, format, fields);
    }
  }

  private void flush() {
    if (batch.size() == 0) {
      return;
    }
    try {
      out.write(batch.toByteArray());
      out.flush();
      broken = false;
    } catch (IOException e) {
      if (!broken) {
        broken = true;
        LOG.warn("the access log can't be written: {}", e.toString());
      }
    } finally {
      batch.reset();
    }
  }

  private void report() {
    long sum = dropped.sum();
    if (sum > reported && System.nanoTime() - reportedAt >= REPORT_NANOS) {
      LOG.warn("{} lines of the access log were dropped: it is read more slowly than requests come in", sum - reported);
      reported = sum;
      reportedAt = System.nanoTime();
    }
  }

  /** Writes what is left, unless that takes long. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(writer);
    try {
      writer.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
