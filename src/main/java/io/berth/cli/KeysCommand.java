package io.berth.cli;

import io.berth.signing.InvalidKey;
import io.berth.signing.RegistryKeys;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code berth keys}: the keys with which a registry signs its lists, in the folder of its data. */
@Command(name = "keys", description = "Shows or changes the keys with which a registry signs its lists of tags.",
    mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND", subcommands = {KeysCommand.Show.class, KeysCommand.Rotate.class})
final class KeysCommand {

  private static RegistryKeys open(Path data) {
    try {
      return RegistryKeys.openExisting(data.resolve(TagSettings.KEYS), RegistryKeys.OVERLAP);
    } catch (InvalidKey e) {
      throw new Refusal(e);
    }
  }

  /** {@code berth keys show}. */
  @Command(name = "show", description = "Prints the public keys as a JSON Web Key Set. Writes nothing.",
      mixinStandardHelpOptions = true)
  static final class Show implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;

    @Option(names = "--data", paramLabel = "DIR", defaultValue = "data",
        description = "The registry's folder. Default: ${DEFAULT-VALUE}.") private Path data = Path.of("data");

    @Override
    public Integer call() {
      out(spec).println(new String(open(data).jwks(Instant.now()), StandardCharsets.UTF_8));
      out(spec).flush();
      return 0;
    }
  }

  /** {@code berth keys rotate}. */
  @Command(name = "rotate", mixinStandardHelpOptions = true,
      description = {
        "Makes another key. It is published as soon as the registry reads its configuration again (SIGHUP), and signs a day later,"
            + " so that whoever keeps a copy of the published keys has it by then. The former one stays published for a month.",
        "Run it as the user whom the folder belongs to; what root makes becomes that user's."})
  static final class Rotate implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;

    @Option(names = "--data", paramLabel = "DIR", defaultValue = "data",
        description = "The registry's folder. Default: ${DEFAULT-VALUE}.") private Path data = Path.of("data");

    @Override
    public Integer call() {
      try {
        RegistryKeys keys = open(data).rotate(Instant.now());
        out(spec).println("the newest key signs from " + keys.newest() + " on; have the registry read it now: kill -HUP PID");
        out(spec).flush();
        return 0;
      } catch (InvalidKey e) {
        throw new Refusal(e);
      }
    }
  }

  private static PrintWriter out(@Nullable CommandSpec spec) {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification before the command runs");
    }
    return spec.commandLine().getOut();
  }
}
