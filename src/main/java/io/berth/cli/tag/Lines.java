package io.berth.cli.tag;

import java.time.Duration;
import java.time.Instant;

/** How strangers' words and ages are printed. */
final class Lines {

  private static final int SHOWN = 4_000;
  private static final Duration LONG = Duration.ofDays(2);

  private Lines() {}

  /** The text on one line, in any language, with nothing that acts on a terminal or turns the direction of what follows. */
  static String shown(String text) {
    var shown = new StringBuilder();
    text.codePoints().limit(SHOWN).forEach(c -> {
      if (isHarmless(c)) {
        shown.appendCodePoint(c);
      } else {
        shown.append(String.format("\\u%04x", c));
      }
    });
    return shown.toString();
  }

  private static boolean isHarmless(int c) {
    return switch ((byte) Character.getType(c)) {
      case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED, Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR -> false;
      default -> true;
    };
  }

  /** The time since an instant, in its largest unit. */
  static String age(Instant since, Instant now) {
    Duration age = Duration.between(since, now);
    if (age.compareTo(LONG) >= 0) {
      return age.toDays() + "d";
    }
    return age.toHours() >= 2 ? age.toHours() + "h" : age.toMinutes() >= 2 ? age.toMinutes() + "m" : Math.max(0, age.toSeconds()) + "s";
  }
}
