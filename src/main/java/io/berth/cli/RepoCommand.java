package io.berth.cli;

import io.berth.cli.doctor.Sizes;
import io.berth.oci.RepositoryName;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code berth repo}: lists, measures and removes the repositories of a running registry. */
@Command(name = "repo", description = "Lists, measures and removes repositories of a running registry.", mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND", subcommands = {RepoCommand.Ls.class, RepoCommand.Du.class, RepoCommand.Rm.class})
final class RepoCommand {

  /** {@code berth repo ls}. */
  @Command(name = "ls", description = "Prints the names of all repositories, one a line.", mixinStandardHelpOptions = true)
  static final class Ls implements Callable<Integer> {

    @picocli.CommandLine.Mixin private RegistryTarget target = new RegistryTarget();

    @Override
    public Integer call() {
      try (RegistryClient client = target.connect()) {
        target.each(client, name -> target.out().println(name));
      }
      target.out().flush();
      return 0;
    }
  }

  /** {@code berth repo du}. */
  @Command(name = "du", description = "Prints what repositories hold: all of them, or those named.", mixinStandardHelpOptions = true)
  static final class Du implements Callable<Integer> {

    @picocli.CommandLine.Mixin private RegistryTarget target = new RegistryTarget();

    @Parameters(paramLabel = "NAME", arity = "0..*") private List<String> names = new ArrayList<>();

    @Option(names = "--bytes", description = "Print exact numbers of bytes.") private boolean exact;

    @Override
    public Integer call() {
      PrintWriter out = target.out();
      out.printf("%12s %12s %9s %9s %9s  %s%n", "SIZE", "UNSHARED", "TAGS", "MANIFESTS", "BLOBS", "REPOSITORY");
      try (RegistryClient client = target.connect()) {
        if (names.isEmpty()) {
          target.each(client, name -> print(out, client.usage(name)));
        } else {
          names.stream().map(target::name).toList().forEach(name -> print(out, client.usage(name)));
        }
      }
      out.flush();
      return 0;
    }

    private void print(PrintWriter out, JsonNode usage) {
      out.printf("%12s %12s %9d %9d %9d  %s%n", size(usage, "bytes"), size(usage, "unsharedBytes"), usage.path("tags").asLong(),
          usage.path("manifests").asLong(), usage.path("blobs").asLong(), usage.path("name").asString(""));
    }

    private String size(JsonNode usage, String field) {
      if (!usage.has(field)) {
        return "-";
      }
      long bytes = usage.path(field).asLong();
      return exact ? Long.toString(bytes) : Sizes.text(bytes);
    }
  }

  /** {@code berth repo rm}. */
  @Command(name = "rm", description = "Removes repositories with all that they hold, history included.", mixinStandardHelpOptions = true)
  static final class Rm implements Callable<Integer> {

    @picocli.CommandLine.Mixin private RegistryTarget target = new RegistryTarget();

    @Parameters(paramLabel = "NAME", arity = "1..*") private List<String> names = new ArrayList<>();

    @Option(names = "--dry-run", description = "Only say what would be removed, or why not.") private boolean dryRun;

    @Override
    public Integer call() {
      List<RepositoryName> repositories = names.stream().map(target::name).toList();
      try (RegistryClient client = target.connect()) {
        for (RepositoryName repository : repositories) {
          JsonNode usage = dryRun ? client.wouldDelete(repository) : client.usage(repository);
          if (!dryRun) {
            client.delete(repository);
          }
          target.out().printf("%s %s: %d tags, %d manifests, %d blobs%s%n", dryRun ? "would remove" : "removed", repository,
              usage.path("tags").asLong(), usage.path("manifests").asLong(), usage.path("blobs").asLong(), unshared(usage));
          target.out().flush();
        }
      }
      return 0;
    }

    /** Told to those who administer the registry. */
    private static String unshared(JsonNode usage) {
      return usage.has("unsharedBytes") ? "; " + Sizes.text(usage.path("unsharedBytes").asLong()) + " held by no other repository" : "";
    }
  }
}
