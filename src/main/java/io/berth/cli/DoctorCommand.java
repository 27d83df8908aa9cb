package io.berth.cli;

import io.berth.cli.doctor.Doctor;
import io.berth.cli.doctor.Finding;
import io.berth.config.ServeConfig;
import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.SqliteMetadataStore;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code berth doctor}: says whether this machine lets the registry keep its promises, and what to do where not. */
@Command(name = "doctor", description = "Probes what the registry's promises rest on, and says what to do.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--data", paramLabel = "DIR", defaultValue = "data",
      description = "The data folder (default: ./data).") private Path data = Path.of("data");

  @Override
  public Integer call() {
    ServeConfig config = ServeConfig.defaults().withData(data);
    List<Finding> findings = new Doctor(config, InstantSource.system(), () -> database(config)).examine();
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification before the command runs");
    }
    PrintWriter out = spec.commandLine().getOut();
    for (Finding finding : findings) {
      out.printf("%-8s %-12s %s%n", finding.level().name().toLowerCase(Locale.ROOT), finding.what(), finding.found());
      if (!finding.remedy().isEmpty()) {
        out.printf("%-21s -> %s%n", "", finding.remedy());
      }
    }
    out.flush();
    return findings.stream().anyMatch(finding -> finding.level() == Finding.Level.PROBLEM) ? 1 : 0;
  }

  private static Finding database(ServeConfig config) {
    Path file = config.data().resolve("metadata.db");
    if (Files.exists(config.data().resolve(DataFolder.ELSEWHERE))) {
      return new Finding(Finding.Level.OK, "database", "PostgreSQL, which is examined whenever berth serve starts", "");
    }
    if (!Files.exists(file)) {
      return new Finding(Finding.Level.OK, "database", "SQLite, not made yet", "");
    }
    try (MetadataStore store = SqliteMetadataStore.open(file)) {
      int repositories = store.read(tx -> tx.repositories("", 1)).size();
      return new Finding(Finding.Level.OK, "database", "SQLite opens, and is " + (repositories == 0 ? "empty" : "readable"), "");
    } catch (MetadataException e) {
      return new Finding(Finding.Level.PROBLEM, "database", String.valueOf(e.getMessage()),
          "restore a backup, or start the version that wrote it");
    }
  }
}
