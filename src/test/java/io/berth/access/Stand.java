package io.berth.access;

import io.berth.oci.Json;
import io.berth.signing.InvalidKey;
import io.berth.signing.RegistryKeys;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A registry with something in it, and those who ask it for that. For one thread. */
final class Stand implements AutoCloseable {

  /** How the registry is called. */
  static final String HOST = "registry.example";

  /** Those who have a password, with rights as the rules of {@code wire/access/matrix.yml} say. */
  private static final List<String> USERS =
      List.of("elsewhere", "reader", "tagged", "maker", "builder", "blind", "writer", "admin", "expired", "revoked", "person");
  private static final String RELEASES = "[{\"repositories\":[\"team/**\"],\"tags\":[\"release-*\"],\"actions\":[\"pull\"]}]";

  /** What a registry is started with. */
  static final String OPTIONS =
      "accounts, http.trustedproxies 127.0.0.1, config access/matrix.yml, htpasswd "
          + String.join(" ", USERS.stream().map(user -> user + ":" + password(user)).toList());

  /** A registry that runs. */
  interface Server extends AutoCloseable {

    InetSocketAddress address();

    /** Where it keeps its data. */
    Path data();

    String setupToken();

    @Override
    void close();
  }

  /** How somebody shows who they are. */
  enum Shown {
    /** Not at all, or by a name with a password or API key. */
    PLAIN,
    /** By a token that was asked for everything. */
    TOKEN,
    /** By a token that was asked for nothing. */
    BARE
  }

  private final Server server;
  private final Asker asker;
  private final Goods goods = new Goods();
  private final Shelves shelves;
  private final Map<String, Map<Shown, Optional<String>>> credentials = new LinkedHashMap<>();
  private int asked;

  Stand(Server server) {
    this.server = server;
    this.asker = new Asker(server.address());
    post(Optional.empty(), "/v2/_berth/setup",
        "{\"token\":\"" + server.setupToken() + "\",\"login\":\"root\",\"password\":\"" + password("root") + "\"}");
    Optional<String> root = token(Optional.of(Asker.basic("root", password("root"))), true, List.of());
    this.shelves = new Shelves(asker, goods, root);
    Optional<String> expiring = introduce(root);
    shelves.fill();
    await(expiring);
  }

  private static String password(String user) {
    return "secret-of-" + user;
  }

  Goods goods() {
    return goods;
  }

  Shelves shelves() {
    return shelves;
  }

  /** How a principal shows who it is. */
  Map<Shown, Optional<String>> credentials(String principal) {
    return credentials.get(principal);
  }

  Answer ask(Optional<String> authorization, Table.Row row, OptionalLong event) {
    var headers = new ArrayList<>(row.headers());
    headers.add("X-Forwarded-For: 10." + (asked >> 16 & 255) + "." + (asked >> 8 & 255) + "." + (asked++ & 255)); // whom failed logins are counted for
    return asker.ask(authorization, row.method(), row.target(), headers, row.body(), event);
  }

  /** Says which key is about to expire. */
  private Optional<String> introduce(Optional<String> root) {
    credentials.put("nobody", Map.of(Shown.PLAIN, Optional.empty()));
    credentials.put("stranger", Map.of(Shown.TOKEN, token(Optional.empty(), true, List.of())));
    for (String user : USERS) {
      Optional<String> plain = Optional.of(Asker.basic(user, password(user)));
      credentials.put(user, all(plain, List.of()));
    }
    credentials.put("key", all(key("admin", ",\"ceiling\":" + RELEASES), List.of()));
    List<String> refs = List.of("OCI-Ref: " + HOST + "/team/app:release-1," + HOST + "/team/nil:release-1");
    credentials.put("bound", Map.of(Shown.TOKEN, token(credentials.get("writer").get(Shown.PLAIN), true, refs)));
    Instant soon = Instant.now().plus(Duration.ofSeconds(2)).truncatedTo(ChronoUnit.SECONDS);
    Optional<String> expiring = key("expired", ",\"expires\":\"" + soon + "\"");
    Optional<String> revoked = key("revoked", "");
    Optional<String> former = credentials.get("revoked").get(Shown.TOKEN);
    credentials.put("expired", Map.of(Shown.PLAIN, expiring, Shown.TOKEN, past(credentials.get("expired").get(Shown.TOKEN).orElseThrow())));
    credentials.put("revoked", Map.of(Shown.PLAIN, revoked, Shown.TOKEN, former));
    require(200, asker.ask(revoked, "GET", "/v2/", List.of(), "", OptionalLong.empty()));
    post(root, "/v2/_berth/revocations", "{\"identity\":\"user:revoked\"}");
    return expiring;
  }

