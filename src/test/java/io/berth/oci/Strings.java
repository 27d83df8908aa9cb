package io.berth.oci;

import java.util.Locale;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** Generators of text: what strangers send, and what is nearly right. */
public final class Strings {

  public static final String LOWER = "abcdefghijklmnopqrstuvwxyz";
  public static final String DIGITS = "0123456789";
  public static final String HEX = "0123456789abcdef";
  public static final String WORD = LOWER + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + DIGITS + "_";

  /** Characters that parsers have stumbled over: separators, escapes, controls, homoglyphs, digits and letters of other scripts. */
  private static final String SUSPICIOUS =
      "/:.-_%+@;,=?&#\\ \t\r\n\0\"'{}[]<>|~*$!^AZaz09\u007f\u0085\u00df\u0130\u0131\u0430\u0660\u0967\u200b\u2028\u212a\ufeff\uff10\uff21\uff41\ud800\udfff";

  private Strings() {}

  /** A text of {@code min} to {@code max} characters out of an alphabet. */
  public static String of(RandomGenerator random, String alphabet, int min, int max) {
    var text = new StringBuilder();
    for (int left = random.nextInt(min, max + 1); left > 0; left--) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }

  /** Anything at all. */
  public static String any(RandomGenerator random) {
    int length = random.nextInt(4) == 0 ? 300 : 12;
    return switch (random.nextInt(4)) {
      case 0 -> of(random, SUSPICIOUS, 0, length);
      case 1 -> of(random, WORD + "/:.-_", 0, length);
      case 2 -> of(random, SUSPICIOUS + LOWER + DIGITS + LOWER + DIGITS, 0, length);
      default -> anything(random, random.nextInt(length));
    };
  }

  private static String anything(RandomGenerator random, int length) {
    var text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) random.nextInt(Character.MAX_VALUE + 1));
    }
    return text.toString();
  }

  /** Valid, nearly valid, or anything. */
  public static Function<RandomGenerator, String> around(Function<? super RandomGenerator, String> valid) {
    return random -> switch (random.nextInt(4)) {
      case 0 -> valid.apply(random);
      case 1 -> any(random);
      case 2 -> nearly(random, valid.apply(random));
      default -> nearly(random, nearly(random, valid.apply(random)));
    };
  }

  /** One slip of the pen away. */
  public static String nearly(RandomGenerator random, String text) {
    int at = random.nextInt(text.length() + 1);
    int next = Math.min(text.length(), at + 1);
    String head = text.substring(0, at);
    char suspect = SUSPICIOUS.charAt(random.nextInt(SUSPICIOUS.length()));
    return switch (random.nextInt(10)) {
      case 0 -> head + text.substring(next);
      case 1 -> head + suspect + text.substring(at);
      case 2 -> head + suspect + text.substring(next);
      case 3 -> head + text.substring(at, next) + text.substring(at);
      case 4 -> text + suspect;
      case 5 -> suspect + text;
      case 6 -> head;
      case 7 -> text + text;
      case 8 -> head + text.substring(at, next).toUpperCase(Locale.ROOT) + text.substring(next);
      default -> head + suspect + suspect + text.substring(at);
    };
  }
}
