package io.berth.auth;

import io.berth.oci.Json;
import io.berth.policy.Action;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * How a token says what it says: as claims in JSON (RFC 7519), with {@code access} as Docker's tokens have it. What is read here was signed by this
 * registry; that it can be read is checked nevertheless, since another version may have written it.
 */
final class TokenText {

  /** The most that groups and claims of an identity may take, in characters: a token has to fit into the head of each request. */
  private static final int MOST = 6_000;

  private TokenText() {}

  /** What does not fit into a token, in words for whoever asks for one. */
  static final class TooLarge extends Exception {

    private static final long serialVersionUID = 1;

    private TooLarge() {
      super("the groups and claims of this identity do not fit into a token", null, false, false);
    }
  }

  /** The claims that are this registry's own. */
  static Map<String, Object> claims(Token token) throws TooLarge {
    var claims = new LinkedHashMap<String, Object>();
    claims.put("access", token.access().stream().map(TokenText::scope).toList());
    claims.put("refused", token.refused().stream().map(TokenText::scope).toList());
    claims.put("identity", identity(token.identity()));
    claims.put("epoch", token.epoch());
    token.until().ifPresent(end -> claims.put("until", end.getEpochSecond()));
    token.key().ifPresent(key -> claims.put("key", key));
    token.ceiling().ifPresent(grants -> claims.put("ceiling", grants.stream().map(TokenText::grant).toList()));
    if (token.bound()) {
      claims.put("bound", true);
    }
    return claims;
  }

  private static Map<String, Object> scope(ResourceScope scope) {
    var text = new LinkedHashMap<String, Object>();
    text.put("type", scope.type());
    text.put("name", scope.name());
    text.put("actions", List.copyOf(scope.actions()));
    return text;
  }

  private static Map<String, Object> grant(Grant grant) {
    return Map.of("repositories", grant.repositories().stream().map(Glob::pattern).toList(), "tags",
        grant.tags().stream().map(Glob::pattern).toList(), "actions",
        new TreeSet<>(grant.actions()).stream().map(action -> action.name().toLowerCase(Locale.ROOT)).toList());
  }

  private static Map<String, Object> identity(Identity identity) throws TooLarge {
    var text = new LinkedHashMap<String, Object>();
    switch (identity) {
      case Identity.Anonymous _ -> text.put("kind", "anonymous");
      case Identity.User user -> {
        text.put("kind", "user");
        text.put("login", user.login());
        text.put("administrator", user.administrator());
      }
      case Identity.Robot robot -> {
        text.put("kind", "robot");
        text.put("login", robot.login());
      }
      case Identity.Workload workload -> {
        text.put("kind", "workload");
        text.put("provider", workload.provider());
        text.put("login", workload.subject());
      }
      case Identity.Registry _, Identity.Bearer _ -> throw new IllegalArgumentException("no token is made for " + identity.name());
    }
    text.put("groups", new TreeSet<>(identity.groups()));
    text.put("claims", identity.claims());
    if (Json.write(text).length() > MOST) {
      throw new TooLarge();
    }
    return text;
  }

  /** What the claims say; nothing if they can't be understood. */
  static Optional<Token> token(JsonNode claims, Instant expires) {
    try {
      Optional<List<Grant>> ceiling = claims.has("ceiling") ? Optional.of(grants(claims.path("ceiling"))) : Optional.empty();
      return Optional.of(new Token(identity(claims.path("identity")), claims.path("epoch").asLong(), ceiling,
          scopes(claims.path("access")), scopes(claims.path("refused")), expires, until(claims.path("until")),
          claims.path("bound").asBoolean(false), claims.has("key") ? Optional.of(claims.path("key").asString()) : Optional.empty()));
    } catch (IllegalArgumentException | JacksonException e) {
      return Optional.empty();
    }
  }

  private static Optional<Instant> until(JsonNode seconds) {
    return seconds.isMissingNode() ? Optional.empty() : Optional.of(Instant.ofEpochSecond(seconds.asLong()));
  }

  private static List<ResourceScope> scopes(JsonNode array) {
    var scopes = new ArrayList<ResourceScope>();
    for (JsonNode one : array) {
      scopes.add(
          new ResourceScope(one.path("type").asString(), one.path("name").asString(), new LinkedHashSet<>(texts(one.path("actions")))));
    }
    return scopes;
  }

  private static List<Grant> grants(JsonNode array) {
    var grants = new ArrayList<Grant>();
    for (JsonNode one : array) {
      Set<Action> actions = EnumSet.noneOf(Action.class);
      texts(one.path("actions")).forEach(action -> actions.add(Action.valueOf(action.toUpperCase(Locale.ROOT))));
      grants.add(new Grant(texts(one.path("repositories")).stream().map(Glob::parse).toList(),
          texts(one.path("tags")).stream().map(Glob::parse).toList(), actions));
    }
    return grants;
  }

  private static Identity identity(JsonNode text) {
    Set<String> groups = Set.copyOf(texts(text.path("groups")));
    Map<String, Object> claims = object(text.path("claims"));
    return switch (text.path("kind").asString()) {
      case "anonymous" -> new Identity.Anonymous();
      case "user" -> new Identity.User(text.path("login").asString(), groups, claims, text.path("administrator").asBoolean());
      case "robot" -> new Identity.Robot(text.path("login").asString(), groups);
      case "workload" -> new Identity.Workload(text.path("provider").asString(), text.path("login").asString(), claims);
      default -> throw new IllegalArgumentException("no kind of identity");
    };
  }

  private static List<String> texts(JsonNode array) {
    var texts = new ArrayList<String>();
    array.forEach(one -> texts.add(one.asString()));
    return texts;
  }

  /** An object as identities have their claims: texts, numbers, truth values, lists and maps. What is null is left out. */
  static Map<String, Object> object(JsonNode object) {
    var map = new LinkedHashMap<String, Object>();
    object.properties().forEach(member -> plain(member.getValue()).ifPresent(value -> map.put(member.getKey(), value)));
    return map;
  }

  private static Optional<Object> plain(JsonNode value) {
    if (value.isObject()) {
      return Optional.of(object(value));
    }
    if (value.isArray()) {
      var list = new ArrayList<Object>();
      value.forEach(element -> plain(element).ifPresent(list::add));
      return Optional.of(list);
    }
    return value.isBoolean() ? Optional.of(value.asBoolean())
        : value.isIntegralNumber() && value.canConvertToLong() ? Optional.of(value.asLong())
        : value.isNumber() ? Optional.of(value.asDouble()) : value.isString() ? Optional.of(value.asString()) : Optional.empty();
  }
}
