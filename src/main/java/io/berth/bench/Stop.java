package io.berth.bench;

/** Whether the program has been told to end. For all threads. */
public final class Stop {

  private volatile boolean asked;

  /** Asks for an early end; what has been measured so far is still reported. */
  public void ask() {
    asked = true;
  }

  boolean isAsked() {
    return asked;
  }
}
