package io.berth.cli;

import io.berth.ops.audit.Anchor;
import io.berth.ops.audit.AuditCheck;
import io.berth.ops.audit.AuditFolder;
import io.berth.ops.audit.Finding;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code berth audit}: the audit of a registry, in the folder of its data. */
@Command(name = "audit", description = "Verifies the audit of a registry.", mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND", subcommands = AuditCommand.Verify.class)
final class AuditCommand {

  /** {@code berth audit verify}. */
  @Command(name = "verify", mixinStandardHelpOptions = true, sortOptions = false,
      description = {
        "Says whether the audit is as it was written: no line changed, removed, put in or moved. Writes nothing; the registry may run.",
        "Exits with 0 if nothing speaks against it, with 1 if it was changed. The last line that it prints is the head, NUMBER:HASH: noted down"
            + " elsewhere and given as an anchor later, it shows whether the audit was cut off or written anew since."})
  static final class Verify implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;

    @Option(names = "--data", paramLabel = "DIR", defaultValue = "data",
        description = "The registry's folder. Default: ${DEFAULT-VALUE}.") private Path data = Path.of("data");

    @Option(names = "--anchor", paramLabel = "NUMBER:HASH",
        description = "A head that was printed or logged before; may be given more than once.") private List<String> anchors = List.of();

    @Parameters(paramLabel = "FILE", arity = "0..*",
        description = "Files of an audit in their order, instead of those in the registry's folder.") private List<Path> files = List.of();

    @Override
    public Integer call() {
      if (spec == null) {
        throw new IllegalStateException("picocli sets the specification before the command runs");
      }
      PrintWriter out = spec.commandLine().getOut();
      List<Path> read = files.isEmpty() ? files(data.resolve(AuditSettings.FOLDER)) : files;
      AuditCheck check = check(read, parsed(spec));
      for (Finding finding : check.findings()) {
        if (finding.kind() != Finding.Kind.BROKEN) {
          out.println("note: " + finding);
        }
      }
      check.first().filter(first -> first.number() > 1)
          .ifPresent(first -> out.println("note: what was before line " + first.number() + " is not here"));
      check.broken().ifPresent(finding -> out.println("CHANGED: " + finding));
      check.contradicted().forEach(anchor -> out.println("CHANGED: no line is " + anchor));
      check.head().ifPresentOrElse(head -> out.println((check.isWhole() ? "whole: " : "the last line: ") + head),
          () -> out.println("there is no line"));
      out.flush();
      return check.isWhole() ? 0 : 1;
    }

    private List<Anchor> parsed(CommandSpec command) {
      var parsed = new ArrayList<Anchor>();
      for (String text : anchors) {
        parsed.add(Anchor.parse(text)
            .orElseThrow(() -> new ParameterException(command.commandLine(), "an anchor is NUMBER:HASH, as this command prints it")));
      }
      return parsed;
    }

    private static List<Path> files(Path folder) {
      try {
        return AuditFolder.files(folder);
      } catch (IOException e) {
        throw new Refusal("the audit in " + folder + " can't be read: " + e, e);
      }
    }

    private static AuditCheck check(List<Path> files, List<Anchor> anchors) {
      try {
        return AuditCheck.of(files, anchors);
      } catch (IOException e) {
        throw new Refusal("the audit can't be read: " + e, e);
      }
    }
  }
}
