package io.berth.storage.fs;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Content as everyone sees it, what of it is durable, and the steps between the two. For one thread at a time. */
final class ForgetfulFile implements ForgetfulDisk.Node {
  private byte[] content = new byte[0];
  private byte[] durable = new byte[0];
  private final List<byte[]> since = new ArrayList<>();
  private int lostFrom;
  private int lostTo;
  private Instant at;

  ForgetfulFile(Instant at) {
    this.at = at;
  }

  byte[] content() {
    return content;
  }

  Instant at() {
    return at;
  }

  void become(byte[] next, Instant now) {
    at = now;
    content = next;
    lostTo = Math.min(lostTo, next.length);
    since.add(next);
  }

  /** What is written again has yet to reach the disk, and the system knows that. */
  void written(int from, int to) {
    if (from <= lostFrom) {
      lostFrom = Math.max(lostFrom, to);
    }
  }

  void force() {
    durable = lasting(content);
    since.clear();
  }

  /** The system takes for written what the disk has not taken. */
  void forceFailed() {
    lostFrom = Math.min(durable.length, content.length);
    lostTo = content.length;
    since.clear();
  }

  private byte[] lasting(byte[] seen) {
    byte[] lasting = seen.clone();
    if (lostFrom < Math.min(lostTo, seen.length)) {
      Arrays.fill(lasting, lostFrom, Math.min(lostTo, seen.length), (byte) 0);
    }
    return lasting;
  }

  /** Some state between the durable one and the last, perhaps torn: as long as one, with zeros or old bytes where the disk had no time. */
  void fail(RandomGenerator random) {
    if (!since.isEmpty() && random.nextBoolean()) {
      byte[] reached = lasting(since.get(random.nextInt(since.size())));
      if (random.nextBoolean()) {
        byte[] torn = Arrays.copyOf(durable, reached.length);
        System.arraycopy(reached, 0, torn, 0, random.nextInt(reached.length + 1));
        reached = torn;
      }
      durable = reached;
    }
    content = durable;
    lostTo = 0;
    since.clear();
  }
}
