package io.berth.oci;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/** Reads a {@link TagObject} from its bytes. What it refuses, it refuses in words that name the field. */
final class TagObjectParser {

  private static final Set<String> FIELDS = Set.of("name", "description", "meta", "target");
  private static final Set<String> TARGET_FIELDS = Set.of("mediatype", "size", "digest");

  private TagObjectParser() {}

  static TagObject parse(byte[] bytes) {
    if (bytes.length > Limits.TAG_OBJECT_BYTES) {
      throw invalid("the tag object is larger than " + Limits.TAG_OBJECT_BYTES + " bytes");
    }
    JsonNode document;
    try {
      document = Json.parse(bytes);
    } catch (Json.InvalidJson e) {
      throw invalid("the tag object is not valid JSON: " + e.getMessage());
    }
    if (!document.isObject()) {
      throw invalid("a tag object is a JSON object");
    }
    requireKnown("a tag object", document, FIELDS);
    String name = text(document, "name");
    return new TagObject(name, description(document), meta(document, bytes), target(document.get("target")));
  }

  /** A field that is not understood may change what the others mean. */
  private static void requireKnown(String what, JsonNode object, Set<String> known) {
    for (var field : object.properties()) {
      String name = field.getKey();
      if (!known.contains(name)) {
        throw invalid(what + " has no field " + Text.quoted(name) + remedy(name) + ": its fields are "
            + String.join(", ", known.stream().sorted().toList()));
      }
    }
  }

  private static String remedy(String name) {
    return switch (name) {
      case "mediaType" -> " (it is written mediatype, in lower case)";
      case "signatures" -> " (signed objects are pushed as " + MediaType.TAG_JWS + " or " + MediaType.TAG_PRETTYJWS + ")";
      case "digest", "size", "mediatype" -> " (it belongs into target)";
      default -> "";
    };
  }

  private static @Nullable String description(JsonNode document) {
    String description = text(document, "description");
    if (description == null) {
      return null;
    }
    if (description.length() > Limits.TAG_DESCRIPTION) {
      throw invalid("the description is longer than " + Limits.TAG_DESCRIPTION + " characters");
    }
    if (description.chars().anyMatch(TagObjectParser::steers)) {
      throw invalid("the description has control characters: it is one line of text");
    }
    return description;
  }

  /** Characters that end a line, act on a terminal, or turn the direction of what follows. */
  private static boolean steers(int c) {
    return Character.isISOControl(c) || c == '\u2028' || c == '\u2029' || c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069';
  }

  private static @Nullable String meta(JsonNode document, byte[] bytes) {
    JsonNode meta = document.get("meta");
    if (meta == null) {
      return null;
    }
    if (!meta.isObject()) {
      throw invalid("meta must be a JSON object");
    }
    if (isDeeper(meta, Limits.TAG_META_DEPTH)) {
      throw invalid("meta is nested deeper than " + Limits.TAG_META_DEPTH + " levels");
    }
    String text = asWritten("meta", new String(bytes, StandardCharsets.UTF_8));
    if (text.getBytes(StandardCharsets.UTF_8).length > Limits.TAG_META_BYTES) {
      throw invalid("meta is larger than " + Limits.TAG_META_BYTES + " bytes");
    }
    return text;
  }

  private static boolean isDeeper(JsonNode value, int levels) {
    if (!value.isContainer()) {
      return false;
    }
    if (levels == 0) {
      return true;
    }
    for (JsonNode element : value) {
      if (isDeeper(element, levels - 1)) {
        return true;
      }
    }
    return false;
  }

  /** The text of the field's value, an object or an array, in a document that is known to be an object with that field. */
  private static String asWritten(String field, String document) {
    try (JsonParser parser = Json.MAPPER.createParser(document)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean found = parser.currentName().equals(field);
        parser.nextToken();
        int from = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        if (found) {
          return document.substring(from, (int) parser.currentLocation().getCharOffset());
        }
      }
    }
    throw new IllegalStateException("no field " + field);
  }

  private static TagObject.Target target(@Nullable JsonNode target) {
    if (target == null) {
      throw invalid("'target' is missing: a tag object says what its tag points at, {\"target\": {\"digest\": ...}}");
    }
    if (!target.isObject()) {
      throw invalid("target must be a JSON object");
    }
    requireKnown("target", target, TARGET_FIELDS);
    return new TagObject.Target(mediaType(text(target, "mediatype")), size(target.get("size")), digest(text(target, "digest")));
  }

  private static @Nullable MediaType mediaType(@Nullable String text) {
    if (text == null) {
      return null;
    }
    if (!MediaType.isValid(text)) {
      throw invalid("target/mediatype is not a media type: " + Text.quoted(text));
    }
    return new MediaType(text);
  }

  private static @Nullable Long size(@Nullable JsonNode size) {
    if (size == null) {
      return null;
    }
    if (!size.isIntegralNumber() || !size.canConvertToLong() || size.asLong() < 0) {
      throw invalid("target/size must be a whole number of bytes, 0 or more");
    }
    return size.asLong();
  }

  private static Digest digest(@Nullable String text) {
    if (text == null) {
      throw invalid("target/digest is missing");
    }
    Digest digest = Digest.parseOrNull(text);
    if (digest == null) {
      throw invalid("target/digest is not a digest that this registry can verify: " + Text.quoted(text));
    }
    return digest;
  }

  private static @Nullable String text(JsonNode object, String field) {
    JsonNode value = object.get(field);
    if (value == null) {
      return null;
    }
    if (!value.isString()) {
      throw invalid(field + " must be a string" + (value.isNull() ? ", or be left out" : ""));
    }
    return value.asString();
  }

  private static RegistryException invalid(String message) {
    return new RegistryException(ErrorCode.MANIFEST_INVALID, message);
  }
}
