package io.berth.cli;

import io.berth.auth.AccountPasswords;
import io.berth.auth.Workloads;
import io.berth.config.DatabaseConfig;
import io.berth.config.ServeConfig;
import io.berth.config.ServeConfig.Authentication;
import io.berth.metadata.MetadataException;
import io.berth.metadata.StoredAccount;
import io.berth.metadata.sql.AccountLook;
import io.berth.oci.Json;
import io.berth.policy.Identity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Who is asked about: as the command line says, and as the account says where there is one. For one thread. */
final class Asking {

  private static final String USER = "user:";
  private static final String ROBOT = "robot:";
  private static final String WORKLOAD = "workload:";

  @Option(names = "--as", required = true, paramLabel = "WHO",
      description = "alice or user:alice, robot:NAME, workload:PROVIDER:SUBJECT, or anonymous.") private String who = "";

  @Option(names = "--group", paramLabel = "GROUP",
      description = "A group that they bring along. May be repeated. With it, no account is looked up.") private List<String> groups =
          new ArrayList<>();

  @Option(names = "--claim", paramLabel = "NAME=VALUE",
      description = "A text that their token says of them. May be repeated; of the same name it is a list.") private List<String> claims =
          new ArrayList<>();

  @Option(names = "--claims", paramLabel = "JSON",
      description = "All that their token says of them, as a JSON object.") private @Nullable String object;

  /**
   * Somebody.
   *
   * @param remarks what should be known of them besides
   */
  record Somebody(Identity identity, List<String> remarks) {}

  /**
   * Finds out who it is. Looks into the database, if accounts are kept, and changes nothing there.
   *
   * @throws IllegalArgumentException if nobody can be called so, in words
   * @throws Refusal if the database can't be read
   */
  Somebody somebody(ServeConfig config) {
    Map<String, Object> said = claims();
    Set<String> own = new HashSet<>(groups);
    if (who.equals("anonymous")) {
      return new Somebody(new Identity.Anonymous(),
          own.isEmpty() && said.isEmpty() ? List.of() : List.of("a stranger has neither groups nor claims"));
    }
    if (who.startsWith(WORKLOAD)) {
      int colon = who.indexOf(':', WORKLOAD.length());
      if (colon <= WORKLOAD.length() || colon == who.length() - 1) {
        throw new IllegalArgumentException("write a job as workload:PROVIDER:SUBJECT");
      }
      String provider = who.substring(WORKLOAD.length(), colon);
      boolean isKnown = config.access().workloads().stream().anyMatch(one -> one.name().equals(provider));
      return new Somebody(new Identity.Workload(provider, who.substring(colon + 1), own, said),
          isKnown ? List.of() : List.of("no platform in auth.workloads is called '" + provider + "'"));
    }
    boolean isRobot = who.startsWith(ROBOT);
    String login = isRobot ? who.substring(ROBOT.length()) : who.startsWith(USER) ? who.substring(USER.length()) : who;
    if (login.isBlank()) {
      throw new IllegalArgumentException("say who: alice, robot:NAME, workload:PROVIDER:SUBJECT or anonymous");
    }
    Identity named = isRobot ? new Identity.Robot(login, own) : new Identity.User(login, own, said, false);
    boolean looks = own.isEmpty() && said.isEmpty() && login.indexOf('/') < 0
        && config.authentication() instanceof Authentication.Sources sources && sources.accounts();
    return looks ? account(config, login, named) : new Somebody(named, List.of());
  }

  private static Somebody account(ServeConfig config, String login, Identity named) {
    Optional<StoredAccount> account = look(config, login);
    if (account.isEmpty()) {
      return new Somebody(named, List.of("there is no account '" + login + "'"));
    }
    Identity found = AccountPasswords.identity(account.get());
    if (!found.name().equals(named.name())) {
      return new Somebody(named, List.of("the account '" + login + "' is that of " + found.name()));
    }
    Instant expires = account.get().expires();
    boolean isOver = account.get().disabled() || expires != null && !Instant.now().isBefore(expires);
    return new Somebody(found, isOver ? List.of("the account is disabled or over: they can't log in (401)") : List.of());
  }

  private static Optional<StoredAccount> look(ServeConfig config, String login) {
    try {
      return switch (config.database()) {
        case DatabaseConfig.Sqlite _ -> {
          Path file = config.data().resolve("metadata.db");
          yield Files.exists(file) ? AccountLook.find(file, login) : Optional.empty();
        }
        case DatabaseConfig.Postgresql postgresql -> AccountLook.find(Stores.options(postgresql), login);
      };
    } catch (MetadataException e) {
      throw new Refusal("accounts can't be looked up: " + e.getMessage() + ". Give --group, and they are not", e);
    }
  }

  private Map<String, Object> claims() {
    var said = new HashMap<String, Object>(object == null ? Map.of() : object(object));
    for (String claim : claims) {
      int equals = claim.indexOf('=');
      if (equals <= 0) {
        throw new IllegalArgumentException("write a claim as NAME=VALUE, not '" + claim + "'");
      }
      String value = claim.substring(equals + 1);
      said.merge(claim.substring(0, equals), value, (one, _) -> {
        var several = new ArrayList<Object>(one instanceof List<?> list ? list : List.of(one));
        several.add(value);
        return several;
      });
    }
    return said;
  }

  private static Map<String, Object> object(String text) {
    try {
      JsonNode node = Json.parse(text.getBytes(StandardCharsets.UTF_8));
      if (node.isObject()) {
        return Workloads.claims(node);
      }
    } catch (Json.InvalidJson e) {
      throw new IllegalArgumentException("--claims is no JSON: " + e.getMessage(), e);
    }
    throw new IllegalArgumentException("--claims is a JSON object, as in '{\"ref_protected\": true}'");
  }
}
