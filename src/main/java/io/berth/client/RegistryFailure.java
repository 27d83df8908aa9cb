package io.berth.client;

/** A registry refused, can't be reached or isn't one, for a reason that the message gives. Nothing secret is in it. */
public final class RegistryFailure extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final int status;

  RegistryFailure(int status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  public RegistryFailure(String message) {
    this(0, message);
  }

  RegistryFailure(String message, Throwable cause) {
    super(message, cause);
    this.status = 0;
  }

  /** The HTTP status of the refusal; 0 if it was none. */
  public int status() {
    return status;
  }
}
