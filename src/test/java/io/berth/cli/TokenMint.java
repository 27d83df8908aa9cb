package io.berth.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.http.engine.TestCertificate;
import io.berth.oci.Json;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A service that makes tokens for registries, signed with ES256.
 *
 * @param header what stands in each of them beside the algorithm
 * @param keySet how it publishes its key, as a JSON Web Key Set
 */
record TokenMint(PrivateKey key, Map<String, Object> header, String keySet) {

  private static final int COORDINATE = 32;

  /** One whose key goes by a name. */
  static TokenMint named(String id) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    var point = ((ECPublicKey) pair.getPublic()).getW();
    return new TokenMint(pair.getPrivate(), Map.of("kid", id), Json.write(Map.of("keys", List.of(Map.of("kty", "EC", "crv", "P-256", "kid",
        id, "use", "sig", "x", coordinate(point.getAffineX()), "y", coordinate(point.getAffineY()))))));
  }

  /** One that sends the certificate of its key along. */
  static TokenMint certified(TestCertificate certificate) throws GeneralSecurityException {
    var chain = new ArrayList<String>();
    for (X509Certificate one : certificate.chain()) {
      chain.add(Base64.getEncoder().encodeToString(one.getEncoded()));
    }
    return new TokenMint(certificate.key(), Map.of("x5c", chain), "{}");
  }

  String token(Map<String, Object> claims) throws GeneralSecurityException {
    var whole = new LinkedHashMap<String, Object>(header);
    whole.put("alg", "ES256");
    String text = encoded(Json.write(whole).getBytes(UTF_8)) + "." + encoded(Json.write(claims).getBytes(UTF_8));
    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initSign(key);
    signature.update(text.getBytes(UTF_8));
    return text + "." + encoded(signature.sign());
  }

  /** What says the same, signed by nobody. */
  static String unsigned(Map<String, Object> claims) {
    return encoded("{\"alg\":\"none\"}".getBytes(UTF_8)) + "." + encoded(Json.write(claims).getBytes(UTF_8)) + ".";
  }

  private static String coordinate(BigInteger number) {
    byte[] bytes = number.toByteArray();
    byte[] whole = new byte[COORDINATE];
    int length = Math.min(bytes.length, COORDINATE);
    System.arraycopy(bytes, bytes.length - length, whole, COORDINATE - length, length);
    return encoded(whole);
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