  private Map<Shown, Optional<String>> all(Optional<String> plain, List<String> headers) {
    var all = new LinkedHashMap<Shown, Optional<String>>();
    all.put(Shown.PLAIN, plain);
    all.put(Shown.TOKEN, token(plain, true, headers));
    all.put(Shown.BARE, token(plain, false, headers));
    return all;
  }

  /** A token, asked for everything or for nothing. */
  private Optional<String> token(Optional<String> authorization, boolean everything, List<String> headers) {
    var target = new StringBuilder("/token?service=berth");
    for (String repository : everything ? Shelves.NAMES_AND_MORE : List.<String>of()) {
      target.append("&scope=repository:").append(repository).append(":*");
    }
    if (everything) {
      target.append("&scope=registry:catalog:*&scope=registry:admin:*&scope=registry:account:*");
    }
    Answer answer = require(200, asker.ask(authorization, "GET", target.toString(), headers, "", OptionalLong.empty()));
    return Optional.of("Bearer " + json(answer).path("token").asString());
  }

  /** The same token, signed by this registry, but its time is over. */
  private Optional<String> past(String bearer) {
    try {
      JsonNode claims = Json.parse(Base64.getUrlDecoder().decode(bearer.split("\\.", -1)[1]));
      long then = Instant.now().minus(Duration.ofMinutes(2)).getEpochSecond();
      ((ObjectNode) claims).put("exp", then + 1).put("iat", then).put("nbf", then);
      RegistryKeys keys = RegistryKeys.open(server.data().resolve("tokenkeys"), RegistryKeys.OVERLAP, Instant.now());
      return Optional.of("Bearer " + keys.signCompact(Json.write(claims).getBytes(StandardCharsets.UTF_8), "at+jwt", Instant.now()));
    } catch (InvalidKey | Json.InvalidJson e) {
      throw new IllegalStateException(e);
    }
  }

  /** An API key, as it is shown instead of the password. */
  private Optional<String> key(String user, String more) {
    Answer made = post(Optional.of(Asker.basic(user, password(user))), "/v2/_berth/apikeys", "{\"description\":\"matrix\"" + more + "}");
    return Optional.of(Asker.basic(user, json(made).path("secret").asString()));
  }

  /** The identifier of a new key of somebody who never asks. */
  String anothersKey() {
    return json(post(credentials.get("person").get(Shown.PLAIN), "/v2/_berth/apikeys", "{\"description\":\"matrix\"}")).path("id")
        .asString();
  }

  private void await(Optional<String> expiring) {
    Instant end = Instant.now().plus(Duration.ofSeconds(20));
    while (asker.ask(expiring, "GET", "/v2/", List.of(), "", OptionalLong.empty()).status() != 401) {
      if (Instant.now().isAfter(end)) {
        throw new IllegalStateException("the key does not expire");
      }
      Thread.onSpinWait();
    }
  }

  private Answer post(Optional<String> authorization, String target, String body) {
    Answer answer = asker.ask(authorization, "POST", target, List.of("Content-Type: application/json"), body, OptionalLong.empty());
    if (answer.status() >= 300) {
      throw new IllegalStateException(target + ": " + answer.text());
    }
    return answer;
  }

  static Answer require(int status, Answer answer) {
    if (answer.status() != status) {
      throw new IllegalStateException(answer.text());
    }
    return answer;
  }

  static JsonNode json(Answer answer) {
    try {
      return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8));
    } catch (Json.InvalidJson e) {
      throw new IllegalStateException(answer.text(), e);
    }
  }

  @Override
  public void close() {
    asker.close();
    server.close();
  }
}
