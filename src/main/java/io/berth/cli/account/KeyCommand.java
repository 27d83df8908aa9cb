package io.berth.cli.account;

import io.berth.client.RegistrySession;
import io.berth.oci.Json;
import io.berth.oci.Text;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code berth key}: API keys, which stand for whoever makes them. */
@Command(name = "key", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
    description = {"Makes, lists, replaces and ends one's own API keys.", "A key is used as a password, beside one's own name."},
    subcommands = {KeyCommand.Add.class, KeyCommand.Ls.class, KeyCommand.Rotate.class, KeyCommand.Rm.class})
public final class KeyCommand {

  private static final String KEYS = "/v2/_berth/apikeys";

  /** {@code berth key add}. */
  @Command(name = "add", description = "Makes a key and prints it; it is not shown again.", mixinStandardHelpOptions = true)
  static final class Add implements Callable<Integer> {

    @Mixin private AccountTarget target = new AccountTarget();

    @Mixin private CeilingOptions ceiling = new CeilingOptions();

    @Option(names = "--description", paramLabel = "TEXT", description = "What it is for.") private String description = "";

    @Option(names = "--expires", paramLabel = "TIME",
        description = "When it ends: 90d, or a time. Default: 365d.") private @Nullable String expires;

    @Override
    public Integer call() {
      ObjectNode body = Json.MAPPER.createObjectNode().put("description", description);
      if (expires != null) {
        body.put("expires", target.time(expires).toString());
      }
      ceiling.addTo(body, target);
      try (RegistrySession session = target.open()) {
        target.made(AccountTarget.send(session, "POST", KEYS, body).json());
      }
      return 0;
    }
  }

  /** {@code berth key ls}. */
  @Command(name = "ls", description = "Lists one's keys, without their secrets.", mixinStandardHelpOptions = true)
  static final class Ls implements Callable<Integer> {

    @Mixin private AccountTarget target = new AccountTarget();

    @Option(names = "--owner", paramLabel = "IDENTITY",
        description = "As an administrator: those of another, user:NAME or robot:NAME.") private @Nullable String owner;

    @Override
    public Integer call() {
      String path = owner == null ? KEYS : KEYS + "?owner=" + URLEncoder.encode(owner, StandardCharsets.UTF_8);
      try (RegistrySession session = target.open()) {
        if (!target.json()) {
          target.out().printf("%-16s %-30s %-10s %s%n", "ID", "EXPIRES", "GOOD FOR", "DESCRIPTION");
        }
        AccountTarget.each(session, path, "keys", this::print);
      } finally {
        target.out().flush();
      }
      return 0;
    }

    private void print(JsonNode key) {
      if (target.json()) {
        target.print(key);
        return;
      }
      target.out().printf("%-16s %-30s %-10s %s%n", Text.visible(key.path("id").asString(""), 40),
          Text.visible(key.path("expires").asString("-"), 30), key.has("ceiling") ? "a part" : "all",
          Text.visible(key.path("description").asString(""), 200));
    }
  }

  /** {@code berth key rotate}. */
  @Command(name = "rotate", description = "Prints another key like one; that one ends after a while.", mixinStandardHelpOptions = true)
  static final class Rotate implements Callable<Integer> {

    @Mixin private AccountTarget target = new AccountTarget();

    @Mixin private GraceOption grace = new GraceOption();

    @Parameters(paramLabel = "ID") private String id = "";

    @Override
    public Integer call() {
      try (RegistrySession session = target.open()) {
        target.made(AccountTarget.send(session, "POST", UserCommand.path(KEYS, id) + "/rotate",
            Json.MAPPER.createObjectNode().put("graceSeconds", grace.seconds())).json());
      }
      return 0;
    }
  }

  /** {@code berth key rm}. */
  @Command(name = "rm", description = "Ends keys at once, with the tokens that were made of them.", mixinStandardHelpOptions = true)
  static final class Rm implements Callable<Integer> {

    @Mixin private AccountTarget target = new AccountTarget();

    @Parameters(paramLabel = "ID", arity = "1..*") private List<String> ids = new ArrayList<>();

    @Override
    public Integer call() {
      return UserCommand.remove(target, KEYS, ids);
    }
  }
}
