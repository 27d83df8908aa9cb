package io.berth.config;

/** Where a value comes from, as an operator is told. */
public sealed interface Origin {

  /** Nobody said anything. */
  record Default() implements Origin {
    @Override
    public String toString() {
      return "default";
    }
  }

  /** A place in the configuration file; line and column count from 1. */
  record File(String name, int line, int column) implements Origin {
    @Override
    public String toString() {
      return name + ":" + line + ":" + column;
    }
  }

  /** A variable of the environment. */
  record Variable(String name) implements Origin {
    @Override
    public String toString() {
      return name;
    }
  }

  /** A flag of the command line. */
  record Flag(String name) implements Origin {
    @Override
    public String toString() {
      return name;
    }
  }
}
