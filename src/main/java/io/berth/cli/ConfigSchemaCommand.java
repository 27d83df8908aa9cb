package io.berth.cli;

import io.berth.config.JsonSchema;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code berth config-schema}: the JSON Schema of a configuration file, for editors that complete and check as one types. */
@Command(name = "config-schema", description = "Prints the JSON Schema of a configuration file.", mixinStandardHelpOptions = true)
final class ConfigSchemaCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification before the command runs");
    }
    spec.commandLine().getOut().println(JsonSchema.text());
    spec.commandLine().getOut().flush();
    return 0;
  }
}
