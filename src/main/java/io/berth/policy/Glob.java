package io.berth.policy;

import io.berth.oci.Tag;

/**
 * A pattern of repository names or tags: {@code *} stands for any characters but {@code /}, {@code ?} for one of them, {@code **} for whole
 * path components: {@code team/**} is everything below {@code team}, <code>**&#47;app</code> is {@code app} at any depth, {@code **} is
 * everything. Immutable.
 *
 * <p>Matching takes time proportional to the text times the pattern, whatever both are: it never goes back.
 */
public record Glob(String pattern) implements TagTest {

  public static final int MAX_LENGTH = 255;

  private static final String DEEP = "**";

  public Glob {
    check(pattern);
  }

  /**
   * Parses a pattern.
   *
   * @throws IllegalArgumentException if it makes no sense, in words for whoever wrote it
   */
  public static Glob parse(String text) {
    return new Glob(text);
  }

  /**
   * Parses a pattern of repository names.
   *
   * @throws IllegalArgumentException if it makes no sense, or if no repository can have such a name
   */
  public static Glob ofRepositories(String text) {
    if (text.chars().anyMatch(c -> c >= 'A' && c <= 'Z')) {
      throw new IllegalArgumentException("names of repositories have no capital letters: write them small");
    }
    return new Glob(text);
  }

  /**
   * Parses a pattern of tags.
   *
   * @throws IllegalArgumentException if it makes no sense, or if there can be no such tag
   */
  public static Glob ofTags(String text) {
    if (text.contains("/")) {
      throw new IllegalArgumentException("a tag has no '/': give the repository by its own pattern");
    }
    if (text.startsWith(".") || text.startsWith("-")) {
      throw new IllegalArgumentException("no tag begins with '.' or '-'");
    }
    return new Glob(text);
  }

  private static void check(String pattern) {
    if (pattern.isEmpty() || pattern.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("a pattern has 1 to " + MAX_LENGTH + " characters");
    }
    for (int i = 0; i < pattern.length(); i++) {
      if (!mayStand(pattern.charAt(i))) {
        throw new IllegalArgumentException(
            "a pattern has letters, digits, '.', '_', '-' and '/' of names, and '*', '**' and '?'; nothing else"
                + " means anything, nor is there a name with it");
      }
    }
    if (pattern.startsWith("/") || pattern.endsWith("/") || pattern.contains("//")) {
      throw new IllegalArgumentException("no name begins or ends with '/', or has two of them side by side");
    }
    for (String component : pattern.split("/", -1)) {
      if (component.contains(DEEP) && !component.equals(DEEP)) {
        throw new IllegalArgumentException("'**' stands for whole components, with nothing but '/' beside it, as in 'team/**';"
            + " within a component write '*'");
      }
    }
  }

  private static boolean mayStand(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "._-/*?".indexOf(c) >= 0;
  }

  /** Whether the whole text is as the pattern says. */
  public boolean matches(String text) {
    boolean[] reached = new boolean[pattern.length() + 1];
    reach(reached, 0, true);
    for (int i = 0; i < text.length(); i++) {
      boolean[] next = new boolean[reached.length];
      for (int at = 0; at < pattern.length(); at++) {
        if (reached[at]) {
          step(next, at, text.charAt(i));
        }
      }
      reached = next;
    }
    return reached[pattern.length()];
  }

  @Override
  public boolean covers(Tag tag) {
    return matches(tag.value());
  }

  /** Where one goes from {@code at} with one character of the text. */
  private void step(boolean[] next, int at, char c) {
    boolean isStart = c == '/';
    if (isDeep(at)) {
      reach(next, at, isStart);
      return;
    }
    switch (pattern.charAt(at)) {
      case '*' -> {
        if (c != '/') {
          reach(next, at, isStart);
        }
      }
      case '?' -> {
        if (c != '/') {
          reach(next, at + 1, isStart);
        }
      }
      default -> {
        if (pattern.charAt(at) == c) {
          reach(next, at + 1, isStart);
        }
      }
    }
  }

  /** Marks a place of the pattern, and those behind it that no character lies between. */
  private void reach(boolean[] reached, int from, boolean isStart) {
    int at = from;
    while (!reached[at]) {
      reached[at] = true;
      if (at == pattern.length()) {
        return;
      }
      if (isDeep(at)) {
        boolean isLast = at + DEEP.length() == pattern.length();
        if (!isLast && !isStart) {
          return;
        }
        at = isLast ? pattern.length() : at + DEEP.length() + 1;
      } else if (pattern.charAt(at) == '*') {
        at++;
      } else {
        return;
      }
    }
  }

  /** With what every text begins that is as the pattern says. */
  @Override
  public String prefix() {
    int end = 0;
    while (end < pattern.length() && pattern.charAt(end) != '*' && pattern.charAt(end) != '?') {
      end++;
    }
    return pattern.substring(0, end);
  }

  private boolean isDeep(int at) {
    return pattern.startsWith(DEEP, at);
  }

  @Override
  public String toString() {
    return pattern;
  }
}
