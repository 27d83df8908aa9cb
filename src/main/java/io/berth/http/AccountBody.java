package io.berth.http;

import io.berth.oci.ErrorCode;
import io.berth.oci.Json;
import io.berth.oci.RegistryException;
import io.berth.oci.Text;
import io.berth.policy.Action;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The document of a request about accounts. Parsing is strict: what is not known is refused, so that nobody can slip in what he may not set. */
final class AccountBody {

  /** The longest. */
  static final int BYTES = 64 << 10;

  private static final int GRANTS = 20;
  private static final int PATTERNS = 50;
  private static final int GROUPS = 100;
  private static final Pattern YEAR = Pattern.compile("[0-9]{4}-");
  private static final Set<String> GRANT = Set.of("repositories", "tags", "actions");

  private final JsonNode body;

  /** Reads an object that has none but these fields. */
  AccountBody(byte[] bytes, Set<String> fields) {
    try {
      this.body = Json.parse(bytes);
    } catch (Json.InvalidJson e) {
      throw invalid("the body is not JSON: " + e.getMessage());
    }
    requireFields(body, fields);
  }

  private static void requireFields(JsonNode object, Set<String> fields) {
    if (!object.isObject()) {
      throw invalid("expected a JSON object");
    }
    for (String name : object.propertyNames()) {
      if (!fields.contains(name)) {
        throw invalid("there is no field '" + Text.visible(name, 50) + "' here");
      }
    }
  }

  boolean has(String name) {
    return body.has(name);
  }

  /** A text that has to be there. */
  String text(String name) {
    return optionalText(name).orElseThrow(() -> invalid("'" + name + "' has to be given"));
  }

  Optional<String> optionalText(String name) {
    return optional(name, value -> text(value, name));
  }

  private static String text(JsonNode value, String name) {
    if (!value.isString()) {
      throw invalid("'" + name + "' has to be a text");
    }
    return value.asString();
  }

  Optional<Boolean> truth(String name) {
    return optional(name, value -> {
      if (!value.isBoolean()) {
        throw invalid("'" + name + "' is true or false");
      }
      return value.booleanValue();
    });
  }

  Optional<List<String>> texts(String name) {
    return optional(name, value -> texts(value, name, GROUPS));
  }

  private static List<String> texts(JsonNode list, String name, int most) {
    if (!list.isArray() || list.size() > most) {
      throw invalid("'" + name + "' is a list of at most " + most + " texts");
    }
    var texts = new ArrayList<String>();
    list.forEach(value -> texts.add(text(value, name)));
    return texts;
  }

  /** A time (RFC 3339); {@code null} for none, also where {@code null} is written. */
  @Nullable Instant time(String name) {
    JsonNode value = body.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    String text = text(value, name);
    try {
      if (YEAR.matcher(text).lookingAt()) {
        return OffsetDateTime.parse(text).toInstant();
      }
    } catch (DateTimeParseException _) {
      // said below
    }
    throw invalid("'" + name + "' is a time, written as 2030-03-01T12:00:00Z");
  }

  /** A number of seconds. */
  Duration seconds(String name, Duration byDefault, Duration most) {
    return optional(name, value -> {
      if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0 || value.longValue() > most.toSeconds()) {
        throw invalid("'" + name + "' is a whole number of seconds, at most " + most.toSeconds());
      }
      return Duration.ofSeconds(value.longValue());
    }).orElse(byDefault);
  }

  /** What a key is good for at most. */
  Optional<List<Grant>> ceiling(String name) {
    return optional(name, value -> {
      if (!value.isArray() || value.isEmpty() || value.size() > GRANTS) {
        throw invalid("'" + name + "' is a list of 1 to " + GRANTS + " objects");
      }
      var grants = new ArrayList<Grant>();
      value.forEach(grant -> grants.add(grant(grant)));
      return grants;
    });
  }

  private static Grant grant(JsonNode grant) {
    requireFields(grant, GRANT);
    var actions = EnumSet.noneOf(Action.class);
    for (String word : texts(grant.path("actions"), "actions", Action.values().length)) {
      actions.add(action(word));
    }
    List<Glob> repositories = globs(grant.path("repositories"), "repositories", Glob::ofRepositories);
    List<Glob> tags = grant.has("tags") ? globs(grant.path("tags"), "tags", Glob::ofTags) : List.of();
    if (actions.isEmpty() || repositories.isEmpty() || grant.has("tags") && tags.isEmpty()) {
      throw invalid("'repositories' and 'actions' have to name some, and so has 'tags' where it stands");
    }
    if (!tags.isEmpty() && actions.contains(Action.ADMIN)) {
      throw invalid("'admin' is about whole repositories: leave out 'tags'");
    }
    return new Grant(repositories, tags, actions);
  }

  private static List<Glob> globs(JsonNode list, String name, Function<String, Glob> parse) {
    try {
      return texts(list, name, PATTERNS).stream().map(parse).toList();
    } catch (IllegalArgumentException e) {
      throw invalid("'" + name + "': " + e.getMessage());
    }
  }

  private static Action action(String word) {
    for (Action action : Action.values()) {
      if (action.name().toLowerCase(Locale.ROOT).equals(word)) {
        return action;
      }
    }
    throw invalid("an action is pull, push, create, move, delete or admin");
  }

  private <T> Optional<T> optional(String name, Function<JsonNode, T> read) {
    JsonNode value = body.path(name);
    return value.isMissingNode() ? Optional.empty() : Optional.of(read.apply(value));
  }

  static RegistryException invalid(String message) {
    return new RegistryException(400, ErrorCode.UNSUPPORTED, message);
  }
}
