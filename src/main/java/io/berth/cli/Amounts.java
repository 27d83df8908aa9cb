package io.berth.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts as people write them on a command line. */
final class Amounts {

  private static final Pattern BYTES = Pattern.compile("([0-9]{1,15})([kmgt]?)(?:i?b)?");
  private static final Pattern TIME = Pattern.compile("([0-9]{1,9})(ms|s|m|h|)");

  private Amounts() {}

  /**
   * Bytes: {@code 4096}, {@code 64K}, {@code 16MiB}, {@code 1G}, in powers of 1,024.
   *
   * @throws IllegalArgumentException in words
   */
  static long bytes(String text) {
    Matcher amount = BYTES.matcher(text.toLowerCase(Locale.ROOT));
    if (!amount.matches()) {
      throw new IllegalArgumentException("expected bytes, as in 4096, 64K, 16M or 1G, not '" + text + "'");
    }
    int power = " kmgt".indexOf(amount.group(2).isEmpty() ? ' ' : amount.group(2).charAt(0));
    try {
      return Math.multiplyExact(Long.parseLong(amount.group(1)), 1L << (10 * power));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("more bytes than there can be: '" + text + "'", e);
    }
  }

  /**
   * A span of time: {@code 500ms}, {@code 10s}, {@code 2m}, {@code 1h}; a bare number is seconds.
   *
   * @throws IllegalArgumentException in words
   */
  static Duration time(String text) {
    Matcher amount = TIME.matcher(text.toLowerCase(Locale.ROOT));
    if (!amount.matches()) {
      throw new IllegalArgumentException("expected a time, as in 500ms, 10s or 2m, not '" + text + "'");
    }
    long number = Long.parseLong(amount.group(1));
    return switch (amount.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofSeconds(number);
    };
  }
}
