package io.berth.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** How long operations took, in nanoseconds: so many of a hundred were at most so slow. */
record Percentiles(double p50, double p90, double p99, double p999, double max) {

  static Percentiles of(Histogram nanos) {
    return new Percentiles(nanos.getValueAtPercentile(50), nanos.getValueAtPercentile(90), nanos.getValueAtPercentile(99),
        nanos.getValueAtPercentile(99.9), nanos.getMaxValue());
  }

  /** The median of each over several rounds, and the largest of the largest. */
  static Percentiles over(List<Percentiles> rounds) {
    return new Percentiles(median(rounds, Percentiles::p50), median(rounds, Percentiles::p90), median(rounds, Percentiles::p99),
        median(rounds, Percentiles::p999), rounds.stream().mapToDouble(Percentiles::max).max().orElse(Double.NaN));
  }

  /** The middle of the numbers, or between the two in the middle; of none, no number. */
  static <T> double median(List<T> of, ToDoubleFunction<T> number) {
    double[] sorted = of.stream().mapToDouble(number).sorted().toArray();
    int middle = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
