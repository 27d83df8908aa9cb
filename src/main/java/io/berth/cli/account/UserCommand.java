package io.berth.cli.account;

import io.berth.client.RegistryFailure;
import io.berth.client.RegistrySession;
import io.berth.oci.Json;
import io.berth.oci.Text;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** {@code berth user}: the accounts of people. */
@Command(name = "user", description = "Makes, lists, changes and removes the users of a registry that keeps accounts.",
    mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND", subcommands = {UserCommand.Add.class, UserCommand.Ls.class,
      UserCommand.Passwd.class, UserCommand.Disable.class, UserCommand.Enable.class, UserCommand.Rm.class, UserCommand.Revoke.class})
public final class UserCommand {

  private static final String USERS = "/v2/_berth/users";

  static String path(String collection, String login) {
    return collection + "/" + URLEncoder.encode(login, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** {@code berth user add}. */
  @Command(name = "add", mixinStandardHelpOptions = true, description = {"Makes a user.",
    "The password is asked for, or taken from the next line of standard input."})
  static final class Add implements Callable<Integer> {

    @Mixin private AccountTarget target = new AccountTarget();

    @Parameters(paramLabel = "LOGIN") private String login = "";

    @Option(names = "--group", paramLabel = "NAME", description = "A group that the user is in; may be given several times.") private List<
        String> groups =
            new ArrayList<>();

    @Option(names = "--admin", description = "The user may do everything, whatever the rules say.") private boolean administrator;

    @Option(names = "--expires", paramLabel = "TIME",
        description = "When the account ends: 90d, or a time.") private @Nullable String expires;

    @Option(names = "--setup-token-file", paramLabel = "FILE", description = {
      "Make the first administrator of a registry that has none, with the token",
      "in the file 'setup-token' of its data folder."}) private @Nullable Path setup;

    @Override
    public Integer call() {
      if (setup != null) {
        return first(setup);
      }
      try (RegistrySession session = target.open()) {
        ObjectNode body = Json.MAPPER.createObjectNode().put("login", login);
        if (!groups.isEmpty()) {
          groups.forEach(body.putArray("groups")::add);
        }
        if (administrator) {
          body.put("administrator", true);
        }
        if (expires != null) {
          body.put("expires", target.time(expires).toString());
        }
        body.put("password", target.passwords().readNew("New password of " + login));
        said(target, AccountTarget.send(session, "POST", USERS, body).json(), "made user " + login);
      }
      return 0;
    }

    private int first(Path file) {
      String token;
      try {
        token = Files.readString(file).strip();
      } catch (IOException e) {
        throw new RegistryFailure("the setup token can't be read: " + e);
      }
      try (RegistrySession session = target.openAsStranger()) {
        if (!session.registry().secretsAllowed()) {
          throw new RegistryFailure(
              "a password would go to " + session.registry() + " readable for everyone on the way: use https, or say --plain-http");
        }
        ObjectNode body = Json.MAPPER.createObjectNode().put("token", token).put("login", login).put("password",
            target.passwords().readNew("New password of " + login));
        said(target, AccountTarget.send(session, "POST", "/v2/_berth/setup", body).json(), "made administrator " + login);
      }
      return 0;
    }
  }

  private static void said(AccountTarget target, JsonNode answer, String words) {
    if (target.json()) {
      target.print(answer);
    } else {
      target.out().println(words);
      target.out().flush();
    }
  }

  /** {@code berth user ls}. */
  @Command(name = "ls", description = "Lists the users.", mixinStandardHelpOptions = true)
  static final class Ls implements Callable<Integer> {

    @Mixin private AccountTarget target = new AccountTarget();

    @Override
    public Integer call() {
      list(target, USERS, "users");
      return 0;
    }
  }

  /** Accounts, one a line. */
  static void list(AccountTarget target, String path, String name) {
    try (RegistrySession session = target.open()) {
      if (!target.json()) {
        target.out().printf("%-32s %-8s %-24s %s%n", "LOGIN", "STATE", "EXPIRES", "GROUPS");
      }
      AccountTarget.each(session, path, name, account -> {
        if (target.json()) {
          target.print(account);
          return;
        }
        var groups = new ArrayList<String>();
        account.path("groups").forEach(group -> groups.add(Text.visible(group.asString(""), 100)));
        String state = account.path("disabled").asBoolean() ? "disabled" : account.path("administrator").asBoolean() ? "admin" : "-";
        target.out().printf("%-32s %-8s %-24s %s%n", Text.visible(account.path("login").asString(""), 128), state,
            Text.visible(account.path("expires").asString("-"), 30), String.join(", ", groups));
      });
    } finally {
      target.out().flush();
    }
  }

  /** {@code berth user passwd}. */
  @Command(name = "passwd", mixinStandardHelpOptions = true, description = {
    "Changes a password: one's own, or as an administrator that of LOGIN.",
    "Passwords are asked for, or taken from lines of standard input: of who asks (with --password-stdin), the current, the new one."})
  static final class Passwd implements Callable<Integer> {

    @Mixin private AccountTarget target = new AccountTarget();

    @Parameters(paramLabel = "LOGIN", arity = "0..1", description = "Default: one's own.") private @Nullable String login;

    @Override
    public Integer call() {
      try (RegistrySession session = target.open()) {
        if (login == null) {
          ObjectNode body = Json.MAPPER.createObjectNode().put("current", target.passwords().read("Current password"))
              .put("password", target.passwords().readNew("New password"));
          AccountTarget.send(session, "PUT", "/v2/_berth/password", body);
        } else {
          AccountTarget.send(session, "PATCH", path(USERS, login),
              Json.MAPPER.createObjectNode().put("password", target.passwords().readNew("New password of " + login)));
        }
      }
      target.out().println("changed the password" + (login == null ? "" : " of " + login));
      target.out().flush();
      return 0;
    }
  }

  private static int disable(AccountTarget target, List<String> logins, boolean disabled) {
    try (RegistrySession session = target.open()) {
      for (String login : logins) {
        AccountTarget.send(session, "PATCH", path(USERS, login), Json.MAPPER.createObjectNode().put("disabled", disabled));
        target.out().println((disabled ? "disabled " : "enabled ") + login);
      }
    } finally {
      target.out().flush();
    }
    return 0;
  }

  /** {@code berth user disable}. */
  @Command(name = "disable", mixinStandardHelpOptions = true,
      description = "Keeps users out, with all that they were given, until they are enabled again.")
  static final class Disable implements Callable<Integer> {

    @Mixin private AccountTarget target = new AccountTarget();

    @Parameters(paramLabel = "LOGIN", arity = "1..*") private List<String> logins = new ArrayList<>();

    @Override
    public Integer call() {
      return disable(target, logins, true);
    }
  }

  /** {@code berth user enable}. */
  @Command(name = "enable", description = "Lets disabled users in again.", mixinStandardHelpOptions = true)
  static final class Enable implements Callable<Integer> {

    @Mixin private AccountTarget target = new AccountTarget();

    @Parameters(paramLabel = "LOGIN", arity = "1..*") private List<String> logins = new ArrayList<>();

    @Override
    public Integer call() {
      return disable(target, logins, false);
    }
  }

  /** Removes accounts, or keys. */
  static int remove(AccountTarget target, String collection, List<String> names) {
    try (RegistrySession session = target.open()) {
      for (String name : names) {
        AccountTarget.send(session, "DELETE", path(collection, name));
        target.out().println("removed " + name);
      }
    } finally {
      target.out().flush();
    }
    return 0;
  }

  /** {@code berth user rm}. */
  @Command(name = "rm", description = "Removes users, with their keys.", mixinStandardHelpOptions = true)
  static final class Rm implements Callable<Integer> {

    @Mixin private AccountTarget target = new AccountTarget();

    @Parameters(paramLabel = "LOGIN", arity = "1..*") private List<String> logins = new ArrayList<>();

    @Override
    public Integer call() {
      return remove(target, USERS, logins);
    }
  }

  /** {@code berth user revoke}. */
  @Command(name = "revoke", mixinStandardHelpOptions = true,
      description = {"Ends all tokens and API keys of someone; their password stays. A robot needs another key then.",
        "They need not have an account: write robot:NAME or workload:PROVIDER:SUBJECT for who is no user."})
  static final class Revoke implements Callable<Integer> {

    @Mixin private AccountTarget target = new AccountTarget();

    @Parameters(paramLabel = "LOGIN", arity = "1..*") private List<String> names = new ArrayList<>();

    @Override
    public Integer call() {
      try (RegistrySession session = target.open()) {
        for (String name : names) {
          String identity = name.indexOf(':') < 0 ? "user:" + name : name;
          AccountTarget.send(session, "POST", "/v2/_berth/revocations", Json.MAPPER.createObjectNode().put("identity", identity));
          target.out().println("revoked what " + identity + " was given");
        }
      } finally {
        target.out().flush();
      }
      return 0;
    }
  }
}
