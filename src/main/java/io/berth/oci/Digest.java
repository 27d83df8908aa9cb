package io.berth.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A digest: {@code algorithm ":" encoded} (image specification, "Digests"), of an algorithm that this registry can verify. Hexadecimal digits
 * are lower case; the length is that of the algorithm.
 */
public record Digest(Algorithm algorithm, String encoded) implements TagOrDigest, Comparable<Digest> {

  /** The algorithms that can be verified here, both registered in the image specification. */
  public enum Algorithm {
    SHA256("sha256", "SHA-256", 64),
    SHA512("sha512", "SHA-512", 128);

    private static final List<Algorithm> ALL = List.of(values());

    private final String name;
    private final String javaName;
    private final int hexLength;

    Algorithm(String name, String javaName, int hexLength) {
      this.name = name;
      this.javaName = javaName;
      this.hexLength = hexLength;
    }

    /**
     * Parses the name before the colon.
     *
     * @throws RegistryException {@code DIGEST_INVALID} for every other name
     */
    public static Algorithm parse(String name) {
      return find(name).orElseThrow(() -> new RegistryException(ErrorCode.DIGEST_INVALID,
          "unsupported digest algorithm: this registry verifies " + supported(), Text.quoted(name)));
    }

    private static Optional<Algorithm> find(String name) {
      for (Algorithm algorithm : ALL) {
        if (algorithm.name.equals(name)) {
          return Optional.of(algorithm);
        }
      }
      return Optional.empty();
    }

    private static String supported() {
      return ALL.stream().map(Algorithm::toString).collect(Collectors.joining(" and "));
    }

    /** A fresh hash computation. */
    public MessageDigest newHash() {
      try {
        return MessageDigest.getInstance(javaName);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has " + javaName, e);
      }
    }

    /** The digest of a finished computation; resets it. */
    public Digest finish(MessageDigest hash) {
      return new Digest(this, HexFormat.of().formatHex(hash.digest()));
    }

    /** The digest of bytes in memory. */
    public Digest of(byte[] bytes) {
      return finish(digesting(bytes));
    }

    private MessageDigest digesting(byte[] bytes) {
      MessageDigest hash = newHash();
      hash.update(bytes);
      return hash;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  public Digest {
    if (!isHex(encoded, algorithm.hexLength)) {
      throw invalid("a " + algorithm + " digest has " + algorithm.hexLength + " lower-case hexadecimal digits", algorithm + ":" + encoded);
    }
  }

  /**
   * Parses a digest.
   *
   * @throws RegistryException {@code DIGEST_INVALID}
   */
  public static Digest parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw invalid("a digest is written algorithm:hex", text);
    }
    return new Digest(Algorithm.parse(text.substring(0, colon)), text.substring(colon + 1));
  }

  /** Parses a digest, or says {@code null} where {@link #parse} would throw. */
  public static @Nullable Digest parseOrNull(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      return null;
    }
    String encoded = text.substring(colon + 1);
    return Algorithm.find(text.substring(0, colon)).filter(a -> isHex(encoded, a.hexLength)).map(a -> new Digest(a, encoded)).orElse(null);
  }

  private static boolean isHex(String text, int length) {
    if (text.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }

  private static RegistryException invalid(String why, String text) {
    return new RegistryException(ErrorCode.DIGEST_INVALID, "not a digest: " + why, Text.quoted(text));
  }

  @Override
  public int compareTo(Digest other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return algorithm + ":" + encoded;
  }
}
