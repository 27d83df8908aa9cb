package io.berth.auth;

import io.berth.oci.Digest;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * A secret that the registry makes, for robots and as API keys: {@code berth_}, 256 random bits as 43 letters and digits, and 6 more that follow from
 * them. So those who look for secrets in source code know one when they see it, and a mistyped one is known before anything is looked up. Not
 * printed. Immutable.
 */
public final class KeySecret {

  public static final String PREFIX = "berth_";

  private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final BigInteger BASE = BigInteger.valueOf(DIGITS.length());
  private static final int RANDOM_BYTES = 32;
  private static final int RANDOM_DIGITS = 43;
  private static final int CHECK_DIGITS = 6;
  private static final int CHECK_HEX = 8;
  private static final int LENGTH = PREFIX.length() + RANDOM_DIGITS + CHECK_DIGITS;

  private final String text;

  private KeySecret(String text) {
    this.text = text;
  }

  /** Makes one. */
  static KeySecret make(SecureRandom random) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    String body = PREFIX + digits(new BigInteger(1, bytes), RANDOM_DIGITS);
    return new KeySecret(body + check(body));
  }

  /** Reads one; nothing if it can't be one. */
  public static Optional<KeySecret> parse(String text) {
    if (text.length() != LENGTH || !text.startsWith(PREFIX)) {
      return Optional.empty();
    }
    int end = LENGTH - CHECK_DIGITS;
    return check(text.substring(0, end)).equals(text.substring(end)) ? Optional.of(new KeySecret(text)) : Optional.empty();
  }

  private static String check(String body) {
    String sum = Digest.Algorithm.SHA256.of(body.getBytes(StandardCharsets.UTF_8)).encoded();
    return digits(new BigInteger(sum.substring(0, CHECK_HEX), 16), CHECK_DIGITS);
  }

  private static String digits(BigInteger number, int length) {
    var text = new StringBuilder();
    for (BigInteger rest = number; text.length() < length; rest = rest.divide(BASE)) {
      text.append(DIGITS.charAt(rest.mod(BASE).intValue()));
    }
    return text.reverse().toString();
  }

  /** What is stored of it. Nobody can try out 256 random bits, so nothing slow is needed, and what is found by its hash is compared with nothing. */
  String hash() {
    return Digest.Algorithm.SHA256.of(text.getBytes(StandardCharsets.UTF_8)).encoded();
  }

  /** The secret itself, to be shown once. */
  public String reveal() {
    return text;
  }

  @Override
  public String toString() {
    return "KeySecret[•••]";
  }
}
