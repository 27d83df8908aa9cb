package io.berth.registry;

/** Whether the registry may be changed at the moment. Can be switched while it runs; a change that has begun goes on to its end. Safe for any thread. */
public final class Mode {

  private volatile boolean readOnly;

  /** A mode to begin with. */
  public Mode(boolean readOnly) {
    this.readOnly = readOnly;
  }

  /** Whether nothing may be changed. */
  public boolean isReadOnly() {
    return readOnly;
  }

  /** Does something that changes the registry, if it may be changed. */
  public void unlessReadOnly(Runnable change) {
    if (!readOnly) {
      change.run();
    }
  }

  /** Switches. */
  public void readOnly(boolean to) {
    readOnly = to;
  }
}
