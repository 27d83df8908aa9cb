package io.berth.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The head of an answer, as much of it as a load generator looks at.
 *
 * @param length as stated, or -1
 * @param closes whether the connection ends with this answer
 */
record AnswerHead(int status, long length, boolean chunked, boolean closes, @Nullable String location) {

  private static final byte[] LENGTH = bytes("content-length");
  private static final byte[] ENCODING = bytes("transfer-encoding");
  private static final byte[] CONNECTION = bytes("connection");
  private static final byte[] LOCATION = bytes("location");

  /** Where the head ends, behind its empty line, or -1. */
  static int end(byte[] bytes, int length) {
    for (int i = 3; i < length; i++) {
      if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n' && bytes[i - 3] == '\r') {
        return i + 1;
      }
    }
    return -1;
  }

  /** Reads a whole head: status line, fields and the empty line. */
  static AnswerHead parse(byte[] bytes, int end) throws IOException {
    if (end < 14 || bytes[0] != 'H' || bytes[4] != '/' || bytes[8] != ' ') {
      throw new IOException("the answer is not HTTP/1.1");
    }
    int status = (bytes[9] - '0') * 100 + (bytes[10] - '0') * 10 + (bytes[11] - '0');
    long length = -1;
    boolean chunked = false;
    boolean closes = bytes[7] == '0'; // HTTP/1.0
    String location = null;
    int line = lineEnd(bytes, 0, end);
    while (line < end - 2) {
      int next = lineEnd(bytes, line, end);
      if (isNamed(bytes, line, LENGTH)) {
        length = number(value(bytes, line + LENGTH.length, next));
      } else if (isNamed(bytes, line, ENCODING)) {
        chunked = value(bytes, line + ENCODING.length, next).equalsIgnoreCase("chunked");
      } else if (isNamed(bytes, line, CONNECTION)) {
        closes = value(bytes, line + CONNECTION.length, next).equalsIgnoreCase("close");
      } else if (isNamed(bytes, line, LOCATION)) {
        location = value(bytes, line + LOCATION.length, next);
      }
      line = next;
    }
    return new AnswerHead(status, length, chunked, closes, location);
  }

  private static int lineEnd(byte[] bytes, int from, int end) {
    int i = from;
    while (i < end && bytes[i] != '\n') {
      i++;
    }
    return i + 1;
  }

  private static boolean isNamed(byte[] bytes, int line, byte[] lowerCase) {
    if (line + lowerCase.length >= bytes.length) {
      return false;
    }
    for (int i = 0; i < lowerCase.length; i++) {
      if ((bytes[line + i] | 0x20) != (lowerCase[i] | 0x20)) { // a line that is shorter differs at its end at the latest
        return false;
      }
    }
    return bytes[line + lowerCase.length] == ':';
  }

  private static String value(byte[] bytes, int colon, int next) {
    return new String(bytes, colon + 1, next - colon - 1, StandardCharsets.ISO_8859_1).strip();
  }

  private static long number(String text) throws IOException {
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new IOException("the answer has the Content-Length '" + text + "'", e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
