package io.berth.bench;

import io.berth.bench.Scenario.Kind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What came of a workload against a target. */
record Outcome(Workload workload, Target target, Result result) {

  sealed interface Result {}

  /**
   * It was measured.
   *
   * @param remark in words, or empty
   */
  record Measured(List<Kind> kinds, List<Round> rounds, String remark) implements Result {

    /** All errors of all rounds. */
    Map<String, Long> errors() {
      var errors = new TreeMap<String, Long>();
      rounds.forEach(round -> round.errors().forEach((kind, times) -> errors.merge(kind, times, Long::sum)));
      return errors;
    }
  }

  /** The registry does not offer it. */
  record NotSupported(String why) implements Result {}

  /** It could not be prepared. */
  record Failed(String why) implements Result {}

  /** It was not begun, since the program was told to end. */
  record Skipped() implements Result {}

  /**
   * One round.
   *
   * @param operations that succeeded, for each kind
   * @param latencies for each kind
   * @param all latencies of all kinds together
   */
  record Round(double seconds, double bytes, List<Long> operations, List<Percentiles> latencies, Percentiles all, Map<String, Long> errors,
      Optional<ProcessUsage> usage, boolean interrupted) {

    long operationsInAll() {
      return operations.stream().mapToLong(Long::longValue).sum();
    }

    /** Operations a second, of all kinds. */
    double rate() {
      return operationsInAll() / seconds;
    }
  }

  /** Whether it went without errors; what is not offered is none. */
  boolean isClean() {
    return switch (result) {
      case Measured measured -> measured.errors().isEmpty();
      case NotSupported _, Skipped _ -> true;
      case Failed _ -> false;
    };
  }
}
