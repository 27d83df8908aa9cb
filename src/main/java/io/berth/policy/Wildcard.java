package io.berth.policy;

/**
 * A pattern of texts in which {@code *} stands for any characters, none of them among it. Immutable; matching takes time proportional to the text
 * times the pattern at most.
 */
public record Wildcard(String pattern) {

  /** Whether the text is as the pattern says. */
  public boolean matches(String text) {
    int star = pattern.indexOf('*');
    if (star < 0) {
      return pattern.equals(text);
    }
    int end = pattern.lastIndexOf('*');
    int tail = pattern.length() - end - 1;
    if (text.length() < star + tail || !text.startsWith(pattern.substring(0, star)) || !text.endsWith(pattern.substring(end + 1))) {
      return false;
    }
    int at = star;
    int last = text.length() - tail;
    for (int from = star + 1; from <= end;) {
      int next = pattern.indexOf('*', from);
      String part = pattern.substring(from, next);
      int found = text.indexOf(part, at);
      if (found < 0 || found + part.length() > last) {
        return false;
      }
      at = found + part.length();
      from = next + 1;
    }
    return true;
  }
}
