package io.berth.signing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import io.berth.oci.Json;
import io.berth.oci.Text;
import java.io.ByteArrayInputStream;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Public keys as files have them: PEM (public keys, or one certificate, of which only the key counts) and JSON (RFC 7517, one key or a set). What is
 * private or secret is refused: whoever verifies should not have it.
 */
final class PublicKeys {

  private static final List<String> KINDS = List.of("RSA", "EC", "Ed25519");
  /** What stands before the 32 bytes of an Ed25519 key in its encoding (RFC 8410). */
  private static final byte[] ED25519 = HexFormat.of().parseHex("302a300506032b6570032100");

  private PublicKeys() {}

  /**
   * The keys in a file, one or more.
   *
   * @throws InvalidKey with what is wrong, to be put behind the file's name
   */
  static List<VerifyingKey> parse(byte[] file) throws InvalidKey {
    String text = Pem.text(file);
    List<VerifyingKey> keys = Pem.is(text) ? ofPem(Pem.parse(text)) : ofJson(file);
    if (keys.isEmpty()) {
      throw new InvalidKey("has no key in it");
    }
    return keys;
  }

  private static List<VerifyingKey> ofPem(List<Pem> blocks) throws InvalidKey {
    var keys = new ArrayList<VerifyingKey>();
    if (blocks.stream().filter(block -> block.label().equals("CERTIFICATE")).count() > 1) {
      throw new InvalidKey("has several certificates, and all of their keys would be trusted: keep the signer's own and remove the chain");
    }
    for (Pem block : blocks) {
      if (block.isPrivate()) {
        throw new InvalidKey("has a private key, which belongs to the signer alone: "
            + "write the public one with 'openssl pkey -in KEY -pubout -out FILE' and name that file");
      }
      keys.add(VerifyingKey.of(switch (block.label()) {
        case "PUBLIC KEY" -> encoded(block.content());
        case "CERTIFICATE" -> certified(block.content());
        case "RSA PUBLIC KEY" ->
            throw new InvalidKey("has a key in the form of PKCS #1: convert it with 'openssl rsa -RSAPublicKey_in -in FILE -pubout'");
        default -> throw new InvalidKey("has a block '" + block.label() + "', which is neither a public key nor a certificate");
      }));
    }
    return keys;
  }

  /** A public key in its usual encoding (SubjectPublicKeyInfo). */
  static PublicKey encoded(byte[] content) throws InvalidKey {
    for (String kind : KINDS) {
      try {
        return KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(content));
      } catch (InvalidKeySpecException e) {
        // of another kind
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has " + kind, e);
      }
    }
    throw VerifyingKey.unsupported();
  }

  private static PublicKey certified(byte[] content) throws InvalidKey {
    try {
      return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(content)).getPublicKey();
    } catch (CertificateException e) {
      throw new InvalidKey("has a certificate that can't be read");
    }
  }

  private static List<VerifyingKey> ofJson(byte[] file) throws InvalidKey {
    try {
      JsonNode document = Json.parse(file);
      if (!document.isObject()) {
        throw new InvalidKey("is neither PEM nor a JSON Web Key (set)");
      }
      var keys = new ArrayList<VerifyingKey>();
      List<JWK> found = document.has("keys") ? JWKSet.parse(Json.write(document)).getKeys() : List.of(JWK.parse(Json.write(document)));
      if (document.path("keys").size() != found.size() && document.has("keys")) {
        throw VerifyingKey.unsupported(); // the library leaves out what it does not know
      }
      for (JWK jwk : found) {
        keys.add(ofJwk(jwk));
      }
      return keys;
    } catch (Json.InvalidJson e) {
      throw new InvalidKey("is neither PEM nor JSON: " + e.getMessage());
    } catch (ParseException e) {
      throw new InvalidKey("is not a JSON Web Key (set): " + Text.visible(String.valueOf(e.getMessage()), 200));
    }
  }

  private static VerifyingKey ofJwk(JWK jwk) throws InvalidKey {
    if (jwk.isPrivate()) {
      throw new InvalidKey("has a private or secret key, which belongs to the signer alone: leave in it what is public");
    }
    boolean verifies = (jwk.getKeyUse() == null || KeyUse.SIGNATURE.equals(jwk.getKeyUse()))
        && (jwk.getKeyOperations() == null || jwk.getKeyOperations().contains(KeyOperation.VERIFY));
    if (!verifies) {
      throw new InvalidKey("has a key that is not for signatures, by its use or key_ops");
    }
    VerifyingKey key = VerifyingKey.of(publicKey(jwk));
    if (jwk.getAlgorithm() == null) {
      return key;
    }
    Algorithm algorithm = Algorithm.parseOrNull(jwk.getAlgorithm().getName());
    if (algorithm == null) {
      throw new InvalidKey("has a key for another algorithm than " + Algorithm.names());
    }
    return key.only(algorithm);
  }

  /** The key's public half. */
  static PublicKey publicKey(JWK jwk) throws InvalidKey {
    try {
      return switch (jwk) {
        case RSAKey rsa -> rsa.toPublicKey();
        case ECKey ec -> ec.toPublicKey();
        case OctetKeyPair pair when pair.getCurve().getName().equals("Ed25519") -> encoded(concat(ED25519, pair.getDecodedX()));
        default -> throw VerifyingKey.unsupported();
      };
    } catch (JOSEException e) {
      throw new InvalidKey("is not a valid key");
    }
  }

  private static byte[] concat(byte[] head, byte[] tail) {
    byte[] both = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, both, head.length, tail.length);
    return both;
  }
}
