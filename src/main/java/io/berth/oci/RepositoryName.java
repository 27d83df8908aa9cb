package io.berth.oci;

/**
 * A repository name: path components of {@code [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*} joined by slashes (distribution specification, "Pulling
 * manifests"), at most 255 characters in all, since many clients allow no more. Ordered by its bytes, as the catalogue is.
 */
public record RepositoryName(String value) implements Comparable<RepositoryName> {

  public static final int MAX_LENGTH = 255;

  public RepositoryName {
    if (!isValid(value)) {
      throw new RegistryException(ErrorCode.NAME_INVALID,
          "not a repository name: lower-case letters and digits, separated inside by '.', '_', '__' or '-', components joined by '/', "
              + "at most " + MAX_LENGTH + " characters",
          Text.quoted(value));
    }
  }

  /**
   * Parses a name.
   *
   * @throws RegistryException {@code NAME_INVALID}
   */
  public static RepositoryName parse(String text) {
    return new RepositoryName(text);
  }

  /** Whether the text is a repository name. */
  public static boolean isValid(String text) {
    int length = text.length();
    if (length == 0 || length > MAX_LENGTH) {
      return false;
    }
    int at = 0;
    while (true) {
      int end = endOfWord(text, at);
      if (end == at) {
        return false;
      }
      if (end == length) {
        return true;
      }
      at = text.charAt(end) == '/' ? end + 1 : endOfSeparator(text, end);
      if (at == end) {
        return false;
      }
    }
  }

  private static int endOfWord(String text, int at) {
    int end = at;
    while (end < text.length() && isWord(text.charAt(end))) {
      end++;
    }
    return end;
  }

  /** The end of the separator that begins at {@code at}; {@code at} itself if there is none. */
  private static int endOfSeparator(String text, int at) {
    return switch (text.charAt(at)) {
      case '.' -> at + 1;
      case '_' -> text.startsWith("__", at) ? at + 2 : at + 1;
      default -> {
        int end = at;
        while (end < text.length() && text.charAt(end) == '-') {
          end++;
        }
        yield end;
      }
    };
  }

  private static boolean isWord(char c) {
    return c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
  }

  @Override
  public int compareTo(RepositoryName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
