package io.berth.policy;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** The label by which an image says after what time its tags expire, as other registries read it: {@code 90s}, {@code 45m}, {@code 12h}, {@code 7d}, {@code 2w}. */
public final class ExpiryLabel {

  /** What the label is called. */
  public static final String NAME = "quay.expires-after";

  /** Ten digits: in seconds more than {@link Expiry#LONGEST}. */
  private static final Pattern FORM = Pattern.compile("[0-9]{1,10}[smhdw]");

  private ExpiryLabel() {}

  /** The time it names. Absent if it names none: a label is written by strangers, and an image is none the worse for a bad one. */
  public static Optional<Duration> parse(String text) {
    if (!FORM.matcher(text).matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(text.substring(0, text.length() - 1));
    Duration time = switch (text.charAt(text.length() - 1)) {
      case 's' -> Duration.ofSeconds(number);
      case 'm' -> Duration.ofMinutes(number);
      case 'h' -> Duration.ofHours(number);
      case 'd' -> Duration.ofDays(number);
      default -> Duration.ofDays(7 * number);
    };
    return time.isPositive() && time.compareTo(Expiry.LONGEST) <= 0 ? Optional.of(time) : Optional.empty();
  }
}
