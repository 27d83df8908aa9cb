package io.berth.signing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One block of a PEM file (RFC 7468). What stands between blocks is explanation.
 *
 * @param label what the block says it is, such as {@code PUBLIC KEY}
 */
record Pem(String label, byte[] content) {

  private static final Pattern BEGIN = Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----");

  /** Whether a file's text is meant as PEM. */
  static boolean is(String text) {
    return text.contains("-----BEGIN ");
  }

  /** The blocks, in order. */
  static List<Pem> parse(String text) throws InvalidKey {
    var blocks = new ArrayList<Pem>();
    Matcher begin = BEGIN.matcher(text);
    int at = 0;
    while (begin.find(at)) {
      String label = begin.group(1);
      String last = "-----END " + label + "-----";
      int end = text.indexOf(last, begin.end());
      if (end < 0) {
        throw new InvalidKey("is cut off: '" + last + "' is missing");
      }
      blocks.add(new Pem(label, content(label, text.substring(begin.end(), end))));
      at = end + last.length();
    }
    return blocks;
  }

  private static byte[] content(String label, String body) throws InvalidKey {
    if (body.contains(":")) {
      return new byte[0]; // the headers of an encrypted key of old, which nobody reads here
    }
    try {
      return Base64.getDecoder().decode(body.replaceAll("[ \t\r\n]", ""));
    } catch (IllegalArgumentException e) {
      throw new InvalidKey("has a block '" + label + "' that is not base64");
    }
  }

  static String write(String label, byte[] content) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
  }

  /** Whether it is a private key, of whatever kind. */
  boolean isPrivate() {
    return label.endsWith("PRIVATE KEY");
  }

  @Override
  public String toString() {
    return label;
  }

  /** The text of a file; whatever is not ASCII belongs to no key. */
  static String text(byte[] file) {
    return new String(file, StandardCharsets.ISO_8859_1);
  }
}
