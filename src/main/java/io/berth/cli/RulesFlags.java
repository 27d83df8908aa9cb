package io.berth.cli;

import io.berth.config.Configuration;
import io.berth.config.InvalidConfiguration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which configuration is asked, for commands whose other flags would be taken for those of {@code serve}. */
final class RulesFlags {

  @Parameters(arity = "0..1", paramLabel = "CONFIG.yml", description = "Configuration file.") private @Nullable Path positional;

  @Option(names = "--config", paramLabel = "FILE", description = "The same.") private @Nullable Path config;

  @Option(names = "--data", paramLabel = "DIR",
      description = "Folder that holds everything (default: ./data).") private @Nullable String data;

  @Option(names = "--database", paramLabel = "URL",
      description = "Names live in this PostgreSQL database instead of the folder. The password comes from $BERTH_DATABASE_PASSWORD.") private @Nullable String database;

  /**
   * Reads file, environment and flags.
   *
   * @throws InvalidConfiguration with all that is wrong
   * @throws Refusal if the file can't be read
   */
  Configuration read() throws InvalidConfiguration {
    var flags = new ArrayList<Configuration.Flag>();
    if (data != null) {
      flags.add(new Configuration.Flag("--data", List.of("storage", "filesystem", "rootdirectory"), data));
    }
    if (database != null) {
      flags.add(new Configuration.Flag("--database", List.of("database", "driver"), "postgresql"));
      flags.add(new Configuration.Flag("--database", List.of("database", "url"), database));
      String password = System.getenv("BERTH_DATABASE_PASSWORD");
      if (password != null) {
        flags.add(new Configuration.Flag("BERTH_DATABASE_PASSWORD", List.of("database", "password"), password));
      }
    }
    if (positional != null && config != null) {
      throw new IllegalArgumentException("the configuration file is given twice: " + positional + " and --config " + config);
    }
    return Configuration.read(new Configuration.Sources(
        Optional.ofNullable(positional == null ? config : positional).map(ServeFlags::file), System.getenv(), flags));
  }
}
