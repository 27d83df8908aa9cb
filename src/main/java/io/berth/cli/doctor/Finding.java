package io.berth.cli.doctor;

/**
 * What one probe found.
 *
 * @param what was looked at, in two or three words
 * @param found what is so
 * @param remedy what to do; empty where nothing has to be done
 */
public record Finding(Level level, String what, String found, String remedy) {

  /** How bad it is. */
  public enum Level {
    OK,
    /** It works, but a promise is weaker or an operator will be surprised. */
    WARNING,
    /** A promise can't be kept, or the registry won't start. */
    PROBLEM
  }

  static Finding ok(String what, String found) {
    return new Finding(Level.OK, what, found, "");
  }

  static Finding warning(String what, String found, String remedy) {
    return new Finding(Level.WARNING, what, found, remedy);
  }

  static Finding problem(String what, String found, String remedy) {
    return new Finding(Level.PROBLEM, what, found, remedy);
  }
}
