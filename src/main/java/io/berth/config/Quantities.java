package io.berth.config;

import io.berth.config.Kind.Shape;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Settings that are numbers: times, sizes, counts, parts of a whole. */
final class Quantities {

  private static final Pattern TIME = Pattern.compile("(?:\\d+(?:\\.\\d+)?(?:ns|us|µs|ms|s|m|h))+");
  private static final Pattern TIME_PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|µs|ms|s|m|h)");
  private static final Map<String, Long> NANOS = Map.of("ns", 1L, "us", 1_000L, "µs", 1_000L, "ms", 1_000_000L, "s", 1_000_000_000L, "m",
      60_000_000_000L, "h", 3_600_000_000_000L);
  private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s?(|KiB|MiB|GiB)");
  private static final int LONGEST = 40;

  private Quantities() {}

  /** A time as Go writes it: {@code 1h30m}, {@code 100ms}. A number without a unit is a mistake more often than nanoseconds. */
  static Kind<Duration> time(Duration least, Duration most) {
    return time("a time such as 30s, 10m or 1h30m", least, most);
  }

  /** The same in other words, where something else may be written too. */
  static Kind<Duration> time(String words, Duration least, Duration most) {
    return new Kind<>(words, Shape.ONE, false, node -> {
      String text = Kinds.scalar(node, words);
      if (text.matches("\\d{1,18}") && !text.matches("0+")) {
        throw Kinds.bad(node, "a time has a unit: write " + text + "s, " + text + "m or " + text + "h", text);
      }
      if (text.length() > LONGEST || !text.matches("0+") && !TIME.matcher(text).matches()) {
        throw Kinds.bad(node, "expected " + words, text);
      }
      Duration time = time(text);
      if (time.compareTo(least) < 0 || time.compareTo(most) > 0) {
        throw Kinds.bad(node, "expected a time from " + shown(least) + " to " + shown(most), text);
      }
      return time;
    }, Quantities::shown, Map.of("type", List.of("string", "integer"), "pattern", "^(0|([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h))+)$"));
  }

  private static Duration time(String text) {
    BigDecimal nanos = BigDecimal.ZERO;
    Matcher part = TIME_PART.matcher(text);
    while (part.find()) {
      nanos = nanos.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(NANOS.getOrDefault(part.group(2), 0L))));
    }
    BigDecimal second = BigDecimal.valueOf(1_000_000_000L);
    BigDecimal seconds = nanos.divideToIntegralValue(second).min(BigDecimal.valueOf(Long.MAX_VALUE / 2));
    return Duration.ofSeconds(seconds.longValue(), nanos.remainder(second).setScale(0, RoundingMode.DOWN).longValue());
  }

  /** As Go writes it, without parts that are zero. */
  static String shown(Duration time) {
    if (time.isZero()) {
      return "0s";
    }
    var text = new StringBuilder();
    append(text, time.toHours(), "h");
    append(text, time.toMinutesPart(), "m");
    append(text, time.toSecondsPart(), "s");
    append(text, time.toMillisPart(), "ms");
    append(text, time.toNanosPart() / 1_000 % 1_000, "us");
    append(text, time.toNanosPart() % 1_000, "ns");
    return text.toString();
  }

  private static void append(StringBuilder text, long amount, String unit) {
    if (amount != 0) {
      text.append(amount).append(unit);
    }
  }

  /** Bytes: a number, or one with {@code KiB}, {@code MiB} or {@code GiB}. */
  static Kind<Long> bytes(long least, long most) {
    String words = "a number of bytes, or one with KiB, MiB or GiB";
    return new Kind<>(words, Shape.ONE, false, node -> {
      String text = Kinds.scalar(node, words);
      Matcher size = SIZE.matcher(text);
      if (!size.matches()) {
        throw Kinds.bad(node, "expected " + words, text);
      }
      int shift = switch (size.group(2)) {
        case "KiB" -> 10;
        case "MiB" -> 20;
        case "GiB" -> 30;
        default -> 0;
      };
      long number = Long.parseLong(size.group(1));
      if (number > Long.MAX_VALUE >> shift || number << shift < least || number << shift > most) {
        throw Kinds.bad(node, "expected from " + size(least) + " to " + size(most), text);
      }
      return number << shift;
    }, Quantities::size, Map.of("type", List.of("integer", "string"), "pattern", "^[0-9]+ ?(KiB|MiB|GiB)?$"));
  }

  /** Without a unit where none fits. */
  static Object size(long bytes) {
    for (int shift = 30; shift > 0; shift -= 10) {
      if (bytes > 0 && bytes % (1L << shift) == 0) {
        return (bytes >> shift) + switch (shift) {
          case 30 -> "GiB";
          case 20 -> "MiB";
          default -> "KiB";
        };
      }
    }
    return bytes;
  }

  /** A whole number. */
  static Kind<Integer> count(int least, int most) {
    String words = "a whole number from " + least + " to " + most;
    return new Kind<>(words, Shape.ONE, false, node -> {
      String text = Kinds.scalar(node, words);
      if (!text.matches("\\d{1,9}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
        throw Kinds.bad(node, "expected " + words, text);
      }
      return Integer.parseInt(text);
    }, value -> value, Map.of("type", "integer", "minimum", least, "maximum", most));
  }

  /** A part of a whole. */
  static Kind<Double> part() {
    String words = "a number from 0 to 1";
    return new Kind<>(words, Shape.ONE, false, node -> {
      String text = Kinds.scalar(node, words);
      if (!text.matches("0|1|[01]?\\.\\d{1,9}") || Double.parseDouble(text) > 1) {
        throw Kinds.bad(node, "expected " + words, text);
      }
      return Double.parseDouble(text);
    }, value -> value, Map.of("type", "number", "minimum", 0, "maximum", 1));
  }
}
