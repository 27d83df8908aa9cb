package io.berth.signing;

import com.nimbusds.jose.JWSAlgorithm;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The signature algorithms that are verified here (RFC 7518, section 3.1; RFC 8037). Neither {@code none} nor anything with a shared secret. */
public enum Algorithm {
  ES256("ES256"),
  ES384("ES384"),
  /** Ed25519 alone, of what the name stands for. */
  EDDSA("EdDSA"),
  PS256("PS256"),
  RS256("RS256");

  private final String text;

  Algorithm(String text) {
    this.text = text;
  }

  /** The algorithm of that name, exactly as {@code alg} writes it. */
  public static @Nullable Algorithm parseOrNull(String name) {
    return Arrays.stream(values()).filter(a -> a.text.equals(name)).findFirst().orElse(null);
  }

  /** All names, for messages. */
  static String names() {
    return Arrays.stream(values()).map(Algorithm::toString).collect(Collectors.joining(", "));
  }

  JWSAlgorithm jws() {
    return JWSAlgorithm.parse(text);
  }

  /** The name, as {@code alg} writes it. */
  @Override
  public String toString() {
    return text;
  }
}
