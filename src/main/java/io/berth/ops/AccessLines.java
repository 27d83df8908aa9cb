package io.berth.ops;

import io.berth.config.LogConfig.AccessFormat;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/**
 * Makes lines of entries. Whatever a stranger sent comes out as visible ASCII and bounded in length: nothing can end a line, forge one, or act
 * on a terminal. For one thread.
 */
sealed interface AccessLines permits CombinedLines, JsonLines {

  /** Of a method or protocol. */
  int SHORT = 64;

  /** Of what clients say of themselves. */
  int LONG = 300;

  /** Of path and query. */
  int TARGET = 2_000;

  /** Writes a line with its end. */
  void write(AccessEntry entry);

  /** Lines of a format, into {@code out}. */
  static AccessLines to(ByteArrayOutputStream out, AccessFormat format, Map<String, String> fields) {
    return switch (format) {
      case COMBINED -> new CombinedLines(out, fields);
      case JSON -> new JsonLines(out, fields);
    };
  }

  /** Path and query, cut. */
  static String target(AccessEntry entry) {
    return cut(entry.query().isEmpty() ? entry.path() : entry.path() + "?" + entry.query(), TARGET);
  }

  /** The text, cut. */
  static String cut(String text, int limit) {
    return text.length() <= limit ? text : text.substring(0, limit) + "...";
  }

  /** Times to the second, of which most are the same as the one before. */
  final class Seconds {

    private final DateTimeFormatter format;
    private long second = Long.MIN_VALUE;
    private String text = "";

    Seconds(String pattern) {
      this.format = DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
    }

    String text(long millis) {
      long now = Math.floorDiv(millis, 1000);
      if (now != second) {
        second = now;
        text = format.format(Instant.ofEpochSecond(now));
      }
      return text;
    }
  }
}
