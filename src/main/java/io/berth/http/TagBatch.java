package io.berth.http;

import io.berth.oci.ErrorCode;
import io.berth.oci.Json;
import io.berth.oci.Limits;
import io.berth.oci.RegistryException;
import io.berth.oci.RegistryException.Problem;
import io.berth.oci.Tag;
import io.berth.oci.Text;
import io.berth.registry.Moment;
import io.berth.registry.Tags;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The document of a batch: operations on tags that are carried out all or not at all. Parsing is strict: nothing is passed over. */
final class TagBatch {

  private static final Set<String> FIELDS = Set.of("op", "tag", "ifMatch", "ifNoneMatch", "object", "jws", "at");

  private TagBatch() {}

  /** What is wanted of a tag. */
  sealed interface Wanted {
    record Plain(byte[] bytes) implements Wanted {}

    record Jws(byte[] bytes) implements Wanted {}

    record Past(Moment moment) implements Wanted {}

    record Nothing() implements Wanted {}
  }

  /** One operation. */
  record Item(Tag tag, Wanted wanted, List<String> match, List<String> noneMatch) {}

  /** Reads a batch. */
  static List<Item> parse(byte[] bytes) {
    JsonNode batch;
    try {
      batch = Json.parse(bytes);
    } catch (Json.InvalidJson e) {
      throw invalid("the batch is not JSON: " + e.getMessage());
    }
    JsonNode operations = batch.path("operations");
    if (!operations.isArray() || batch.size() != 1) {
      throw invalid("a batch is {\"operations\":[…]} and nothing else");
    }
    if (operations.isEmpty() || operations.size() > Limits.TAG_BATCH) {
      throw invalid("a batch has 1 to " + Limits.TAG_BATCH + " operations");
    }
    var items = new ArrayList<Item>();
    var seen = new HashSet<Tag>();
    for (int i = 0; i < operations.size(); i++) {
      JsonNode operation = operations.get(i);
      Item item = at(i, () -> item(operation));
      if (!seen.add(item.tag)) {
        throw new RegistryException(400,
            List.of(new Problem(ErrorCode.MANIFEST_INVALID, "a batch has each tag once", "operations[" + i + "]")));
      }
      items.add(item);
    }
    return items;
  }

  /** Does something about one operation; an error says which. */
  static <T> T at(int i, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (RegistryException e) {
      Problem first = e.problems().getFirst();
      throw new RegistryException(e.status(), List.of(new Problem(first.code(), first.message(), "operations[" + i + "]")));
    }
  }

  private static Item item(JsonNode operation) {
    for (String name : operation.propertyNames()) {
      if (!FIELDS.contains(name)) {
        throw invalid("an operation has no field '" + Text.visible(name, 50) + "'");
      }
    }
    Tag tag = Tag.parse(text(operation, "tag"));
    Wanted wanted = switch (text(operation, "op")) {
      case "put" -> put(operation);
      case "restore" -> new Wanted.Past(TagCallParser.moment(text(operation, "at")));
      case "delete" -> new Wanted.Nothing();
      default -> throw invalid("op is put, restore or delete");
    };
    requireFields(operation, wanted);
    return new Item(tag, wanted, field(operation, "ifMatch"), field(operation, "ifNoneMatch"));
  }

  private static Wanted put(JsonNode operation) {
    if (operation.has("object") == operation.has("jws")) {
      throw invalid("to put a tag, state either object or jws");
    }
    return operation.has("object") ? new Wanted.Plain(bytes(operation.get("object"))) : new Wanted.Jws(bytes(operation.get("jws")));
  }

  private static void requireFields(JsonNode operation, Wanted wanted) {
    boolean fits = switch (wanted) {
      case Wanted.Plain _, Wanted.Jws _ -> !operation.has("at");
      case Wanted.Past _ -> !operation.has("object") && !operation.has("jws");
      case Wanted.Nothing _ -> !operation.has("object") && !operation.has("jws") && !operation.has("at");
    };
    if (!fits) {
      throw invalid("object and jws go with put, at goes with restore");
    }
  }

  private static byte[] bytes(JsonNode node) {
    return Json.write(node).getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> field(JsonNode operation, String name) {
    return operation.has(name) ? List.of(text(operation, name)) : List.of();
  }

  private static String text(JsonNode operation, String name) {
    JsonNode value = operation.path(name);
    if (!value.isString()) {
      throw invalid("'" + name + "' is a text");
    }
    return value.asString();
  }

  private static RegistryException invalid(String message) {
    return new RegistryException(ErrorCode.MANIFEST_INVALID, message);
  }

  /** What became of it. */
  static Reply reply(List<Item> items, Tags.Outcomes outcomes) {
    ObjectNode body = Json.MAPPER.createObjectNode().put("sequence", outcomes.sequence());
    ArrayNode results = body.putArray("results");
    for (int i = 0; i < items.size(); i++) {
      Tags.Outcome outcome = outcomes.outcomes().get(i);
      ObjectNode result = results.addObject().put("tag", outcome.tag().value());
      if (outcome.version() == 0) {
        result.put("status", 202);
      } else {
        String form = items.get(i).wanted instanceof Wanted.Jws ? "jws" : TagCalls.JSON;
        result.put("status", outcome.created() ? 201 : 200).put("etag", Conditions.etag(outcome.version(), form));
      }
    }
    return JsonReply.of(200, new Headers(), body);
  }
}
