package io.berth.signing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import io.berth.oci.Json;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.text.ParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A private key that signs, with one algorithm: ES256 or ES384 by its curve, EdDSA for Ed25519, and PS256 for RSA unless the key itself says RS256.
 * Safe for any thread.
 */
public final class SigningKey {

  private static final List<String> KINDS = List.of("RSA", "EC", "Ed25519");

  private final PrivateKey key;
  private final Algorithm algorithm;
  private final @Nullable VerifyingKey publicHalf;

  private SigningKey(PrivateKey key, Algorithm algorithm, @Nullable VerifyingKey publicHalf) {
    this.key = key;
    this.algorithm = algorithm;
    this.publicHalf = publicHalf;
  }

  /** Reads the file of a private key: PEM (PKCS #8, not encrypted) or a JSON Web Key. */
  public static SigningKey read(Path file) throws InvalidKey {
    return parse(file.toString(), KeyFile.read(file));
  }

  /**
   * Reads a private key.
   *
   * @param source what messages call the document
   */
  public static SigningKey parse(String source, byte[] document) throws InvalidKey {
    try {
      String text = Pem.text(document);
      return Pem.is(text) ? ofPem(Pem.parse(text)) : ofJwk(jwk(document));
    } catch (InvalidKey e) {
      throw new InvalidKey(source + " " + e.getMessage());
    }
  }

  private static SigningKey ofPem(List<Pem> blocks) throws InvalidKey {
    Pem found = null;
    for (Pem block : blocks) {
      switch (block.label()) {
        case "PRIVATE KEY" -> {
          if (found != null) {
            throw new InvalidKey("has several private keys: keep one");
          }
          found = block;
        }
        case "ENCRYPTED PRIVATE KEY" ->
            throw new InvalidKey("is encrypted: decrypt it with 'openssl pkcs8 -in FILE -out PLAIN', use that file, "
                + "and remove it afterwards");
        case "EC PRIVATE KEY", "RSA PRIVATE KEY", "DSA PRIVATE KEY" ->
            throw new InvalidKey("has a key in an older form than PKCS #8, or encrypted: "
                + "convert it with 'openssl pkcs8 -topk8 -nodes -in FILE -out PLAIN'");
        case "OPENSSH PRIVATE KEY" -> throw new InvalidKey("is a key of OpenSSH: make one with "
            + "'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256'");
        default -> {
          // its public half, or the parameters of its curve
        }
      }
    }
    if (found == null) {
      throw new InvalidKey("has no private key in it");
    }
    return of(encoded(found.content()), publicHalf(blocks, found.content()), null);
  }

