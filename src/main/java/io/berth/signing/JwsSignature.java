package io.berth.signing;

import io.berth.oci.ErrorCode;
import io.berth.oci.Json;
import io.berth.oci.RegistryException;
import io.berth.oci.Text;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One signature of a document, and what its headers say (RFC 7515). It is well-formed, of a known algorithm, and brings no key; who has made it is
 * another question.
 *
 * @param protectedHeader base64url, as it was signed
 * @param header the unprotected header, which anybody could have written
 * @param typ what the signer says that this is; {@code null} if nothing
 * @param format how the payload is written as a pretty document; {@code null} if that is not said
 */
record JwsSignature(String protectedHeader, @Nullable JsonNode header, byte[] signature, Algorithm algorithm, @Nullable String typ,
    @Nullable Format format) {

  /**
   * Where a pretty document is cut to put the signatures in.
   *
   * @param length the payload's bytes before the signatures
   * @param tail those behind them
   */
  record Format(int length, byte[] tail) {

    @Override
    public boolean equals(Object other) {
      return other instanceof Format(int otherLength, byte[] otherTail) && length == otherLength && Arrays.equals(tail, otherTail);
    }

    @Override
    public int hashCode() {
      return 31 * length + Arrays.hashCode(tail);
    }
  }

  private static final Set<String> MEMBERS = Set.of("protected", "header", "signature");
  private static final List<String> KEYS = List.of("jwk", "jku", "x5u", "x5c");
  /** What is true only if it was signed. */
  private static final List<String> PROTECTED = List.of("alg", "typ", "formatLength", "formatTail");

  /** Reads an element of {@code signatures}. */
  static JwsSignature parse(JsonNode element) {
    if (!element.isObject()) {
      throw invalid("each of the signatures must be a JSON object");
    }
    requireMembers(element, MEMBERS);
    return read(element);
  }

  /** Reads it from a document of one signature, among other members. */
  static JwsSignature read(JsonNode object) {
    String text = requiredText(object, "protected");
    JsonNode header = decoded(text);
    JsonNode open = object.get("header");
    requireAcceptable(header);
    if (open != null) {
      requireOpen(open, header);
    }
    byte[] signature = Base64Url.decodeOrNull(requiredText(object, "signature"));
    if (signature == null || signature.length == 0) {
      throw invalid("a signature is not base64url");
    }
    return new JwsSignature(text, open, signature, algorithm(header), header.path("typ").asString(null), format(header));
  }

  private static JsonNode decoded(String text) {
    byte[] bytes = Base64Url.decodeOrNull(text);
    if (bytes == null) {
      throw invalid("a protected header is not base64url");
    }
    try {
      JsonNode header = Json.parse(bytes);
      if (header.isObject()) {
        return header;
      }
    } catch (Json.InvalidJson e) {
      throw invalid("a protected header is not valid JSON: " + e.getMessage());
    }
    throw invalid("a protected header must be a JSON object");
  }

  private static void requireAcceptable(JsonNode header) {
    for (String key : KEYS) {
      if (header.has(key)) {
        throw invalid(
            "a signature brings a key in its header (" + key + "): keys come from the registry's configuration only, so leave it out");
      }
    }
    if (header.has("crit")) {
      throw invalid("a signature has the header crit: no extension is understood here");
    }
    if (header.has("b64")) {
      throw invalid("a signature has the header b64: payloads are always in base64url");
    }
  }

  private static void requireOpen(JsonNode open, JsonNode header) {
    if (!open.isObject()) {
      throw invalid("'header' must be a JSON object");
    }
    requireAcceptable(open);
    for (String name : PROTECTED) {
      if (open.has(name)) {
        throw invalid("'" + name + "' stands in an unprotected header: it must be in the protected one");
      }
    }
    for (var field : open.properties()) {
      if (header.has(field.getKey())) {
        throw invalid("a signature says " + Text.quoted(field.getKey()) + " in both of its headers");
      }
    }
  }

  private static Algorithm algorithm(JsonNode header) {
    JsonNode alg = header.get("alg");
    if (alg == null || !alg.isString()) {
      throw invalid("a protected header does not say the algorithm (alg)");
    }
    Algorithm algorithm = Algorithm.parseOrNull(alg.asString());
    if (algorithm == null) {
      throw invalid("a signature has the algorithm " + Text.quoted(alg.asString()) + ": sign with one of " + Algorithm.names());
    }
    return algorithm;
  }

  private static @Nullable Format format(JsonNode header) {
    JsonNode length = header.path("formatLength");
    byte[] tail = Base64Url.decodeOrNull(header.path("formatTail").asString("\n"));
    return tail != null && length.isInt() && length.intValue() >= 0 ? new Format(length.intValue(), tail) : null;
  }

  static String requiredText(JsonNode object, String name) {
    JsonNode value = object.get(name);
    if (value == null || !value.isString()) {
      throw invalid("'" + name + "' " + (value == null ? "is missing" : "must be a string") + " in the signed document");
    }
    return value.asString();
  }

  static void requireMembers(JsonNode object, Set<String> members) {
    for (var field : object.properties()) {
      if (!members.contains(field.getKey())) {
        throw invalid("the signed document has a member " + Text.quoted(field.getKey()) + ", which nobody has signed and nobody expects");
      }
    }
  }

  /** What {@link #parse} reads. */
  Map<String, Object> render() {
    var element = new LinkedHashMap<String, Object>();
    element.put("protected", protectedHeader);
    if (header != null) {
      element.put("header", header);
    }
    element.put("signature", Base64Url.encode(signature));
    return element;
  }

  /** The names of the trusted keys that have made it, over that payload. */
  Set<String> verify(byte[] payload, TrustedKeys keys) {
    return keys.verify(algorithm, signed(protectedHeader, payload), signature);
  }

  /** Whether it says that a trusted key has made it, which has not: then something was altered. */
  boolean isFalse(byte[] payload, TrustedKeys keys) {
    JsonNode kid = decoded(protectedHeader).path("kid");
    return kid.isString() && keys.denies(kid.asString(), algorithm, signed(protectedHeader, payload), signature);
  }

  /** What is signed (RFC 7515, section 5.1). */
  static byte[] signed(String protectedHeader, byte[] payload) {
    return (protectedHeader + "." + Base64Url.encode(payload)).getBytes(StandardCharsets.US_ASCII);
  }

  static RegistryException invalid(String message) {
    return new RegistryException(ErrorCode.MANIFEST_INVALID, message);
  }
}
