package io.berth.cli;

/** A command can't do what it was asked, for a reason that the message gives together with the remedy. Printed without a stack trace. */
public final class Refusal extends RuntimeException {

  private static final long serialVersionUID = 1;

  public Refusal(String message) {
    super(message, null, false, false);
  }

  /** A reason that the cause gives in words fit to be printed. */
  public Refusal(Exception cause) {
    super(String.valueOf(cause.getMessage()), cause);
  }

  public Refusal(String message, Throwable cause) {
    super(message, cause);
  }
}
