package io.berth.cli;

import io.berth.config.Configuration;
import io.berth.config.InvalidConfiguration;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code berth check-config}: says what a configuration means, or all that is wrong with it. Starts nothing and changes nothing. */
@Command(name = "check-config", mixinStandardHelpOptions = true, sortOptions = false, description = {
  "Prints the configuration that 'serve' would run with, as YAML with the origin of each value; secrets are masked.",
  "Takes the same file, environment and flags as 'serve'. Exits with 1 and lists all problems if it could not run."})
final class CheckConfigCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Mixin private ServeFlags flags = new ServeFlags();

  @Override
  public Integer call() {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification before the command runs");
    }
    PrintWriter err = spec.commandLine().getErr();
    try {
      Configuration configuration = flags.read();
      spec.commandLine().getOut().print(configuration.effective());
      spec.commandLine().getOut().flush();
      configuration.ignored().forEach(err::println);
      configuration.warnings().forEach(warning -> err.println("warning: " + warning));
      err.flush();
      return 0;
    } catch (InvalidConfiguration e) {
      err.println(e.getMessage());
      err.flush();
      return 1;
    }
  }
}
