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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The document of a batch: operations on tags that are carried out all or not at all. Parsing is strict: nothing is passed over. */
final class TagBatch {

  private static final Set<String> FIELDS = Set.of("op", "tag", "ifMatch", "ifNoneMatch", "object", "jws", "at");
  private static final Set<String> DOCUMENTS = Set.of("object", "jws");

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

  /** An operation as it stands in the document, and its documents exactly as they were written. */
  private record Written(JsonNode operation, Map<String, String> documents) {}

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
    if (!operations.valueStream().allMatch(JsonNode::isObject)) {
      throw invalid("an operation is a JSON object");
    }
    var seen = new HashSet<Tag>();
    return each(written(operations, new String(bytes, StandardCharsets.UTF_8)), written -> {
      Item item = item(written);
      if (!seen.add(item.tag)) {
        throw invalid("a batch has each tag once");
      }
      return item;
    });
  }

  /**
   * Reads each operation.
   *
   * @throws RegistryException with an error for each that can't be read, which says which it is, and the status of the first
   */
  static <S, T> List<T> each(List<S> operations, Function<S, T> reading) {
    var read = new ArrayList<T>();
    var problems = new ArrayList<Problem>();
    int status = 0;
    for (int i = 0; i < operations.size(); i++) {
      try {
        read.add(reading.apply(operations.get(i)));
      } catch (RegistryException e) {
        Problem first = e.problems().getFirst();
        problems.add(new Problem(first.code(), first.message(), "operations[" + i + "]"));
        status = status == 0 ? e.status() : status;
      }
    }
    if (!problems.isEmpty()) {
      throw new RegistryException(status, problems);
    }
    return read;
  }

  /** The operations of a document that is known to be a batch of objects. What is signed, or kept, must not be written anew. */
  private static List<Written> written(JsonNode operations, String document) {
    var all = new ArrayList<Written>();
    try (JsonParser parser = Json.MAPPER.createParser(document)) {
      while (parser.nextToken() != JsonToken.START_ARRAY) {
        // on to the operations
      }
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        Map<String, String> documents = new HashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
          String name = parser.currentName();
          boolean kept = parser.nextToken() == JsonToken.START_OBJECT && DOCUMENTS.contains(name);
          int from = (int) parser.currentTokenLocation().getCharOffset();
          parser.skipChildren();
          if (kept) {
            documents.put(name, document.substring(from, (int) parser.currentLocation().getCharOffset()));
          }
        }
        all.add(new Written(operations.get(all.size()), documents));
      }
    }
    return all;
  }

  private static Item item(Written written) {
    JsonNode operation = written.operation;
    for (String name : operation.propertyNames()) {
      if (!FIELDS.contains(name)) {
        throw invalid("an operation has no field '" + Text.visible(name, 50) + "'");
      }
    }
    Tag tag = Tag.parse(text(operation, "tag"));
    Wanted wanted = switch (text(operation, "op")) {
      case "put" -> put(written);
      case "restore" -> new Wanted.Past(TagCallParser.moment(text(operation, "at")));
      case "delete" -> new Wanted.Nothing();
      default -> throw invalid("op is put, restore or delete");
    };
    requireFields(operation, wanted);
    return new Item(tag, wanted, field(operation, "ifMatch"), field(operation, "ifNoneMatch"));
  }

  private static Wanted put(Written written) {
    if (written.operation.has("object") == written.operation.has("jws")) {
      throw invalid("to put a tag, state either object or jws");
    }
    return written.operation.has("object") ? new Wanted.Plain(document(written, "object")) : new Wanted.Jws(document(written, "jws"));
  }

  private static byte[] document(Written written, String name) {
    String document = written.documents.get(name);
    if (document == null) {
      throw invalid("'" + name + "' is a JSON object");
    }
    return document.getBytes(StandardCharsets.UTF_8);
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

  private static List<String> field(JsonNode operation, String name) {
    return operation.has(name) ? List.of(text(operation, name)) : List.of();
  }

  private static String text(JsonNode operation, String name) {
    JsonNode value = operation.path(name);
    if (!value.isString()) {
      throw invalid(value.isMissingNode() ? "'" + name + "' is missing" : "'" + name + "' is a text");
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
