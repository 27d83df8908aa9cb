package io.berth.cli;

import io.berth.cli.account.KeyCommand;
import io.berth.cli.account.RobotCommand;
import io.berth.cli.account.UserCommand;
import io.berth.cli.tag.CopyCommand;
import io.berth.cli.tag.DeleteManifest;
import io.berth.cli.tag.GraphCommand;
import io.berth.cli.tag.StatsCommand;
import io.berth.cli.tag.TagCommand;
import io.berth.client.RegistryFailure;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program: {@code berth <command>}. */
@Command(name = "berth", description = "An OCI container registry.",
    subcommands = {ServeCommand.class, CheckConfigCommand.class, ConfigSchemaCommand.class, RepoCommand.class, TagCommand.class,
      CopyCommand.class, DeleteManifest.class,
      GraphCommand.class,
      StatsCommand.class,
      GcCommand.class,
      KeysCommand.class,
      UserCommand.class,
      RobotCommand.class,
      KeyCommand.class,
      AuditCommand.class,
      AccessCommand.class,
      DoctorCommand.class,
      BenchCommand.class},
    mixinStandardHelpOptions = true,
    version = "berth 0.1.0", synopsisSubcommandLabel = "COMMAND")
public final class Berth {

  private Berth() {}

  /** Runs a command and exits with its status: 0 for success, 1 for a failure, 2 for wrong usage, others as the command's help says. */
  public static void main(String[] arguments) {
    int status = command().execute(arguments);
    if (status != 0) {
      System.exit(status);
    }
  }

  /** The program as a value, for {@link #main} and tests. */
  static CommandLine command() {
    return new CommandLine(new Berth()).setExecutionExceptionHandler(Berth::failed);
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult arguments) throws Exception {
    if (e instanceof Refusal || e instanceof RegistryFailure) {
      command.getErr().println("berth: " + e.getMessage());
      return 1;
    }
    throw e;
  }
}
