package io.berth.http;

import io.berth.oci.StoreFailure;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * What the log is told when stores fail. A store that fails may fail every request: of each kind of failure one is told with its cause in ten
 * seconds. Those in between have a line each if the cause lasts, otherwise they are counted. Safe for any thread.
 */
final class FailureLog {

  private static final long QUIET = Duration.ofSeconds(10).toNanos();

  private final Logger log;
  private final LongSupplier nanoTime;
  private final Map<StoreFailure.Kind, Last> last = new EnumMap<>(StoreFailure.Kind.class);

  private record Last(long at, long untold) {}

  FailureLog(Logger log, LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
  }

  /** Only what lasts is worth a stack trace. */
  void failed(StoreFailure.Kind kind, RuntimeException failure, Request request) {
    long untold = untold(kind);
    if (untold < 0) {
      if (kind == StoreFailure.Kind.LASTING) { // its client was told that the log knows more
        log.error("request {} {} failed as others just before: {}", request.id(), request.method(), failure.getMessage());
      }
      return;
    }
    String before = untold == 0 ? "" : ", and " + untold + " more before it";
    if (kind == StoreFailure.Kind.LASTING) {
      log.error("request {} {} failed{}", request.id(), request.method(), before, failure);
    } else {
      Throwable cause = failure.getCause();
      log.warn("request {} {} failed{}: {}{}", request.id(), request.method(), before, failure.getMessage(),
          cause == null ? "" : " (" + cause + ")");
    }
  }

  /** How many were not told since the last that was; less than 0 if this one is not to be told either. */
  private synchronized long untold(StoreFailure.Kind kind) {
    long now = nanoTime.getAsLong();
    Last before = last.get(kind);
    if (before != null && now - before.at < QUIET) {
      last.put(kind, new Last(before.at, before.untold + 1));
      return -1;
    }
    last.put(kind, new Last(now, 0));
    return before == null ? 0 : before.untold;
  }
}
