package io.berth.bench;

import io.berth.bench.Outcome.Measured;
import io.berth.bench.Outcome.Round;
import java.util.ArrayList;
import java.util.List;

/**
 * The rounds of an outcome in one line: medians. Figures that there are none of are not numbers.
 *
 * @param ratio of the operations a second to those of the first target, the median of the rounds' own ratios
 * @param cpuNanos of the server for an operation
 * @param lines first all kinds together, then each by itself if there are several
 */
record Summary(Outcome outcome, double ratio, double cpuNanos, double peakBytes, List<Line> lines) {

  /** One kind of operations, or all. */
  record Line(String kind, double operationsPerSecond, double bytesPerSecond, Percentiles latency) {}

  static Summary of(Outcome outcome, Outcome first) {
    if (!(outcome.result() instanceof Measured measured)) {
      return new Summary(outcome, Double.NaN, Double.NaN, Double.NaN, List.of());
    }
    List<Round> rounds = measured.rounds().stream().filter(round -> round.operationsInAll() > 0).toList();
    return new Summary(outcome, ratio(measured, first), Percentiles.median(withUsage(rounds), Summary::cpuNanos),
        withUsage(rounds).stream().mapToDouble(Summary::peak).max().orElse(Double.NaN), lines(measured, rounds));
  }

  private static List<Line> lines(Measured measured, List<Round> rounds) {
    var lines = new ArrayList<Line>();
    lines.add(new Line("", Percentiles.median(rounds, Round::rate), Percentiles.median(rounds, round -> round.bytes() / round.seconds()),
        Percentiles.over(rounds.stream().map(Round::all).toList())));
    for (int i = 0; i < measured.kinds().size() && measured.kinds().size() > 1; i++) {
      int kind = i;
      List<Round> seen = rounds.stream().filter(round -> round.operations().get(kind) > 0).toList();
      lines.add(new Line(measured.kinds().get(kind).name(),
          Percentiles.median(seen, round -> round.operations().get(kind) / round.seconds()), 0,
          Percentiles.over(seen.stream().map(round -> round.latencies().get(kind)).toList())));
    }
    return lines;
  }

  private static double ratio(Measured measured, Outcome first) {
    if (!(first.result() instanceof Measured base)) {
      return Double.NaN;
    }
    var ratios = new ArrayList<Double>();
    for (int i = 0; i < Math.min(measured.rounds().size(), base.rounds().size()); i++) {
      double rate = base.rounds().get(i).rate();
      if (rate > 0) {
        ratios.add(measured.rounds().get(i).rate() / rate);
      }
    }
    return Percentiles.median(ratios, Double::doubleValue);
  }

  private static List<Round> withUsage(List<Round> rounds) {
    return rounds.stream().filter(round -> round.usage().isPresent()).toList();
  }

  private static double cpuNanos(Round round) {
    return round.usage().map(ProcessUsage::cpuSeconds).orElse(Double.NaN) * 1e9 / round.operationsInAll();
  }

  private static double peak(Round round) {
    return round.usage().map(ProcessUsage::peakBytes).orElse(0L);
  }
}
