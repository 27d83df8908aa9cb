package io.berth.cli.tag;

import picocli.CommandLine.Option;

/** Whether people read what a command prints, or programs. */
final class OutputFormat {

  /** How answers are printed. */
  enum Format {
    text, json
  }

  @Option(names = "--format", paramLabel = "FORMAT", defaultValue = "text",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.") private Format format = Format.text;

  boolean json() {
    return format == Format.json;
  }
}
