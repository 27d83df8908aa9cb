package io.berth.oci;

/**
 * A tag: {@code [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}} (distribution specification, "Pulling manifests"). Ordered by its bytes, as tag lists are.
 */
public record Tag(String value) implements TagOrDigest, Comparable<Tag> {

  public static final int MAX_LENGTH = 128;

  public Tag {
    if (!isValid(value)) {
      throw new RegistryException(ErrorCode.MANIFEST_INVALID,
          "not a tag: a tag has 1 to 128 characters of [a-zA-Z0-9._-] and does not begin with '.' or '-'", Text.quoted(value));
    }
  }

  /**
   * Parses a tag.
   *
   * @throws RegistryException {@code MANIFEST_INVALID}
   */
  public static Tag parse(String text) {
    return new Tag(text);
  }

  /** Whether the text is a tag. */
  public static boolean isValid(String text) {
    int length = text.length();
    if (length == 0 || length > MAX_LENGTH || !isWord(text.charAt(0))) {
      return false;
    }
    for (int i = 1; i < length; i++) {
      char c = text.charAt(i);
      if (!isWord(c) && c != '.' && c != '-') {
        return false;
      }
    }
    return true;
  }

  private static boolean isWord(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
  }

  @Override
  public int compareTo(Tag other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
