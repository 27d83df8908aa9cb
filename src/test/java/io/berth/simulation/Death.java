package io.berth.simulation;

/** The process is no more: every call of a store from then on throws this. */
final class Death extends Error {

  private static final long serialVersionUID = 1;

  Death() {
    super("the process is dead", null, false, false);
  }
}
