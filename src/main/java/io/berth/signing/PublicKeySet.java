package io.berth.signing;

import io.berth.oci.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The public keys that an issuer of tokens publishes or an operator has from one. Keys in it that can't verify here (of other kinds, for encryption, or
 * weak) are left out: issuers have them beside the others. Immutable.
 */
public final class PublicKeySet {

  /** No key. */
  public static final PublicKeySet NONE = new PublicKeySet(List.of());

  private static final int MOST = 100;

  /**
   * A key by the name that its set gives it.
   *
   * @param id empty if it gives none
   */
  private record Named(String id, VerifyingKey key) {}

  private final List<Named> keys;

  private PublicKeySet(List<Named> keys) {
    this.keys = List.copyOf(keys);
  }

  /**
   * Reads a JSON Web Key Set (RFC 7517).
   *
   * @throws InvalidKey if it is none, or too large; the message begins with what is wrong, without a name
   */
  public static PublicKeySet parse(byte[] document) throws InvalidKey {
    JsonNode array;
    try {
      array = Json.parse(document).path("keys");
    } catch (Json.InvalidJson e) {
      throw new InvalidKey("is not JSON: " + e.getMessage());
    }
    if (!array.isArray() || array.size() > MOST) {
      throw new InvalidKey("is not a JSON Web Key Set, or has more than " + MOST + " keys");
    }
    var keys = new ArrayList<Named>();
    for (JsonNode one : array) {
      try {
        keys.add(new Named(one.path("kid").asString(""), VerifyingKey.parse(Json.write(one))));
      } catch (InvalidKey e) {
        // it is not for us
      }
    }
    return new PublicKeySet(keys);
  }

  /**
   * Reads the file of one.
   *
   * @throws InvalidKey with the file and what is wrong with it
   */
  public static PublicKeySet read(Path file) throws InvalidKey {
    byte[] document = KeyFile.read(file);
    try {
      PublicKeySet keys = parse(document);
      if (keys.isEmpty()) {
        throw new InvalidKey("has no key that can verify tokens");
      }
      return keys;
    } catch (InvalidKey e) {
      throw new InvalidKey(file + " " + e.getMessage());
    }
  }

  /** Those of both. */
  public PublicKeySet and(PublicKeySet other) {
    var both = new ArrayList<>(keys);
    both.addAll(other.keys);
    return new PublicKeySet(both);
  }

  /** One key without a name. */
  public static PublicKeySet of(VerifyingKey key) {
    return new PublicKeySet(List.of(new Named("", key)));
  }

  public boolean isEmpty() {
    return keys.isEmpty();
  }

  /** Whether a key of that name is among them. */
  public boolean has(String id) {
    return keys.stream().anyMatch(key -> key.id.equals(id));
  }

  /**
   * Whether one of them has signed the token: the one it names, or where it names none that is here, any. What a token says of its key is a hint,
   * never a proof.
   */
  public boolean haveSigned(CompactJws token) {
    Optional<String> id = token.header("kid").filter(this::has);
    return keys.stream().filter(key -> id.isEmpty() || id.get().equals(key.id)).anyMatch(key -> token.isSignedBy(key.key));
  }
}
