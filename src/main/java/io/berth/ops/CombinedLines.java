package io.berth.ops;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Lines as web servers have always written them, the Combined Log Format, and behind it what that lacks: the request's identifier, the bytes
 * of its body, milliseconds, the trace, the reference.
 */
final class CombinedLines implements AccessLines {

  private static final String HEX = "0123456789abcdef";

  private final ByteArrayOutputStream out;
  private final Seconds times = new Seconds("dd/MMM/yyyy:HH:mm:ss +0000");
  private final StringBuilder line = new StringBuilder(512);
  private final String tail;

  CombinedLines(ByteArrayOutputStream out, Map<String, String> fields) {
    this.out = out;
    fields.forEach((name, value) -> {
      word(name, line.append(' '));
      quoted(value, line.append('='));
    });
    this.tail = line.append('\n').toString();
  }

  @Override
  public void write(AccessEntry entry) {
    line.setLength(0);
    word(AccessLines.cut(entry.client(), LONG), line);
    word(AccessLines.cut(entry.identity(), LONG), line.append(" - "));
    line.append(" [").append(times.text(entry.millis())).append("] \"");
    escaped(AccessLines.cut(entry.method(), SHORT), line);
    escaped(AccessLines.target(entry), line.append(' '));
    escaped(AccessLines.cut(entry.protocol(), SHORT), line.append(' '));
    line.append("\" ").append(entry.status()).append(' ').append(entry.sent());
    quoted(dash(AccessLines.cut(entry.referer(), LONG)), line.append(' '));
    quoted(dash(AccessLines.cut(entry.userAgent(), LONG)), line.append(' '));
    line.append(" id=").append(entry.id()).append(" in=").append(entry.received()).append(" ms=");
    millis(entry.nanos());
    if (!entry.whole()) {
      line.append(" unfinished");
    }
    if (!entry.trace().isEmpty()) {
      line.append(" trace=").append(entry.trace());
    }
    if (!entry.reference().isEmpty()) {
      quoted(AccessLines.cut(entry.reference(), LONG), line.append(" ref="));
    }
    line.append(tail);
    out.writeBytes(line.toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  private void millis(long nanos) {
    long micros = Math.max(nanos, 0) / 1000;
    line.append(micros / 1000).append('.').append(micros / 100 % 10).append(micros / 10 % 10).append(micros % 10);
  }

  private static String dash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  /** Without spaces, since those part the fields. */
  private static void word(String text, StringBuilder out) {
    int from = out.length();
    escaped(dash(text), out);
    for (int i = from; i < out.length(); i++) {
      if (out.charAt(i) == ' ') {
        out.replace(i, i + 1, "\\x20");
      }
    }
  }

  private static void quoted(String text, StringBuilder out) {
    escaped(text, out.append('"'));
    out.append('"');
  }

  private static void escaped(String text, StringBuilder out) {
    if (isPlain(text)) {
      out.append(text); // nearly always, and several times quicker than one character after the other
      return;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c >= 0x20 && c <= 0x7e) {
        out.append(c);
      } else if (c <= 0xff) {
        hex(c, 2, out.append("\\x"));
      } else {
        hex(c, 4, out.append("\\u"));
      }
    }
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  private static void hex(char c, int digits, StringBuilder out) {
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
      out.append(HEX.charAt(c >> shift & 15));
    }
  }
}
