package io.berth.cli.account;

import io.berth.client.RegistrySession;
import io.berth.oci.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code berth robot}: the accounts of machines. */
@Command(name = "robot", description = "Makes, lists and removes the robots of a registry that keeps accounts, and replaces their keys.",
    mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
    subcommands = {RobotCommand.Add.class, RobotCommand.Rotate.class, RobotCommand.Ls.class, RobotCommand.Rm.class})
public final class RobotCommand {

  private static final String ROBOTS = "/v2/_berth/robots";

  /** {@code berth robot add}. */
  @Command(name = "add", description = "Makes a robot and prints its key, which is not shown again.", mixinStandardHelpOptions = true)
  static final class Add implements Callable<Integer> {

    @Mixin private AccountTarget target = new AccountTarget();

    @Mixin private CeilingOptions ceiling = new CeilingOptions();

    @Parameters(paramLabel = "LOGIN") private String login = "";

    @Option(names = "--group", paramLabel = "NAME", description = "A group that the robot is in; may be given several times.") private List<
        String> groups =
            new ArrayList<>();

    @Option(names = "--expires", paramLabel = "TIME",
        description = "When the robot ends: 90d, or a time.") private @Nullable String expires;

    @Option(names = "--key-expires", paramLabel = "TIME", description = "When its first key ends.") private @Nullable String keyExpires;

    @Override
    public Integer call() {
      ObjectNode body = Json.MAPPER.createObjectNode().put("login", login);
      if (!groups.isEmpty()) {
        groups.forEach(body.putArray("groups")::add);
      }
      if (expires != null) {
        body.put("expires", target.time(expires).toString());
      }
      if (keyExpires != null) {
        body.put("keyExpires", target.time(keyExpires).toString());
      }
      ceiling.addTo(body, target);
      try (RegistrySession session = target.open()) {
        target.made(AccountTarget.send(session, "POST", ROBOTS, body).json().path("key"));
      }
      return 0;
    }
  }

  /** {@code berth robot rotate}. */
  @Command(name = "rotate", mixinStandardHelpOptions = true,
      description = "Prints another key for a robot; those it has end after a while.")
  static final class Rotate implements Callable<Integer> {

    @Mixin private AccountTarget target = new AccountTarget();

    @Mixin private GraceOption grace = new GraceOption();

    @Parameters(paramLabel = "LOGIN") private String login = "";

    @Option(names = "--expires", paramLabel = "TIME",
        description = "When the new key ends: 90d, or a time.") private @Nullable String expires;

    @Override
    public Integer call() {
      ObjectNode body = Json.MAPPER.createObjectNode().put("graceSeconds", grace.seconds());
      if (expires != null) {
        body.put("expires", target.time(expires).toString());
      }
      try (RegistrySession session = target.open()) {
        target.made(AccountTarget.send(session, "POST", UserCommand.path(ROBOTS, login) + "/rotate", body).json());
      }
      return 0;
    }
  }

  /** {@code berth robot ls}. */
  @Command(name = "ls", description = "Lists the robots.", mixinStandardHelpOptions = true)
  static final class Ls implements Callable<Integer> {

    @Mixin private AccountTarget target = new AccountTarget();

    @Override
    public Integer call() {
      UserCommand.list(target, ROBOTS, "robots");
      return 0;
    }
  }

  /** {@code berth robot rm}. */
  @Command(name = "rm", description = "Removes robots, with their keys.", mixinStandardHelpOptions = true)
  static final class Rm implements Callable<Integer> {

    @Mixin private AccountTarget target = new AccountTarget();

    @Parameters(paramLabel = "LOGIN", arity = "1..*") private List<String> logins = new ArrayList<>();

    @Override
    public Integer call() {
      return UserCommand.remove(target, ROBOTS, logins);
    }
  }
}
