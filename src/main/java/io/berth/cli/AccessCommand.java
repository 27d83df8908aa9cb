package io.berth.cli;

import io.berth.config.Configuration;
import io.berth.config.InvalidConfiguration;
import io.berth.config.Origin;
import io.berth.oci.Json;
import io.berth.oci.Reference;
import io.berth.oci.RegistryException;
import io.berth.oci.Tag;
import io.berth.policy.AccessPolicy;
import io.berth.policy.Action;
import io.berth.policy.Explanation;
import io.berth.policy.Explanation.Asked;
import io.berth.policy.Rights;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code berth access}: what the rules of access in a configuration mean. Needs no running registry, and changes nothing. */
@Command(name = "access", description = "Says what the rules of access in a configuration mean.", mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND", subcommands = {AccessCommand.Explain.class, AccessCommand.Check.class})
final class AccessCommand {

  private static final int UNUSABLE = 2;

  private AccessCommand() {}

  /** How the answer is printed. */
  enum Format {
    text, json
  }

  /** What is asked for: one of these. */
  static final class Wanted {

    @Option(names = "--pull", paramLabel = "NAME[:TAG]", description = "Whether they may pull it.") private @Nullable String pull;

    @Option(names = "--push", paramLabel = "NAME[:TAG]",
        description = "Whether they may push it: make the tag, and move it. Without a tag, whether they may upload.") private @Nullable String push;

    @Option(names = "--create", paramLabel = "NAME[:TAG]", description = "Whether they may make the tag.") private @Nullable String create;

    @Option(names = "--move", paramLabel = "NAME[:TAG]", description = "Whether they may move the tag.") private @Nullable String move;

    @Option(names = "--delete", paramLabel = "NAME[:TAG]",
        description = "Whether they may remove the tag; without one, anything by its digest.") private @Nullable String delete;

    @Option(names = "--admin", paramLabel = "NAME", arity = "0..1", fallbackValue = "",
        description = "Whether they may administer the repository; without a name, the registry.") private @Nullable String admin;

    /** What is asked of somebody: to push a tag, two things. */
    List<Asked> asked(Rights rights) {
      if (admin != null && admin.isEmpty()) {
        return List.of(new Asked(rights.identity(), Optional.empty(), Optional.empty(), Action.ADMIN));
      }
      Action action = pull != null ? Action.PULL : push != null ? Action.PUSH : create != null ? Action.CREATE : move != null ? Action.MOVE
          : delete != null ? Action.DELETE : Action.ADMIN;
      String text = Stream.of(Optional.ofNullable(pull), Optional.ofNullable(push), Optional.ofNullable(create), Optional.ofNullable(move),
          Optional.ofNullable(delete), Optional.ofNullable(admin)).flatMap(Optional::stream).findFirst().orElseThrow();
      Reference reference = Reference.parse(text);
      Optional<Tag> tag = reference.digest() == null ? Optional.ofNullable(reference.tag()) : Optional.empty();
      if (action == Action.ADMIN && tag.isPresent()) {
        throw new IllegalArgumentException("whole repositories are administered, not tags: leave out ':" + tag.get() + "'");
      }
      List<Action> parts = action == Action.PUSH && tag.isPresent() ? List.of(Action.CREATE, Action.MOVE) : List.of(action);
      return parts.stream().map(part -> new Asked(rights.identity(), Optional.of(reference.repository()), tag, part)).toList();
    }
  }

  /** {@code berth access explain}. */
  @Command(name = "explain", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Says whether somebody may do something, by which rule, which rules came close, and how the registry would answer.",
    "Reads the same file and environment as 'serve'. Where accounts are kept, groups and the like are looked up in the database.",
    "Exits with 0 if it is allowed, 1 if it is not, 2 if that can't be said."})
  static final class Explain implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;

    @Mixin private Asking asking = new Asking();

    @ArgGroup(multiplicity = "1") private Wanted wanted = new Wanted();

    @Option(names = "--all", description = "Show all rules, also those that are about something else altogether.") private boolean all;

    @Option(names = "--format", paramLabel = "FORMAT", defaultValue = "text",
        description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.") private Format format = Format.text;

    @Mixin private RulesFlags flags = new RulesFlags();

    @Override
    public Integer call() {
      CommandSpec command = required(spec);
      try {
        Configuration configuration = flags.read();
        Asking.Somebody somebody = asking.somebody(configuration.serve());
        AccessPolicy policy = AccessSettings.policy(configuration.serve());
        var rights = new Rights(policy, somebody.identity());
        List<Explanation> explanations = wanted.asked(rights).stream().map(asked -> Explanation.of(rights, asked)).toList();
        var report = new AccessReport(policy.groups().join(somebody.identity()), somebody.remarks(), explanations,
            configuration.placesOfRules());
        PrintWriter out = command.commandLine().getOut();
        if (format == Format.json) {
          out.println(Json.MAPPER.writeValueAsString(report.json()));
        } else {
          report.lines(all).forEach(out::println);
        }
        out.flush();
        return Explanation.least(explanations) == Explanation.Outcome.ALLOWED ? 0 : 1;
      } catch (InvalidConfiguration | Refusal e) {
        return failed(command, e);
      } catch (IllegalArgumentException | RegistryException e) {
        throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
      }
    }
  }

  /** {@code berth access check}. */
  @Command(name = "check", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Looks for rules that allow nothing, or nothing that another does not allow.",
    "Reads the same file and environment as 'serve'. Exits with 0 if there are none, 1 if there are, 2 if that can't be said."})
  static final class Check implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;

    @Mixin private RulesFlags flags = new RulesFlags();

    @Override
    public Integer call() {
      CommandSpec command = required(spec);
      try {
        Configuration configuration = flags.read();
        Map<String, Origin> places = configuration.placesOfRules();
        Map<String, String> idle = new IdleRules(configuration.serve()).find();
        PrintWriter out = command.commandLine().getOut();
        idle.forEach((rule, why) -> out.println(AccessReport.named(rule, places) + ": " + why));
        out.printf("%d rules, %d of them allow nothing by themselves%n", configuration.serve().access().rules().map(List::size).orElse(0),
            idle.size());
        out.flush();
        return idle.isEmpty() ? 0 : 1;
      } catch (InvalidConfiguration | Refusal e) {
        return failed(command, e);
      } catch (IllegalArgumentException e) {
        throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
      }
    }
  }

  private static int failed(CommandSpec command, Exception e) {
    PrintWriter err = command.commandLine().getErr();
    err.println(e.getMessage());
    err.flush();
    return UNUSABLE;
  }

  private static CommandSpec required(@Nullable CommandSpec spec) {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification before the command runs");
    }
    return spec;
  }
}
