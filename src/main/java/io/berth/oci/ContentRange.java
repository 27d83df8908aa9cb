package io.berth.oci;

/**
 * The {@code Content-Range} of an upload chunk: {@code <first>-<last>}, both inclusive, in the specification's own short form
 * ({@code ^[0-9]+-[0-9]+$}); the form of RFC 9110, {@code bytes <first>-<last>/<size>}, is understood too.
 */
public record ContentRange(long first, long last) {

  private static final int DIGITS = 18;

  public ContentRange {
    if (first < 0 || last < first) {
      throw invalid(first + "-" + last);
    }
  }

  /**
   * Parses the header's value.
   *
   * @throws RegistryException {@code BLOB_UPLOAD_INVALID}
   */
  public static ContentRange parse(String text) {
    String range = text.startsWith("bytes ") ? text.substring(6) : text;
    int slash = range.indexOf('/');
    String ends = slash < 0 ? range : range.substring(0, slash);
    if (slash >= 0 && !isSize(range.substring(slash + 1))) {
      throw invalid(text);
    }
    int dash = ends.indexOf('-');
    if (dash < 0) {
      throw invalid(text);
    }
    return new ContentRange(number(ends.substring(0, dash), text), number(ends.substring(dash + 1), text));
  }

  private static long number(String digits, String text) {
    if (digits.length() > DIGITS || !isNumber(digits)) {
      throw invalid(text);
    }
    return Long.parseLong(digits);
  }

  private static boolean isSize(String text) {
    return text.equals("*") || isNumber(text);
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static RegistryException invalid(String text) {
    return new RegistryException(ErrorCode.BLOB_UPLOAD_INVALID, "not a Content-Range: write <first byte>-<last byte>, both inclusive",
        Text.quoted(text));
  }

  /** The number of bytes. */
  public long length() {
    return last - first + 1;
  }
}
