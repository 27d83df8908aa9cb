package io.berth.http;

/** The path is known, the method is not: 405 with {@code Allow} (RFC 9110 section 15.5.6). */
final class MethodNotAllowed extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final String allowed;

  MethodNotAllowed(String allowed) {
    super("the method is not one of " + allowed, null, false, false);
    this.allowed = allowed;
  }

  /** The methods that the path knows, as {@code Allow} lists them. */
  String allowed() {
    return allowed;
  }
}