  static PrivateKey encoded(byte[] content) throws InvalidKey {
    for (String kind : KINDS) {
      try {
        return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(content));
      } catch (InvalidKeySpecException e) {
        // of another kind
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has " + kind, e);
      }
    }
    throw VerifyingKey.unsupported();
  }

  /** From the block beside it if there is one; else from what else is in the key. */
  private static @Nullable PublicKey publicHalf(List<Pem> blocks, byte[] content) throws InvalidKey {
    for (Pem block : blocks) {
      if (block.label().equals("PUBLIC KEY")) {
        return PublicKeys.encoded(block.content());
      }
    }
    try {
      return switch (encoded(content)) {
        case RSAPrivateCrtKey rsa ->
            KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
        case ECPrivateKey ec -> pointAtTheEnd(ec, content);
        default -> null;
      };
    } catch (GeneralSecurityException e) {
      throw new InvalidKey("is not a valid key");
    }
  }

  /** Most programs put the public point behind the private number (RFC 5915), as a bit string that ends the encoding. */
  private static @Nullable PublicKey pointAtTheEnd(ECPrivateKey key, byte[] content) throws GeneralSecurityException {
    int length = (key.getParams().getCurve().getField().getFieldSize() + 7) / 8;
    int x = content.length - 2 * length;
    byte[] head = {3, (byte) (2 * length + 2), 0, 4};
    if (x < head.length || !Arrays.equals(Arrays.copyOfRange(content, x - head.length, x), head)) {
      return null;
    }
    var point = new ECPoint(new BigInteger(1, Arrays.copyOfRange(content, x, x + length)),
        new BigInteger(1, Arrays.copyOfRange(content, x + length, content.length)));
    return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, key.getParams()));
  }

  private static JWK jwk(byte[] document) throws InvalidKey {
    try {
      String text = Json.write(Json.parse(document));
      List<JWK> keys = Json.parse(document).has("keys") ? JWKSet.parse(text).getKeys() : List.of(JWK.parse(text));
      if (keys.size() != 1) {
        throw new InvalidKey("has " + keys.size() + " keys: keep the one to sign with");
      }
      return keys.getFirst();
    } catch (Json.InvalidJson | ParseException e) {
      throw new InvalidKey("is neither PEM nor a JSON Web Key");
    }
  }

  private static SigningKey ofJwk(JWK jwk) throws InvalidKey {
    if (!jwk.isPrivate()) {
      throw new InvalidKey("has no private key in it");
    }
    try {
      PrivateKey key = switch (jwk) {
        case RSAKey rsa -> rsa.toPrivateKey();
        case ECKey ec -> ec.toPrivateKey();
        case OctetKeyPair pair when pair.getCurve().equals(Curve.Ed25519) ->
            KeyFactory.getInstance("Ed25519").generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, pair.getDecodedD()));
        default -> throw VerifyingKey.unsupported();
      };
      return of(key, PublicKeys.publicKey(jwk), jwk.getAlgorithm() == null ? null : jwk.getAlgorithm().getName());
    } catch (JOSEException | GeneralSecurityException e) {
      throw new InvalidKey("is not a valid key");
    }
  }

  /** The key with its only or stated algorithm. Both halves belong together, or what is signed would be verified by nobody. */
  static SigningKey of(PrivateKey key, @Nullable PublicKey publicHalf, @Nullable String stated) throws InvalidKey {
    Algorithm algorithm = switch (key) {
      case ECPrivateKey ec when Curve.P_256.equals(Curve.forECParameterSpec(ec.getParams())) -> Algorithm.ES256;
      case ECPrivateKey ec when Curve.P_384.equals(Curve.forECParameterSpec(ec.getParams())) -> Algorithm.ES384;
      case EdECPrivateKey ed when ed.getParams().getName().equals("Ed25519") -> Algorithm.EDDSA;
      case RSAPrivateKey _ -> Algorithm.RS256.toString().equals(stated) ? Algorithm.RS256 : Algorithm.PS256;
      default -> throw VerifyingKey.unsupported();
    };
    if (stated != null && !stated.equals(algorithm.toString())) {
      throw new InvalidKey("has a key whose alg is not " + algorithm);
    }
    if (publicHalf == null) {
      return new SigningKey(key, algorithm, null);
    }
    VerifyingKey verifying = VerifyingKey.of(publicHalf);
    var signing = new SigningKey(key, algorithm, verifying);
    byte[] probe = "probe".getBytes(StandardCharsets.US_ASCII);
    if (!verifying.verifies(algorithm, probe, signing.sign(probe))) {
      throw new InvalidKey("has a public key that does not belong to its private key");
    }
    return signing;
  }

  /** What verifies its signatures; {@code null} where the file does not tell. */
  @Nullable VerifyingKey publicHalf() {
    return publicHalf;
  }

  Algorithm algorithm() {
    return algorithm;
  }

  /** Signs a payload; the protected header says algorithm and key, and what else is given. */
  JwsSignature sign(byte[] payload, @Nullable String typ, JwsSignature.@Nullable Format format) {
    var header = new LinkedHashMap<String, Object>();
    header.put("alg", algorithm.toString());
    if (publicHalf != null) {
      header.put("kid", publicHalf.id());
    }
    if (typ != null) {
      header.put("typ", typ);
    }
    if (format != null) {
      header.put("formatLength", format.length());
      header.put("formatTail", Base64Url.encode(format.tail()));
    }
    String encoded = Base64Url.encode(Json.write(header).getBytes(StandardCharsets.UTF_8));
    return new JwsSignature(encoded, null, sign(JwsSignature.signed(encoded, payload)), algorithm, typ, format);
  }

  private byte[] sign(byte[] bytes) {
    try {
      return switch (key) {
        case ECPrivateKey ec -> new ECDSASigner(ec).sign(new JWSHeader(algorithm.jws()), bytes).decode();
        case EdECPrivateKey _ -> ed25519(bytes);
        default -> new RSASSASigner(key).sign(new JWSHeader(algorithm.jws()), bytes).decode();
      };
    } catch (JOSEException | GeneralSecurityException e) {
      throw new IllegalStateException("this key can't sign", e);
    }
  }

  private byte[] ed25519(byte[] bytes) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(key);
    signature.update(bytes);
    return signature.sign();
  }
}
