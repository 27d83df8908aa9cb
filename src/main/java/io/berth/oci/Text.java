package io.berth.oci;

/** How strangers' text is shown in messages and logs: short, and with nothing that could act on a terminal or end a line. */
public final class Text {

  private static final int SHOWN = 200;

  private Text() {}

  /** The text in quotes, cut after 200 characters, everything but visible ASCII written as an escape. */
  public static String quoted(String text) {
    return '"' + visible(text, SHOWN) + '"';
  }

  /** The text, cut after {@code limit} characters, everything but visible ASCII written as an escape. */
  public static String visible(String text, int limit) {
    var shown = new StringBuilder(Math.min(text.length(), limit) + 8);
    for (int i = 0; i < text.length() && i < limit; i++) {
      char c = text.charAt(i);
      if (c >= 0x20 && c <= 0x7e) {
        shown.append(c);
      } else {
        shown.append(String.format("\\u%04x", (int) c));
      }
    }
    return text.length() > limit ? shown.append("...").toString() : shown.toString();
  }
}
