package io.berth.signing;

import static io.berth.signing.JwsSignature.invalid;

import io.berth.oci.Json;
import io.berth.oci.Limits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A payload with signatures, in the JSON serialization of RFC 7515 (section 7.2), general or flattened. That one was parsed says nothing of who has
 * signed it: {@link #verify} does. Nobody changes the arrays.
 *
 * @param signatures at least one, at most {@link Limits#TAG_SIGNATURES}
 */
public record Jws(byte[] payload, List<JwsSignature> signatures) {

  private static final Set<String> GENERAL = Set.of("payload", "signatures");
  private static final Set<String> FLATTENED = Set.of("payload", "protected", "header", "signature");

  public Jws {
    signatures = List.copyOf(signatures);
  }

  /**
   * Parses a document.
   *
   * @throws io.berth.oci.RegistryException {@code MANIFEST_INVALID} for what is none, and for one that asks to be trusted by what it says itself
   */
  public static Jws parse(byte[] document) {
    JsonNode json = object(document);
    boolean general = json.has("signatures");
    JwsSignature.requireMembers(json, general ? GENERAL : FLATTENED);
    byte[] payload = Base64Url.decodeOrNull(JwsSignature.requiredText(json, "payload"));
    if (payload == null || payload.length == 0) {
      throw invalid("the payload is not base64url, or empty");
    }
    return new Jws(payload, general ? signatures(json) : List.of(JwsSignature.read(json)));
  }

  /** The document as JSON, whatever it says. */
  static JsonNode object(byte[] document) {
    if (isCompact(document)) {
      throw invalid("the signed document is in the compact serialization: write the JSON serialization (RFC 7515, section 7.2)");
    }
    try {
      JsonNode json = Json.parse(document);
      if (json.isObject()) {
        return json;
      }
    } catch (Json.InvalidJson e) {
      throw invalid("the signed document is not valid JSON: " + e.getMessage());
    }
    throw invalid("a signed document is a JSON object");
  }

  /** Whether it looks like {@code header.payload.signature}, whose first part is the base64url of an opening brace and a quote. */
  private static boolean isCompact(byte[] document) {
    return document.length > 2 && document[0] == 'e' && document[1] == 'y';
  }

  static List<JwsSignature> signatures(JsonNode json) {
    JsonNode elements = json.path("signatures");
    if (!elements.isArray() || elements.isEmpty()) {
      throw invalid("'signatures' must be an array with one signature or more");
    }
    if (elements.size() > Limits.TAG_SIGNATURES) {
      throw invalid("there are more than " + Limits.TAG_SIGNATURES + " signatures");
    }
    var signatures = new ArrayList<JwsSignature>();
    elements.forEach(element -> signatures.add(JwsSignature.parse(element)));
    return signatures;
  }

  /** The names of the trusted keys that have signed the payload. Signatures of others are neither here nor there. */
  public Set<String> verify(TrustedKeys keys) {
    return verify(keys, null);
  }

  /**
   * The names of the trusted keys that have signed the payload as what it is.
   *
   * @param typ what a signature has to say in its protected header to count; {@code null} if that does not matter
   */
  public Set<String> verify(TrustedKeys keys, @Nullable String typ) {
    var names = new TreeSet<String>();
    for (JwsSignature signature : signatures) {
      if (typ == null || typ.equals(signature.typ())) {
        names.addAll(signature.verify(payload, keys));
      }
    }
    return names;
  }

  /** The document in the general serialization. */
  public byte[] render() {
    var document = new LinkedHashMap<String, Object>();
    document.put("payload", Base64Url.encode(payload));
    document.put("signatures", signatures.stream().map(JwsSignature::render).toList());
    return Json.write(document).getBytes(StandardCharsets.UTF_8);
  }
}
