package io.berth.signing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * A public key that can verify: RSA of 2,048 bits or more, P-256, P-384 or Ed25519. It verifies with its own algorithms only, whatever a document
 * says. Safe for any thread.
 */
public final class VerifyingKey {

  static final int RSA_BITS = 2_048;
  private static final int ED25519_BYTES = 32;

  private final PublicKey key;
  private final JWK jwk;
  private final Set<Algorithm> algorithms;
  private final String id;

  private VerifyingKey(PublicKey key, JWK jwk, Set<Algorithm> algorithms, String id) {
    this.key = key;
    this.jwk = jwk;
    this.algorithms = algorithms;
    this.id = id;
  }

  /**
   * The key with what its kind can do.
   *
   * @throws InvalidKey for other kinds and for weak ones; the message begins with what is wrong, without a file's name
   */
  static VerifyingKey of(PublicKey key) throws InvalidKey {
    try {
      Set<Algorithm> algorithms = algorithms(key);
      JWK jwk = jwk(key);
      if (key instanceof ECPublicKey point) {
        new ECDSAVerifier(point); // throws if the point is not on its curve
      }
      return new VerifyingKey(key, jwk, algorithms, jwk.computeThumbprint().toString());
    } catch (JOSEException e) {
      throw new InvalidKey("is not a valid key");
    }
  }

  private static Set<Algorithm> algorithms(PublicKey key) throws InvalidKey {
    return switch (key) {
      case RSAPublicKey rsa when rsa.getModulus().bitLength() < RSA_BITS ->
          throw new InvalidKey("has an RSA key of " + rsa.getModulus().bitLength() + " bits: make one of " + RSA_BITS + " bits or more");
      case RSAPublicKey _ -> EnumSet.of(Algorithm.PS256, Algorithm.RS256);
      case ECPublicKey ec when Curve.P_256.equals(Curve.forECParameterSpec(ec.getParams())) -> EnumSet.of(Algorithm.ES256);
      case ECPublicKey ec when Curve.P_384.equals(Curve.forECParameterSpec(ec.getParams())) -> EnumSet.of(Algorithm.ES384);
      case EdECPublicKey ed when ed.getParams().getName().equals("Ed25519") -> EnumSet.of(Algorithm.EDDSA);
      default -> throw unsupported();
    };
  }

  static InvalidKey unsupported() {
    return new InvalidKey("has a key of another kind than RSA, P-256, P-384 and Ed25519");
  }

  private static JWK jwk(PublicKey key) throws InvalidKey {
    return switch (key) {
      case RSAPublicKey rsa -> new RSAKey.Builder(rsa).build();
      case ECPublicKey ec -> new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec).build();
      case EdECPublicKey _ -> new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(endOf(key.getEncoded()))).build();
      default -> throw unsupported();
    };
  }

  /** The encoding of an Ed25519 key ends with the key as RFC 8037 has it. */
  private static byte[] endOf(byte[] encoded) {
    return Arrays.copyOfRange(encoded, encoded.length - ED25519_BYTES, encoded.length);
  }

  /** The same key for one algorithm only. */
  VerifyingKey only(Algorithm algorithm) throws InvalidKey {
    if (!algorithms.contains(algorithm)) {
      throw new InvalidKey("has a key whose alg is " + algorithm + ", which is not one of its kind's: " + algorithms);
    }
    return new VerifyingKey(key, jwk, EnumSet.of(algorithm), id);
  }

  /** Reads a public key as a JSON Web Key. */
  public static VerifyingKey parse(String jwk) throws InvalidKey {
    return PublicKeys.parse(jwk.getBytes(StandardCharsets.UTF_8)).getFirst();
  }

  /** The thumbprint of RFC 7638. */
  public String id() {
    return id;
  }

  JWK jwk() {
    return jwk;
  }

  PublicKey key() {
    return key;
  }

  Set<Algorithm> algorithms() {
    return algorithms;
  }

  /** Whether this key has made the signature, with an algorithm that is one of its own. */
  boolean verifies(Algorithm algorithm, byte[] signed, byte[] signature) {
    if (!algorithms.contains(algorithm)) {
      return false;
    }
    try {
      JWSVerifier verifier = switch (key) {
        case RSAPublicKey rsa -> new RSASSAVerifier(rsa);
        case ECPublicKey ec -> new ECDSAVerifier(ec);
        default -> null;
      };
      return verifier == null ? ed25519(signed, signature)
          : verifier.verify(new JWSHeader(algorithm.jws()), signed, Base64URL.encode(signature));
    } catch (JOSEException | GeneralSecurityException e) {
      return false;
    }
  }

  /** The library would want another one for this; the platform has it. */
  private boolean ed25519(byte[] signed, byte[] signature) throws GeneralSecurityException {
    Signature verification = Signature.getInstance("Ed25519");
    verification.initVerify(key);
    verification.update(signed);
    return verification.verify(signature);
  }
}
