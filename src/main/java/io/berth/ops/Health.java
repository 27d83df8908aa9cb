package io.berth.ops;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the registry can do its work at this moment. Its checks run when somebody asks, at most once a second however many ask, and one that
 * hangs counts as failed and is not started again before it has ended. Blocks for a few seconds at most; safe for any thread.
 */
public final class Health {

  private static final Logger LOG = LoggerFactory.getLogger(Health.class);
  private static final Duration FRESH = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** Finds out whether one thing works. */
  public interface Check {

    /** What is wrong, in words that anyone may read, without paths; empty if all is well. */
    Optional<String> problem() throws Exception;
  }

  private final List<Watched> checks;
  private final Supplier<Optional<String>> warning;
  private final Duration fresh;
  private final Duration patience;
  private volatile boolean draining;
  private @Nullable Map<String, String> problems;
  private long askedAt;

  /** Health by these checks; a name stands for what is checked. */
  public Health(Map<String, Check> checks) {
    this(checks, Optional::empty);
  }

  /**
   * Health by these checks.
   *
   * @param warning what is worth a word, although the registry is ready
   */
  public Health(Map<String, Check> checks, Supplier<Optional<String>> warning) {
    this(checks, warning, FRESH, PATIENCE);
  }

  Health(Map<String, Check> checks, Duration fresh, Duration patience) {
    this(checks, Optional::empty, fresh, patience);
  }

  private Health(Map<String, Check> checks, Supplier<Optional<String>> warning, Duration fresh, Duration patience) {
    this.warning = warning;
    this.checks = checks.entrySet().stream().map(check -> new Watched(check.getKey(), check.getValue())).toList();
    this.fresh = fresh;
    this.patience = patience;
  }

  /** From now on the registry is about to end, and wants no more requests. */
  public void drain() {
    draining = true;
  }

  /** What is wrong, by the name of the check; nothing if the registry is ready. */
  public Map<String, String> problems() {
    if (draining) {
      return Map.of("draining", "the registry is about to end");
    }
    return checked();
  }

  /** What does not work although the registry is ready, in words that anyone may read. */
  public Optional<String> warning() {
    return warning.get();
  }

  private synchronized Map<String, String> checked() {
    Map<String, String> known = problems;
    if (known != null && System.nanoTime() - askedAt < fresh.toNanos()) {
      return known;
    }
    checks.forEach(Watched::start);
    long deadline = System.nanoTime() + patience.toNanos();
    Map<String, String> found = new LinkedHashMap<>();
    checks.forEach(check -> check.await(deadline).ifPresent(words -> found.put(check.name, words)));
    if (known == null ? !found.isEmpty() : !known.equals(found)) {
      LOG.warn(found.isEmpty() ? "ready again" : "not ready: {}", String.join("; ", found.values()));
    }
    problems = found;
    askedAt = System.nanoTime();
    return found;
  }

  /** A check and its last run. */
  private static final class Watched {

    private final String name;
    private final Check check;
    private @Nullable CompletableFuture<Optional<String>> run;

    Watched(String name, Check check) {
      this.name = name;
      this.check = check;
    }

    void start() {
      if (run == null || run.isDone()) {
        var next = new CompletableFuture<Optional<String>>();
        run = next;
        Thread.ofVirtual().name("berth-health-" + name).start(() -> {
          try {
            next.complete(check.problem());
          } catch (Exception e) {
            LOG.debug("the check of {} failed", name, e);
            next.complete(Optional.of(name + " fails"));
          }
        });
      }
    }

    Optional<String> await(long deadline) {
      if (run == null) {
        return Optional.empty();
      }
      try {
        return run.get(Math.max(deadline - System.nanoTime(), 0), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        return Optional.of(name + " does not answer");
      } catch (ExecutionException e) {
        return Optional.of(name + " fails");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.of(name + " was not checked");
      }
    }
  }
}
