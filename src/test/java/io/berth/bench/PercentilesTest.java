package io.berth.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.HdrHistogram.Histogram;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

final class PercentilesTest {

  private static final Percentage EXACT_TO_THREE_DIGITS = Percentage.withPercentage(0.1);

  @Test
  void aPercentileIsTheValueThatSoManyDoNotExceed() {
    var histogram = new Histogram(3);
    LongStream.rangeClosed(1, 10_000).forEach(i -> histogram.recordValue(i * 1_000));

    Percentiles percentiles = Percentiles.of(histogram);

    assertThat(percentiles.p50()).isCloseTo(5_000_000, EXACT_TO_THREE_DIGITS);
    assertThat(percentiles.p90()).isCloseTo(9_000_000, EXACT_TO_THREE_DIGITS);
    assertThat(percentiles.p99()).isCloseTo(9_900_000, EXACT_TO_THREE_DIGITS);
    assertThat(percentiles.p999()).isCloseTo(9_990_000, EXACT_TO_THREE_DIGITS);
    assertThat(percentiles.max()).isCloseTo(10_000_000, EXACT_TO_THREE_DIGITS);
  }

  @Test
  void roundsAreSummedUpByTheirMediansAndTheLargestMaximum() {
    var rounds = List.of(new Percentiles(1, 10, 100, 1_000, 9_000), new Percentiles(3, 30, 300, 3_000, 5_000),
        new Percentiles(2, 20, 200, 2_000, 7_000));

    assertThat(Percentiles.over(rounds)).isEqualTo(new Percentiles(2, 20, 200, 2_000, 9_000));
  }

  @Test
  void theMedianOfAnEvenNumberIsHalfWay() {
    assertThat(Percentiles.median(List.of(4.0, 1.0, 3.0, 2.0), Double::doubleValue)).isEqualTo(2.5);
    assertThat(Percentiles.median(List.of(7.0), Double::doubleValue)).isEqualTo(7);
    assertThat(Percentiles.median(List.<Double>of(), Double::doubleValue)).isNaN();
  }

  @Test
  void theKindsOfATallyAreAlsoCountedTogether() {
    var one = new Tally(2);
    one.succeeded(0, 0, 1_000);
    one.succeeded(1, 0, 3_000);
    var other = new Tally(2);
    other.succeeded(1, 0, 5_000);
    other.failed(new IllegalStateException("once"));

    one.add(other);

    assertThat(one.allLatencies().getTotalCount()).isEqualTo(3);
    assertThat(one.latencies().get(1).getTotalCount()).isEqualTo(2);
    assertThat(one.lastEndOr(0)).isEqualTo(5_000);
    assertThat(one.errors()).hasSize(1).containsValue(1L);
  }

  @Test
  void anOpenLoopPlansItsOperationsEvenly() {
    var pace = new Pace(2_000_000_000L, Long.MAX_VALUE, 50);

    assertThat(pace.planned()).isEqualTo(100);
    assertThat(pace.dueNanos(0)).isZero();
    assertThat(pace.dueNanos(75)).isEqualTo(1_500_000_000L);
    assertThat(new Pace(2_000_000_000L, 7, 50).planned()).isEqualTo(7);
  }

  @Test
  void timesAreWrittenShort() {
    assertThat(Table.time(1_234)).isEqualTo("1.2us");
    assertThat(Table.time(999_400)).isEqualTo("999us");
    assertThat(Table.time(999_600)).isEqualTo("1.00ms");
    assertThat(Table.time(12_340_000)).isEqualTo("12.3ms");
    assertThat(Table.time(1_234_000_000)).isEqualTo("1.23s");
    assertThat(Table.time(Double.NaN)).isEqualTo("-");
  }
}
