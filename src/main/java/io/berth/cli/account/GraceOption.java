package io.berth.cli.account;

import picocli.CommandLine.Option;

/** How long a key that is replaced is still good. */
final class GraceOption {

  private static final long HOUR = 3_600;

  @Option(names = "--grace", paramLabel = "HOURS", defaultValue = "24",
      description = "How long the former key is still good. Default: ${DEFAULT-VALUE}.") private int hours = 24;

  long seconds() {
    return HOUR * hours;
  }
}
