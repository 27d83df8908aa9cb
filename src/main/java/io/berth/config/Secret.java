package io.berth.config;

/** A value that nobody should read in a log: it prints as dots. */
public record Secret(String value) {

  /** What stands for it wherever it is printed. */
  public static final String MASK = "•••";

  @Override
  public String toString() {
    return MASK;
  }
}
