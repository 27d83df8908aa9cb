package io.berth.oci;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON as RFC 7493 (I-JSON) has it: UTF-8 without byte order mark, no duplicate names, no unpaired surrogates, no fractions or exponents beyond a
 * double, nothing behind the value, bounded depth and number of values. Safe for any thread.
 */
public final class Json {

  private static final int NAME_LENGTH = 50_000;
  private static final int NUMBER_LENGTH = 100;

  /** The mapper behind it, for writing. */
  public static final JsonMapper MAPPER = JsonMapper
      .builder(JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(Limits.JSON_DEPTH).maxNameLength(NAME_LENGTH)
              .maxNumberLength(NUMBER_LENGTH).maxStringLength(Limits.MANIFEST_BYTES).maxTokenCount(Limits.JSON_TOKENS).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private Json() {}

  /** Why a text is not JSON, in words without the text itself. */
  public static final class InvalidJson extends Exception {

    private static final long serialVersionUID = 1;

    private InvalidJson(String message) {
      super(message, null, false, false);
    }
  }

  /** Reads one JSON value. */
  public static JsonNode parse(byte[] bytes) throws InvalidJson {
    String text = decode(bytes);
    JsonNode value = read(text);
    requireInteroperable(value);
    return value;
  }

  /** Writes a value. */
  public static String write(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  private static String decode(byte[] bytes) throws InvalidJson {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidJson("it is not UTF-8");
    }
    if (text.startsWith("\uFEFF")) {
      throw new InvalidJson("it begins with a byte order mark");
    }
    return text;
  }

  private static JsonNode read(String text) throws InvalidJson {
    try {
      JsonNode value = MAPPER.readTree(text);
      if (value.isMissingNode()) {
        throw new InvalidJson("it is empty");
      }
      return value;
    } catch (JacksonException e) {
      String where =
          e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr() + ")";
      throw new InvalidJson(Text.visible(e.getOriginalMessage(), 200) + where);
    }
  }

  /** What the parser lets pass, but other readers would read differently. */
  private static void requireInteroperable(JsonNode value) throws InvalidJson {
    if (value.isString()) {
      requirePaired(value.asString());
    }
    if (value.isDouble() && !Double.isFinite(value.doubleValue())) {
      throw new InvalidJson("a number is larger than a double can hold");
    }
    for (var field : value.properties()) {
      requirePaired(field.getKey());
      requireInteroperable(field.getValue());
    }
    if (value.isArray()) {
      for (JsonNode element : value) {
        requireInteroperable(element);
      }
    }
  }

  private static void requirePaired(String text) throws InvalidJson {
    if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw new InvalidJson("a string has an unpaired surrogate");
    }
  }
}
