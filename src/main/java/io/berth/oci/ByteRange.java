package io.berth.oci;

import org.jspecify.annotations.Nullable;

/**
 * What a {@code Range} header asks of content of a known size (RFC 9110 section 14). One range is honoured; several, or another unit, mean the
 * whole content, which the RFC allows; a range that lies outside, or whose end comes before its start, can't be satisfied.
 */
public sealed interface ByteRange {

  /** The whole content. */
  record Whole() implements ByteRange {}

  /** Bytes {@code first} to {@code last}, both inclusive and inside the content. */
  record Part(long first, long last) implements ByteRange {

    /** The number of bytes. */
    public long length() {
      return last - first + 1;
    }
  }

  /** Nothing of what was asked for exists: 416. */
  record Unsatisfiable() implements ByteRange {}

  /** Reads a {@code Range} header; {@code null} is no header. */
  static ByteRange of(@Nullable String header, long size) {
    if (header == null || !header.regionMatches(true, 0, "bytes=", 0, 6)) {
      return new Whole();
    }
    String range = header.substring(6).strip();
    int dash = range.indexOf('-');
    if (dash < 0 || range.indexOf(',') >= 0) {
      return new Whole();
    }
    long first = number(range, 0, dash);
    long last = number(range, dash + 1, range.length());
    if (first == MALFORMED || last == MALFORMED || first == ABSENT && last == ABSENT) {
      return new Whole();
    }
    if (first == ABSENT) {
      return last == 0 || size == 0 ? new Unsatisfiable() : new Part(Math.max(0, size - last), size - 1);
    }
    if (first >= size || last != ABSENT && last < first) {
      return new Unsatisfiable();
    }
    return new Part(first, last == ABSENT ? size - 1 : Math.min(last, size - 1));
  }

  /** No digits where a number may stand. */
  long ABSENT = -1;

  /** Something else than digits where a number may stand. */
  long MALFORMED = -2;

  private static long number(String text, int from, int to) {
    if (from == to) {
      return ABSENT;
    }
    long value = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return MALFORMED;
      }
      value = value > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : value * 10 + digit;
    }
    return value;
  }
}
