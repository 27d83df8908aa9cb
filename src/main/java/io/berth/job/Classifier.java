package io.berth.job;

import io.berth.metadata.MetadataStore;
import io.berth.policy.AccessPolicy;
import io.berth.registry.AccessClasses;
import io.berth.registry.Mode;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares repositories with the patterns of the rules of access when these have changed, so that mounts find what is in them. To find out that
 * nothing is to be done takes one look. One thread; it rests while nothing may be changed, and what fails is tried again after the interval.
 */
public final class Classifier implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Classifier.class);
  private static final Duration INTERVAL = Duration.ofMinutes(10);

  private final MetadataStore metadata;
  private final AccessClasses classes;
  private final Mode mode;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("berth-classifier").daemon().factory());
  private volatile boolean closed;

  /** One that works in a store; {@link #start} lets it, but not while {@code mode} forbids to change anything. */
  public Classifier(MetadataStore metadata, AccessClasses classes, Mode mode) {
    this.metadata = metadata;
    this.classes = classes;
    this.mode = mode;
  }

  /** Begins to work, now and after each interval. */
  public Classifier start() {
    var _ = thread.scheduleWithFixedDelay(this::run, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    return this;
  }

  /** Other rules from now on. */
  public void rules(AccessPolicy policy) {
    classes.rules(policy);
    thread.execute(this::run);
  }

  private void run() {
    try {
      classes.compareAll(metadata, () -> closed || mode.isReadOnly());
    } catch (RuntimeException e) {
      LOG.error(
          "repositories could not be compared with the rules of access, so that mounts may not find what is in them; the next try is in {}",
          INTERVAL, e);
    }
  }

  /** Ends the step that is under way, and does no further one. */
  @Override
  public void close() {
    closed = true;
    thread.shutdown();
    try {
      if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("the classifier is still at work");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
