package io.berth.bench;

import java.time.Instant;
import java.util.List;

/** Everything that came of a measurement. */
public record Report(Instant begun, BenchOptions options, List<Target> targets, List<Outcome> outcomes, List<String> notes) {

  /** Whether nothing failed. */
  public boolean isClean() {
    return outcomes.stream().allMatch(Outcome::isClean);
  }

  /** For people: a table of at most a hundred columns. */
  public String table() {
    return new Table(this).text();
  }

  /** For programs. */
  public String json() {
    return JsonReport.of(this);
  }

  List<Summary> summaries(Workload workload) {
    List<Outcome> chosen = outcomes.stream().filter(o -> o.workload() == workload).toList();
    return chosen.stream().map(o -> Summary.of(o, chosen.getFirst())).toList();
  }
}
