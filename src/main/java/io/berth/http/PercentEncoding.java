package io.berth.http;

import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Percent-encoding as RFC 3986 section 2.1 has it; strict in reading. */
final class PercentEncoding {

  private static final String PLAIN = "-._~/:";

  private PercentEncoding() {}

  /**
   * Decodes once.
   *
   * @throws RegistryException (400) where an escape is broken, or the text is not UTF-8 or holds a control character
   */
  static String decode(String raw) {
    String text = raw.indexOf('%') < 0 ? raw : utf8(bytes(raw));
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        throw malformed();
      }
    }
    return text;
  }

  private static byte[] bytes(String raw) {
    var bytes = new ByteArrayOutputStream(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c > 0x7e) {
        throw malformed();
      }
      if (c != '%') {
        bytes.write(c);
        continue;
      }
      int high = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 1), 16) : -1;
      int low = i + 2 < raw.length() ? Character.digit(raw.charAt(i + 2), 16) : -1;
      if (high < 0 || low < 0) {
        throw malformed();
      }
      bytes.write(high << 4 | low);
      i += 2;
    }
    return bytes.toByteArray();
  }

  private static String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw malformed();
    }
  }

  private static RegistryException malformed() {
    return new RegistryException(ErrorCode.NAME_INVALID, "the request's path or query is not well encoded");
  }

  /** Encodes a value for a query of ours. */
  static String encode(String text) {
    var encoded = new StringBuilder(text.length());
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (c < 0x7f && (Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0)) {
        encoded.append(c);
      } else {
        encoded.append(String.format("%%%02X", (int) c));
      }
    }
    return encoded.toString();
  }
}
