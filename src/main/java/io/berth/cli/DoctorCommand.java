package io.berth.cli;

import io.berth.cli.doctor.Doctor;
import io.berth.cli.doctor.Finding;
import io.berth.config.Configuration;
import io.berth.config.DatabaseConfig;
import io.berth.config.InvalidConfiguration;
import io.berth.config.Problem;
import io.berth.config.ServeConfig;
import io.berth.config.TlsConfig;
import io.berth.http.engine.HttpServer;
import io.berth.http.engine.UnusableCertificateException;
import io.berth.metadata.MetadataException;
import io.berth.metadata.sql.PostgresMetadataStore;
import io.berth.metadata.sql.SqliteMetadataStore;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code berth doctor}: says whether this machine lets the registry keep its promises, and what to do where not. */
@Command(name = "doctor", mixinStandardHelpOptions = true, sortOptions = false, description = {
  "Probes what the registry's promises rest on, and says what to do.",
  "Takes the same file, environment and flags as 'serve'. Exits with 1 if there is a problem."})
final class DoctorCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Mixin private ServeFlags flags = new ServeFlags();

  @Override
  public Integer call() {
    List<Finding> findings = examine();
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification before the command runs");
    }
    PrintWriter out = spec.commandLine().getOut();
    for (Finding finding : findings) {
      out.printf("%-8s %-13s %s%n", finding.level().name().toLowerCase(Locale.ROOT), finding.what(), finding.found());
      if (!finding.remedy().isEmpty()) {
        out.printf("%-22s -> %s%n", "", finding.remedy());
      }
    }
    out.flush();
    return findings.stream().anyMatch(finding -> finding.level() == Finding.Level.PROBLEM) ? 1 : 0;
  }

  private List<Finding> examine() {
    try {
      Configuration configuration = flags.read();
      ServeConfig config = configuration.serve();
      var findings = new ArrayList<>(configuration.warnings().stream().map(DoctorCommand::doubtful).toList());
      findings.addAll(new Doctor(config, InstantSource.system(), () -> database(config), DoctorCommand::certificate).examine());
      return findings;
    } catch (InvalidConfiguration e) {
      return List.of(
          new Finding(Finding.Level.PROBLEM, "configuration", String.valueOf(e.getMessage()), "correct it; berth check-config tells more"));
    }
  }

  private static Finding doubtful(Problem warning) {
    return new Finding(Finding.Level.WARNING, "configuration", warning.toString(), "see docs/CONFIGURATION.md");
  }

  /** The same look that a start takes at certificate, key and authorities together. */
  private static Optional<String> certificate(TlsConfig tls) {
    try {
      HttpServer.requireUsable(EngineSettings.tls(tls));
      return Optional.empty();
    } catch (UnusableCertificateException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static Finding database(ServeConfig config) {
    try {
      return switch (config.database()) {
        case DatabaseConfig.Sqlite _ -> sqlite(config.data());
        case DatabaseConfig.Postgresql postgresql -> new Finding(Finding.Level.OK, "database",
            PostgresMetadataStore.examine(Stores.options(postgresql)), "");
      };
    } catch (MetadataException | Refusal e) {
      return new Finding(Finding.Level.PROBLEM, "database", String.valueOf(e.getMessage()), "");
    }
  }

  private static Finding sqlite(Path data) {
    Path file = data.resolve("metadata.db");
    if (Files.exists(data.resolve(DataFolder.ELSEWHERE))) {
      return new Finding(Finding.Level.PROBLEM, "database", "the names of this folder are in PostgreSQL, but the configuration says SQLite",
          "name the database: --database URL, or the configuration file that does");
    }
    if (!Files.exists(file)) {
      return new Finding(Finding.Level.OK, "database", "SQLite, not made yet", "");
    }
    try {
      return new Finding(Finding.Level.OK, "database", SqliteMetadataStore.examine(file), "");
    } catch (MetadataException e) {
      return new Finding(Finding.Level.PROBLEM, "database", String.valueOf(e.getMessage()),
          "restore a backup, or start the version that wrote it");
    }
  }
}
