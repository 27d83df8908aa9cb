package io.berth.job;

import io.berth.metadata.TagReads.DueTag;
import io.berth.ops.AuditLog;
import io.berth.registry.Mode;
import io.berth.registry.TagLists;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes tags whose time is over, each by itself, so that it holds up nobody for long. One thread; it rests while nothing may be changed, and
 * when the clock was put forward, since all tags look overdue then. A tag that can't be removed keeps none of the others; what fails is
 * tried again after the interval. Each that goes has a line of the audit, and it rests while there has to be one and none can be written.
 */
public final class TagReaper implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TagReaper.class);

  /** How often it looks, usually. */
  public static final Duration INTERVAL = Duration.ofMinutes(1);

  /** By what a clock that was put forward is judged. */
  public static final Duration GRACE = Duration.ofDays(1);

  /** What is read at once. */
  private static final int STEP = 500;

  /** So many failures in a round, and the store is what fails. */
  private static final int FAILURES = 20;

  private final TagLists lists;
  private final Predicate<DueTag> expire;
  private final InstantSource clock;
  private final Supplier<Optional<Duration>> rest;
  private final Duration interval;
  private final Mode mode;
  private final AuditLog audit;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("berth-tag-reaper").daemon().factory());
  private volatile boolean closed;

  /**
   * A reaper; {@link #start} lets it work, but not while {@code mode} forbids to change anything.
   *
   * @param expire removes one, {@link io.berth.registry.Tags#expire}; says whether it did
   * @param rest how long to rest still, where the clock can't be gone by
   * @param interval how often it looks
   * @param audit where it is written down what was removed
   */
  public TagReaper(TagLists lists, Predicate<DueTag> expire, InstantSource clock, Supplier<Optional<Duration>> rest, Duration interval,
      Mode mode, AuditLog audit) {
    this.lists = lists;
    this.expire = expire;
    this.clock = clock;
    this.rest = rest;
    this.interval = interval;
    this.mode = mode;
    this.audit = audit;
  }

  /** Begins to work, now and after each interval. */
  public void start() {
    var _ = thread.scheduleWithFixedDelay(this::run, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** One round. */
  void run() {
    try {
      if (isAllowed() && rest.get().isEmpty()) {
        new Round().run();
      }
    } catch (RuntimeException e) {
      LOG.error("tags whose time is over could not be removed; the next try is in {}", interval, e);
    }
  }

  /** What one round does. It ends when nothing is due but what it has tried. */
  private final class Round {

    private final Set<DueTag> failed = new HashSet<>();
    private List<DueTag> before = List.of();

    void run() {
      while (true) {
        List<DueTag> due = lists.due(clock.instant(), STEP + failed.size());
        List<DueTag> untried = due.stream().filter(tag -> !failed.contains(tag)).toList();
        if (untried.isEmpty() || due.equals(before) || !work(untried)) {
          return;
        }
        before = due;
      }
    }

    /** Says whether to go on. */
    private boolean work(List<DueTag> due) {
      int removed = 0;
      int kept = 0;
      try {
        for (DueTag tag : due) {
          if (closed || !isAllowed() || failed.size() == FAILURES) {
            return false;
          }
          switch (expire(tag)) {
            case REMOVED -> {
              removed++;
              tell(tag);
            }
            case KEPT -> kept++;
            case FAILED -> failed.add(tag);
          }
        }
        return true;
      } finally {
        if (removed + kept > 0) {
          LOG.atInfo().addKeyValue("removed", removed).addKeyValue("kept", kept).addKeyValue("failed", failed.size())
              .log("removed {} tags whose time was over; {} stay, since they were changed or a rule is against it", removed, kept);
        }
      }
    }

    private Result expire(DueTag due) {
      try {
        return expire.test(due) ? Result.REMOVED : Result.KEPT;
      } catch (RuntimeException e) {
        LOG.error("tag {} of repository {}, whose time is over, could not be removed; the next try is in {}", due.tag(), due.repository(),
            interval, e);
        return Result.FAILED;
      }
    }
  }

  private boolean isAllowed() {
    return !mode.isReadOnly() && audit.isReady();
  }

  private void tell(DueTag tag) {
    var deed = new AuditLog.Deed("ExpireTag", tag.repository().value(), List.of(tag.tag().value()), "", "", "");
    audit.write(new AuditLog.Entry(AuditLog.Source.REGISTRY, deed, AuditLog.Decision.ALLOWED, "its time was over", 0));
  }

  private enum Result {
    REMOVED, KEPT, FAILED
  }

  /** Ends the removal that is under way, and does no further one. */
  @Override
  public void close() {
    closed = true;
    thread.shutdown();
    try {
      if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("the tag reaper is still at work");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
