package io.berth.http.engine;

import io.netty.util.AsciiString;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The value of {@code Date} (RFC 9110, section 5.6.7), formatted once a second. For one event loop. */
final class DateField {

  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US).withZone(ZoneOffset.UTC);

  private long second = Long.MIN_VALUE;
  private AsciiString text = AsciiString.EMPTY_STRING;

  AsciiString now() {
    long current = Math.floorDiv(System.currentTimeMillis(), 1000);
    if (current != second) {
      second = current;
      text = AsciiString.of(FORMAT.format(Instant.ofEpochSecond(current)));
    }
    return text;
  }
}
