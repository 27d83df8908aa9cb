package io.berth.registry;

import io.berth.oci.Digest;
import io.berth.oci.ImageRefs;
import io.berth.oci.PullCounts;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.policy.Action;
import io.berth.policy.Extent;
import io.berth.policy.Rights;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * What was pulled and is not written down yet, counted in memory: as many counters as there are different things that were pulled, and so many at most. One
 * more than that is left out, and counted as such. To count asks no store and waits for nobody. Safe for any thread.
 */
public final class Pulls {

  /** Tags that one request may be for, and count for each. */
  static final int CLAIMS = 4;

  private static final long MILLIS_OF_A_DAY = 86_400_000;

  private final InstantSource clock;
  private final int capacity;
  private final ConcurrentMap<About, Counter> counters = new ConcurrentHashMap<>();
  private final AtomicInteger size = new AtomicInteger();
  private final LongAdder dropped = new LongAdder();
  private volatile Runnable halfFull = () -> {
  };

  /** Counters for at most so many different things. */
  public Pulls(InstantSource clock, int capacity) {
    this.clock = clock;
    this.capacity = capacity;
  }

  /** As many as the heap has room for: each may take a kilobyte, where names are long. */
  public static Pulls inMemory(InstantSource clock) {
    return new Pulls(clock, Math.clamp(Runtime.getRuntime().maxMemory() / 16_384, 1_024, 65_536));
  }

  /**
   * What pulls are about.
   *
   * @param name as what it was asked for
   * @param day counted from 1970, by UTC
   * @param claims which tags it was for, as the client said; none where the tag itself was asked for
   */
  record About(RepositoryName repository, TagOrDigest name, long day, List<Claim> claims) {}

  /**
   * A tag that a pull was for, as the client said.
   *
   * @param readable whether the client was allowed to pull the tag
   */
  record Claim(Tag tag, boolean readable) {}

  /**
   * How much of one thing was pulled.
   *
   * @param last when the last time was
   */
  record Counted(About about, PullCounts counts, Instant last) {

    LocalDate day() {
      return LocalDate.ofEpochDay(about.day);
    }
  }

  /** Changed under the lock of its entry alone. */
  private static final class Counter {

    private long pulls;
    private long blobs;
    private long bytes;
    private long last;

    void add(PullCounts counts, long millis) {
      pulls += counts.pulls();
      blobs += counts.blobs();
      bytes += counts.bytes();
      last = Math.max(last, millis);
    }

    Counted of(About about) {
      return new Counted(about, new PullCounts(pulls, blobs, bytes), Instant.ofEpochMilli(last));
    }
  }

  /** Has somebody told, on the thread that counts, when it is half full. */
  public void whenHalfFull(Runnable told) {
    halfFull = told;
  }

  /**
   * Counts an answer.
   *
   * @param name as what it was asked for
   * @param rights of who was answered
   * @param refs what the request was for, as the client said
   * @param counts what was sent; nothing, where it was only looked for
   */
  public void count(RepositoryName repository, TagOrDigest name, Rights rights, ImageRefs refs, PullCounts counts) {
    long now = clock.millis();
    List<Claim> claims = switch (name) {
      case Tag _ -> List.of();
      case Digest _ -> claims(repository, rights, refs);
    };
    add(new About(repository, name, Math.floorDiv(now, MILLIS_OF_A_DAY), claims), counts, now);
  }

  private static List<Claim> claims(RepositoryName repository, Rights rights, ImageRefs refs) {
    List<Tag> tags = refs.refs().isEmpty() ? List.of() : refs.tags(repository);
    if (tags.isEmpty()) {
      return List.of();
    }
    Extent pull = rights.access(repository).extent(Action.PULL);
    return tags.stream().limit(CLAIMS).map(tag -> new Claim(tag, pull.covers(tag))).toList();
  }

  private void add(About about, PullCounts counts, long millis) {
    var isNew = new boolean[1];
    counters.compute(about, (_, counter) -> {
      if (counter == null) {
        if (size.incrementAndGet() > capacity) {
          size.decrementAndGet();
          dropped.increment();
          return null;
        }
        counter = new Counter();
        isNew[0] = true;
      }
      counter.add(counts, millis);
      return counter;
    });
    if (isNew[0] && size.get() >= capacity / 2) {
      halfFull.run();
    }
  }

  /** Takes out what there is. Nothing that is counted meanwhile is lost. */
  List<Counted> drain() {
    var taken = new ArrayList<Counted>();
    for (About about : counters.keySet()) {
      Counter counter = counters.remove(about);
      if (counter != null) {
        size.decrementAndGet();
        taken.add(counter.of(about));
      }
    }
    return taken;
  }

  /** Puts back what could not be written, as far as there is room. */
  void restore(List<Counted> counted) {
    counted.forEach(one -> add(one.about, one.counts, one.last.toEpochMilli()));
  }

  /** Leaves something out. */
  public void drop(int counters) {
    dropped.add(counters);
  }

  /** What has been left out so far. */
  public long dropped() {
    return dropped.sum();
  }

  /** How many different things wait to be written down. */
  public int waiting() {
    return size.get();
  }
}
