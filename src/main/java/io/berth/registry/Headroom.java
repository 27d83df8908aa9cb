package io.berth.registry;

import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much may still be written to the disk of the blobs. A part of it is kept back: pushes are refused before it is touched, so that names can
 * be written, deletions among them, when there is no room for anything else.
 *
 * <p>The disk is asked anew when as much has been written as there was room for, or when the last answer is a quarter of a second old; so others
 * who write to it, and room that somebody makes, are noticed without a restart. Who comes while it is being asked shares the answer. Safe for
 * any thread.
 */
public final class Headroom {

  private static final Logger LOG = LoggerFactory.getLogger(Headroom.class);
  private static final long FRESH = Duration.ofMillis(250).toNanos();
  private static final int MIB = 20;

  /** With less than this nothing new is begun; what is under way may use it up. */
  private static final long LEAST = 1L << MIB;

  /** A disk, or what stands for one. */
  public interface Space {

    /** How many bytes can be written there. */
    long usable() throws IOException;
  }

  private final Space space;
  private final LongSupplier nanoTime;
  private final AtomicLong left = new AtomicLong();
  private volatile long reserve;
  private volatile long askedAt;

  /** How often the disk has answered. */
  private volatile int answers;
  private volatile boolean refusing;

  /**
   * The room on a disk.
   *
   * @param reserve bytes that are kept back
   */
  public Headroom(Space space, long reserve) {
    this(space, reserve, System::nanoTime);
  }

  Headroom(Space space, long reserve, LongSupplier nanoTime) {
    this.space = space;
    this.nanoTime = nanoTime;
    this.reserve = reserve;
    this.askedAt = nanoTime.getAsLong() - FRESH;
  }

  /** Keeps another amount back from now on. */
  public void reserve(long bytes) {
    reserve = bytes;
    askedAt = nanoTime.getAsLong() - FRESH;
  }

  /** What is kept back. */
  public long reserve() {
    return reserve;
  }

  /**
   * Looks whether so many bytes could be written; nothing is set aside for them.
   *
   * @throws RegistryException (507) {@code DENIED}
   */
  public void require(long bytes) {
    int known = answers;
    if (isStale() || left.get() < bytes || refusing) {
      ask(known, bytes, 0);
    }
  }

  /**
   * Says that so many bytes are about to be written.
   *
   * @throws RegistryException (507) {@code DENIED}: they must not be
   */
  public void take(long bytes) {
    int known = answers;
    if (isStale() || left.addAndGet(-bytes) < 0) {
      ask(known, bytes, bytes);
    }
  }

  private boolean isStale() {
    return nanoTime.getAsLong() - askedAt >= FRESH;
  }

  /**
   * Asks the disk, unless somebody else has done so meanwhile.
   *
   * @param known how often it had answered when the caller looked
   */
  private synchronized void ask(int known, long wanted, long taken) {
    if (answers == known && !askDisk()) {
      return; // whoever writes will see what is wrong
    }
    long room = left.getAndAdd(-taken);
    if (room >= wanted && (taken > 0 || !refusing)) {
      return;
    }
    left.addAndGet(taken);
    throw new RegistryException(507, ErrorCode.DENIED, taken > 0 || refusing ? full()
        : "the registry has no room for " + wanted + " bytes: push less, or try again when its operator has made room");
  }

  /** Whether it has answered. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  private boolean askDisk() {
    long usable;
    try {
      usable = space.usable();
    } catch (IOException e) {
      return false;
    }
    long room = usable - reserve;
    tell(usable, room < LEAST);
    left.set(room);
    askedAt = nanoTime.getAsLong();
    answers++;
    return true;
  }

  private void tell(long usable, boolean now) {
    if (now && !refusing) {
      LOG.warn("pushes are refused: {} MiB are free on the disk of the data folder, {} MiB are kept back "
          + "(storage.filesystem.reserve). Make room there; pushes then go on by themselves", usable >> MIB, reserve >> MIB);
    } else if (!now && refusing) {
      LOG.info("there is room again, and pushes are welcome: {} MiB are free on the disk of the data folder", usable >> MIB);
    }
    refusing = now;
  }

  /** Whether pushes are refused, in words that anyone may read. */
  public Optional<String> warning() {
    try {
      require(0);
      return Optional.empty();
    } catch (RegistryException e) {
      return Optional.of(full());
    }
  }

  /** What a client is told when there is no room. */
  private static String full() {
    return "the registry's disk is full: nothing can be pushed until its operator has made room; pulls and deletions go on";
  }
}
