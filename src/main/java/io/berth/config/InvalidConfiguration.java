package io.berth.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that can't be used. Its message lists all that is wrong, a line for each. */
public final class InvalidConfiguration extends Exception {

  private static final long serialVersionUID = 1;

  private final transient List<Problem> problems;

  private final boolean onlyFlags;

  InvalidConfiguration(List<Problem> problems, boolean onlyFlags) {
    super(problems.stream().map(Problem::toString).distinct().collect(Collectors.joining("\n")), null, false, false);
    this.problems = List.copyOf(problems);
    this.onlyFlags = onlyFlags;
  }

  /** All that is wrong; never empty. */
  public List<Problem> problems() {
    return problems;
  }

  /** Whether nothing is wrong but the form of flags. */
  public boolean onlyFlags() {
    return onlyFlags;
  }
}
