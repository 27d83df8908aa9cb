package io.berth.bench;

import io.berth.oci.Digest;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Unique blobs that do not compress, at no cost while the clock runs. All of one size share their random beginning and differ in their last 32
 * bytes, so that the hash of the beginning is computed once, before the clock starts, and each digest continues a copy of it. Nothing is kept for a
 * blob: its number is enough to make it again.
 *
 * <p>Safe for all threads.
 */
final class Contents {

  /** A blob needs so many bytes to be unique. */
  static final int SMALLEST = 32;

  private static final int POOL = 16 << 20;

  private final long seed;
  private final ByteBuffer pool = ByteBuffer.allocateDirect(POOL);
  private final ConcurrentMap<Long, MessageDigest> beginnings = new ConcurrentHashMap<>();
  private final AtomicLong ranges = new AtomicLong();

  Contents(long seed) {
    this.seed = seed;
    byte[] random = new byte[POOL];
    new SplittableRandom(seed).nextBytes(random);
    pool.put(random).clear();
  }

  /** The first of 2^40 numbers that nobody else has. */
  long newNumbers() {
    return ranges.getAndIncrement() << 40;
  }

  /** The blob of a size and number. */
  Blob blob(long size, long number) {
    var tail = new byte[SMALLEST];
    var random = new SplittableRandom(seed ^ number);
    ByteBuffer.wrap(tail).putLong(number).putLong(random.nextLong()).putLong(random.nextLong()).putLong(random.nextLong());
    MessageDigest hash = continued(beginnings.computeIfAbsent(size, this::hashedBeginning));
    hash.update(tail);
    return new Blob(new Tailed(pool, size, tail), Digest.Algorithm.SHA256.finish(hash));
  }

  private MessageDigest hashedBeginning(long size) {
    if (size < SMALLEST) {
      throw new IllegalArgumentException("a unique blob has at least " + SMALLEST + " bytes");
    }
    MessageDigest hash = Digest.Algorithm.SHA256.newHash();
    for (long left = size - SMALLEST; left > 0; left -= POOL) {
      hash.update(pool.slice(0, Math.toIntExact(Math.min(POOL, left))));
    }
    return hash;
  }

  private static MessageDigest continued(MessageDigest beginning) {
    try {
      return (MessageDigest) beginning.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the platform's SHA-256 can be cloned", e);
    }
  }

  /** The pool, over and over, and then a tail. */
  private record Tailed(ByteBuffer pool, long size, byte[] tail) implements Payload {

    @Override
    public ByteBuffer part(long from, int most) {
      long body = size - tail.length;
      if (from >= body) {
        int start = Math.toIntExact(from - body);
        return ByteBuffer.wrap(tail, start, Math.min(most, tail.length - start));
      }
      int start = Math.toIntExact(from % POOL);
      return pool.slice(start, Math.toIntExact(Math.min(most, Math.min(POOL - start, body - from))));
    }
  }
}
