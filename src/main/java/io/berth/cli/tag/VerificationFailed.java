package io.berth.cli.tag;

/** Something is not what it claims to be, or nobody who is trusted says that it is. */
final class VerificationFailed extends RuntimeException {

  private static final long serialVersionUID = 1;

  VerificationFailed(String message) {
    super(message, null, false, false);
  }
}
