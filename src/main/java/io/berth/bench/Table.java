package io.berth.bench;

import io.berth.bench.Outcome.Failed;
import io.berth.bench.Outcome.Measured;
import io.berth.bench.Outcome.NotSupported;
import io.berth.bench.Outcome.Round;
import io.berth.bench.Outcome.Skipped;
import io.berth.bench.Summary.Line;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A report for people: a block for each workload, a line for each target, at most a hundred columns. */
final class Table {

  private static final int NAME = 15;
  private static final int PROMISE = 15;
  private static final int WIDTH = 100;
  private static final String ROW = "%-" + NAME + "s %-" + PROMISE + "s %10s %5s %6s %6s %6s %6s %6s %7s %5s";
  private static final String MISSING = "-";

  private final Report report;
  private final StringBuilder text = new StringBuilder();

  Table(Report report) {
    this.report = report;
  }

  String text() {
    BenchOptions options = report.options();
    line(counted(options.connections(), "connection") + ", "
        + (options.requests() == Long.MAX_VALUE ? "" : options.requests() + " operations or ") + words(options.duration()) + " a run after "
        + words(options.warmUp()) + " of warm-up, medians of " + counted(options.rounds(), "round")
        + (options.rounds() == 1 ? "" : " in turns"));
    line(options.rate() > 0
        ? "open loop: " + number(options.rate()) + " operations a second are due; latencies from the due time"
        : "closed loop: each connection begins an operation when its last one has ended");
    report.targets().forEach(t -> line(t.name() + " = http://" + t.authority() + ", durability: " + t.durability()));
    report.options().workloads().forEach(this::workload);
    report.notes().forEach(note -> line("note: " + note));
    return text.toString();
  }

  private void workload(Workload workload) {
    List<Summary> summaries = report.summaries(workload);
    boolean bytes = summaries.stream().flatMap(s -> s.lines().stream()).anyMatch(l -> l.bytesPerSecond() > 0);
    line("");
    line(workload + ": " + workload.description() + details(workload));
    row("", "durability", bytes ? "MB/s" : "ops/s", "ratio", "p50", "p90", "p99", "p99.9", "max", "CPU/op", "MB");
    summaries.forEach(this::target);
  }

  private String details(Workload workload) {
    BenchOptions options = report.options();
    return switch (workload) {
      case PULL_BLOB -> ", " + bytes(options.size());
      case PUSH_BLOB -> ", " + bytes(options.size()) + (options.chunk() > 0 ? " in chunks of " + bytes(options.chunk()) : " in one piece");
      case HEAD_TAG, TAG_PAGE -> ", " + options.tags() + " tags";
      case PUSH_SMALL, MIXED -> options.oneRepository() ? ", all into one repository" : ", each into a new repository";
      case PULL_TAG, HEAD_BLOB, PULL_SMALL, MOUNT -> "";
    };
  }

  private void target(Summary summary) {
    Outcome outcome = summary.outcome();
    switch (outcome.result()) {
      case Measured measured -> measured(summary, measured);
      case NotSupported unsupported -> row(name(outcome), "not supported: " + unsupported.why());
      case Failed failed -> row(name(outcome), "FAILED: " + failed.why());
      case Skipped _ -> row(name(outcome), "not measured");
    }
  }

  private void measured(Summary summary, Measured measured) {
    Outcome outcome = summary.outcome();
    for (Line l : summary.lines()) {
      boolean all = l.kind().isEmpty();
      var latency = l.latency();
      row(all ? name(outcome) : "  " + l.kind(), all ? cut(outcome.target().durability(), PROMISE) : "",
          l.bytesPerSecond() > 0 ? number(l.bytesPerSecond() / 1e6) : number(l.operationsPerSecond()),
          all ? ratio(summary.ratio()) : "", time(latency.p50()), time(latency.p90()), time(latency.p99()), time(latency.p999()),
          time(latency.max()), all ? time(summary.cpuNanos()) : "", all ? megabytes(summary.peakBytes()) : "");
    }
    var remarks = new ArrayList<String>();
    if (!measured.remark().isEmpty()) {
      remarks.add(measured.remark());
    }
    if (measured.rounds().stream().anyMatch(Round::interrupted)) {
      remarks.add("interrupted");
    }
    if (!remarks.isEmpty()) {
      line("  note: " + String.join("; ", remarks));
    }
    if (!measured.errors().isEmpty()) {
      long errors = measured.errors().values().stream().mapToLong(Long::longValue).sum();
      line("  ERRORS: " + errors + " ("
          + measured.errors().entrySet().stream().map(e -> e.getValue() + " x " + e.getKey()).collect(Collectors.joining("; ")) + ")");
    }
  }

  private static String name(Outcome outcome) {
    return cut(outcome.target().name(), NAME);
  }

  private void row(String name, String words) {
    line(String.format(Locale.ROOT, "%-" + NAME + "s %s", name, words));
  }

  private void row(String name, String promise, String... figures) {
    Object[] cells = Stream.concat(Stream.of(name, promise), Arrays.stream(figures)).toArray();
    line(String.format(Locale.ROOT, ROW, cells));
  }

  private void line(String words) {
    text.append(cut(words.stripTrailing(), WIDTH)).append('\n');
  }

  private static String cut(String words, int width) {
    return words.length() <= width ? words : words.substring(0, width - 1) + "…";
  }

  private static String counted(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  private static String words(Duration duration) {
    return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
  }

  static String number(double value) {
    if (Double.isNaN(value)) {
      return MISSING;
    }
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%,.0f", value);
  }

  private static String ratio(double value) {
    return Double.isNaN(value) ? MISSING : String.format(Locale.ROOT, value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f", value);
  }

  private static String megabytes(double bytes) {
    return Double.isNaN(bytes) ? MISSING : String.format(Locale.ROOT, "%.0f", bytes / 1e6);
  }

  private static String bytes(long bytes) {
    if (bytes % (1 << 20) == 0) {
      return (bytes >> 20) + " MiB";
    }
    return bytes % (1 << 10) == 0 ? (bytes >> 10) + " KiB" : bytes + " bytes";
  }

  /** Nanoseconds in the unit that fits, at most six characters. */
  static String time(double nanos) {
    if (Double.isNaN(nanos)) {
      return MISSING;
    }
    if (nanos < 999_500) {
      return String.format(Locale.ROOT, nanos < 99_500 ? "%.1fus" : "%.0fus", nanos / 1e3);
    }
    return nanos < 999_500_000 ? scaled(nanos / 1e6, "ms") : scaled(nanos / 1e9, "s");
  }

  private static String scaled(double value, String unit) {
    return String.format(Locale.ROOT, value < 9.995 ? "%.2f%s" : value < 99.95 ? "%.1f%s" : "%.0f%s", value, unit);
  }
}
