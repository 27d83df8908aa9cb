package io.berth.registry;

import io.berth.oci.RepositoryName;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets readers follow what happens in a repository: the changes of its tags, or what comes and goes. The metadata store is the truth: a follower reads there what comes behind what it
 * has, and waits when there is nothing. To be told of a change ({@link #changed}) only makes it quick; every few seconds somebody looks
 * anyway, for changes that another process made. None is lost in between: whoever waits has read after the last word there was.
 *
 * <p>However many follow, what they read at the same position is read once ({@link SharedReadings}). A follower has a few small steps in
 * memory, or one large one that it shares.
 *
 * <p>Safe for any thread. {@link Follower#next} blocks, without any lock; the rest does not.
 */
public final class Feed<S extends Feed.Step> {

  private static final Duration GLANCE = Duration.ofSeconds(5);
  private static final Duration LIFE = Duration.ofHours(1);

  private final SharedReadings<S> readings;
  private final Duration glance;
  private final Duration life;
  private final LongSupplier nanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<RepositoryName, Lane<S>> lanes = new HashMap<>(); // of those that are followed
  private long words;
  private @Nullable Term current;

  /** What happened, and can't be divided. All who follow share it. Immutable. */
  public interface Step {

    /** Grows from step to step of a repository. */
    long sequence();

    /** How much of memory it takes, as compared with one small change. */
    int size();
  }

  /** The question to the metadata store. */
  @FunctionalInterface
  public interface Changes<S extends Step> {

    /**
     * The steps behind a sequence, in order: of about {@code limit} changes, and one at least if there is any. Nothing for a sequence that there has
     * not been, or a repository that does not exist.
     */
    List<S> behind(RepositoryName repository, long sequence, int limit);
  }

  public Feed(Changes<S> changes) {
    this(changes, GLANCE, LIFE, System::nanoTime);
  }

  Feed(Changes<S> changes, Duration glance, Duration life, LongSupplier nanos) {
    this.readings = new SharedReadings<>(changes);
    this.glance = glance;
    this.life = life;
    this.nanos = nanos;
  }

  /** All who follow one repository. {@code word} is the last one that something may have changed; it never was another lane's. */
  private static final class Lane<S extends Step> {

    private final Set<Feed<S>.Follower> followers = new LinkedHashSet<>();
    private long word;
    private long lookAt;
  }

  /** Something has happened, durably: those who follow the repository look. */
  public void changed(RepositoryName repository) {
    lock.lock();
    try {
      Lane<S> lane = lanes.get(repository);
      if (lane != null) {
        tell(lane);
      }
    } finally {
      lock.unlock();
    }
  }

  private void tell(Lane<S> lane) {
    lane.word = ++words;
    lane.lookAt = nanos.getAsLong() + glance.toNanos();
    lane.followers.forEach(follower -> follower.told.signal());
  }

  /** Follows a repository, which need not exist, behind a sequence, which need not have been. To be closed. */
  public Follower follow(RepositoryName repository, long after) {
    lock.lock();
    try {
      Lane<S> lane = lanes.computeIfAbsent(repository, _ -> new Lane<>());
      if (lane.followers.isEmpty()) {
        tell(lane);
      }
      Follower follower = new Follower(repository, lane, after);
      lane.followers.add(follower);
      return follower;
    } finally {
      lock.unlock();
    }
  }

  /** Everyone who follows has to ask again whether he may: rights have changed. */
  public void endAll() {
    lock.lock();
    try {
      List<Follower> all = lanes.values().stream().flatMap(lane -> lane.followers.stream()).toList();
      all.forEach(Follower::close);
    } finally {
      lock.unlock();
    }
  }

  /** The repository is gone, with all that was told of it: who follows has to begin anew. */
  public void gone(RepositoryName repository) {
    lock.lock();
    try {
      Lane<S> lane = lanes.get(repository);
      if (lane != null) {
        List.copyOf(lane.followers).forEach(Follower::close);
      }
    } finally {
      lock.unlock();
    }
  }

  /** A time in which rights stay as they are. */
  public Term term() {
    return new Term();
  }

  /** A time in which rights stay as they are: who was let in during one does not follow in another. */
  public final class Term {

    private Term() {}

    /** Begins; who follows has to ask again whether he may. */
    public void begin() {
      lock.lock();
      try {
        current = this;
        endAll();
      } finally {
        lock.unlock();
      }
    }

    /** Follows as {@link Feed#follow}; not at all if the time is over. */
    public Follower follow(RepositoryName repository, long after) {
      lock.lock();
      try {
        Follower follower = Feed.this.follow(repository, after);
        if (current != null && current != this) {
          follower.close();
        }
        return follower;
      } finally {
        lock.unlock();
      }
    }
  }

  /** How many follow. */
  public int followers() {
    lock.lock();
    try {
      return lanes.values().stream().mapToInt(lane -> lane.followers.size()).sum();
    } finally {
      lock.unlock();
    }
  }

  /** The changes that are kept in memory for those who come to the same position. */
  int keptChanges() {
    return readings.keptChanges();
  }

  /** One who follows. {@link #next} is for one thread at a time, {@link #close} for any. */
  public final class Follower implements AutoCloseable {

    private final RepositoryName repository;
    private final Lane<S> lane;
    private final Condition told = lock.newCondition();
    private final Deque<S> read = new ArrayDeque<>();
    private final long end = nanos.getAsLong() + life.toNanos();
    private long after;
    private volatile boolean closed;

    private Follower(RepositoryName repository, Lane<S> lane, long after) {
      this.repository = repository;
      this.lane = lane;
      this.after = after;
    }

    /**
     * Waits for the next step.
     *
     * @param atMost how long
     * @return {@code null} if there is none yet, or {@link #isOver} says that there will be none
     */
    public @Nullable S next(Duration atMost) throws InterruptedException {
      long until = nanos.getAsLong() + atMost.toNanos();
      while (!isOver()) {
        if (read.isEmpty()) {
          long heard = lastWord();
          read.addAll(readings.behind(repository, after, heard));
          if (read.isEmpty() && !hears(heard, until)) {
            return null;
          }
        } else {
          S next = read.remove();
          after = next.sequence();
          return next;
        }
      }
      return null;
    }

    private long lastWord() {
      lock.lock();
      try {
        return lane.word;
      } finally {
        lock.unlock();
      }
    }

    /** Waits for a word that it has not heard; false if none came in time. Whoever has waited long enough says one to all. */
    private boolean hears(long heard, long until) throws InterruptedException {
      lock.lock();
      try {
        while (lane.word == heard && !isOver()) {
          long now = nanos.getAsLong();
          if (now - until >= 0) {
            return false;
          }
          if (now - lane.lookAt >= 0) {
            tell(lane);
          } else {
            var _ = told.awaitNanos(Math.min(Math.min(until - now, lane.lookAt - now), end - now));
          }
        }
        return true;
      } finally {
        lock.unlock();
      }
    }

    /** Whether nothing more comes: it has been closed, or has gone on for so long that the right to it is to be asked for again. */
    public boolean isOver() {
      return closed || nanos.getAsLong() - end >= 0;
    }

    /** Ends it; who waits in {@link #next} comes back. May be called more than once. */
    @Override
    public void close() {
      lock.lock();
      try {
        closed = true;
        told.signal();
        if (lane.followers.remove(this) && lane.followers.isEmpty()) {
          lanes.remove(repository, lane);
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
