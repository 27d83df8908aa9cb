package io.berth.signing;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The public keys whose signatures count, by the names that the operator gave them. A name may stand for several keys: a signature of any of them
 * is its signature. Immutable.
 */
public final class TrustedKeys {

  /** No key: no signature counts. */
  public static final TrustedKeys NONE = new TrustedKeys(Map.of());

  private final Map<String, List<VerifyingKey>> keys;

  private TrustedKeys(Map<String, List<VerifyingKey>> keys) {
    this.keys = Map.copyOf(keys);
  }

  /**
   * Reads the file of each name: PEM or a JSON Web Key Set.
   *
   * @throws InvalidKey for the first file that has no usable keys or private ones
   */
  public static TrustedKeys read(Map<String, Path> files) throws InvalidKey {
    var keys = new LinkedHashMap<String, List<VerifyingKey>>();
    for (var file : files.entrySet()) {
      byte[] bytes = KeyFile.read(file.getValue());
      keys.put(file.getKey(), parse(file.getValue().toString(), bytes));
    }
    return new TrustedKeys(keys);
  }

  /**
   * The keys of one document under one name, such as the set that a registry publishes.
   *
   * @param source what messages call the document
   */
  public static TrustedKeys of(String name, String source, byte[] document) throws InvalidKey {
    return new TrustedKeys(Map.of(name, parse(source, document)));
  }

  private static List<VerifyingKey> parse(String source, byte[] document) throws InvalidKey {
    try {
      return List.copyOf(PublicKeys.parse(document));
    } catch (InvalidKey e) {
      throw new InvalidKey(source + " " + e.getMessage());
    }
  }

  /** All names. */
  public Set<String> names() {
    return keys.keySet();
  }

  /** Whether a key goes by that identifier (its thumbprint, or what its own document calls it), and none that does has made the signature. */
  boolean denies(String kid, Algorithm algorithm, byte[] signed, byte[] signature) {
    List<VerifyingKey> named =
        keys.values().stream().flatMap(List::stream).filter(key -> kid.equals(key.id()) || kid.equals(key.jwk().getKeyID())).toList();
    return !named.isEmpty() && named.stream().noneMatch(key -> key.verifies(algorithm, signed, signature));
  }

  /** The names of the keys that have made the signature. What it says of its key is not looked at: it could say anything. */
  Set<String> verify(Algorithm algorithm, byte[] signed, byte[] signature) {
    var names = new TreeSet<String>();
    keys.forEach((name, own) -> {
      if (own.stream().anyMatch(key -> key.verifies(algorithm, signed, signature))) {
        names.add(name);
      }
    });
    return names;
  }
}
