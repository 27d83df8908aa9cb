package io.berth.signing;

import io.berth.oci.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * A signed token in one line: header, payload and signature with dots between them (RFC 7515, section 3.1). It is well-formed and names an
 * algorithm that is known here, which neither {@code none} is nor anything with a shared secret; whose signature it bears is another question, and
 * the header never answers it: a key that a token brings along is the token's own word. Immutable.
 */
public final class CompactJws {

  /** The longest that is read, in characters. */
  public static final int LONGEST = 16_384;

  private final JsonNode header;
  private final Algorithm algorithm;
  private final JsonNode payload;
  private final byte[] signed;
  private final byte[] signature;

  private CompactJws(JsonNode header, Algorithm algorithm, JsonNode payload, byte[] signed, byte[] signature) {
    this.header = header;
    this.algorithm = algorithm;
    this.payload = payload;
    this.signed = signed;
    this.signature = signature;
  }

  /** Reads one whose payload is a JSON object; nothing for anything else, encrypted tokens and those that are too long among it. */
  public static Optional<CompactJws> parse(String text) {
    int first = text.indexOf('.');
    int second = text.indexOf('.', first + 1);
    if (text.length() > LONGEST || first <= 0 || second < 0 || text.indexOf('.', second + 1) >= 0) {
      return Optional.empty();
    }
    Optional<JsonNode> header = object(text.substring(0, first));
    Optional<JsonNode> payload = object(text.substring(first + 1, second));
    byte[] signature = Base64Url.decodeOrNull(text.substring(second + 1));
    if (header.isEmpty() || payload.isEmpty() || signature == null || signature.length == 0) {
      return Optional.empty();
    }
    Algorithm algorithm = Algorithm.parseOrNull(header.get().path("alg").asString(""));
    return algorithm == null || isExtended(header.get()) ? Optional.empty()
        : Optional.of(new CompactJws(header.get(), algorithm, payload.get(), text.substring(0, second).getBytes(StandardCharsets.US_ASCII),
            signature));
  }

  /** Whether it demands to be understood in a way that is not known here. */
  private static boolean isExtended(JsonNode header) {
    return header.has("crit") || header.has("b64") || header.has("zip") || header.has("enc");
  }

  private static Optional<JsonNode> object(String encoded) {
    byte[] bytes = Base64Url.decodeOrNull(encoded);
    if (bytes == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.parse(bytes)).filter(JsonNode::isObject);
    } catch (Json.InvalidJson e) {
      return Optional.empty();
    }
  }

  /** What the payload says. */
  public JsonNode payload() {
    return payload;
  }

  public Algorithm algorithm() {
    return algorithm;
  }

  /** What the header says, by name. */
  public Set<String> headerNames() {
    return new TreeSet<>(header.propertyNames());
  }

  /** A text in the header. */
  public Optional<String> header(String name) {
    return header.path(name).isString() ? Optional.of(header.path(name).asString()) : Optional.empty();
  }

  /** The certificates that it brings along ({@code x5c}), as they are written; none if they are not written as they should be. */
  public List<String> certificates() {
    var certificates = new ArrayList<String>();
    for (JsonNode one : header.path("x5c")) {
      if (!one.isString()) {
        return List.of();
      }
      certificates.add(one.asString());
    }
    return certificates;
  }

  /** Whether the key has signed it, with an algorithm that is the key's own. */
  public boolean isSignedBy(VerifyingKey key) {
    return key.verifies(algorithm, signed, signature);
  }
}
