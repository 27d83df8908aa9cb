package io.berth.signing;

import static io.berth.signing.Signers.PAYLOAD;
import static io.berth.signing.Signers.pair;
import static io.berth.signing.Signers.pem;
import static io.berth.signing.Signers.privatePem;
import static io.berth.signing.Signers.publicPem;
import static io.berth.signing.Signers.trust;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import io.berth.oci.SignedTag.Form;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPrivateKey;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files of keys are taken, public ones to trust and private ones to sign with, and what is said of the others. */
final class KeysTest {

  private static final TagSignatures SIGNED = signed("ES256", "ES384", "EdDSA", "PS256");

  @TempDir private Path folder;

  private static TagSignatures signed(String... names) {
    byte[] document = PAYLOAD.getBytes(UTF_8);
    for (String name : names) {
      document = TagSignatures.sign(document, Signers.signer(name), Form.JWS).bytes();
    }
    return TagSignatures.parse(new io.berth.oci.SignedTag(Form.JWS, document));
  }

  private static ECKey ec(String name) {
    return new ECKey.Builder(Curve.P_256, (ECPublicKey) pair(name).getPublic()).build();
  }

  private static ECKey privateEc(String name) {
    return new ECKey.Builder(ec(name)).privateKey((ECPrivateKey) pair(name).getPrivate()).build();
  }

  private static OctetKeyPair ed() {
    byte[] encoded = pair("EdDSA").getPublic().getEncoded();
    return new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)))
        .build();
  }

  private static void isTrusted(String file) {
    assertThat(SIGNED.verify(trust(Map.of("name", file.getBytes(UTF_8))))).containsExactly("name");
  }

  private void isRefused(String file, String why) throws Exception {
    Path path = Files.writeString(folder.resolve("release.pem"), file);
    assertThatThrownBy(() -> TrustedKeys.read(Map.of("release", path))).isInstanceOf(InvalidKey.class)
        .hasMessageStartingWith(path + " ").hasMessageContaining(why);
  }

  private static void cannotSign(String file, String why) {
    assertThatThrownBy(() -> SigningKey.parse("my.key", file.getBytes(UTF_8))).isInstanceOf(InvalidKey.class)
        .hasMessageStartingWith("my.key ").hasMessageContaining(why);
  }

  @Test
  void publicKeysAreReadFromPemAndJson() {
    isTrusted(publicPem("ES256"));
    isTrusted("Our key of 2030:\n" + publicPem("EdDSA").replace("\n", "\r\n"));
    isTrusted(ec("ES256").toJSONString());
    isTrusted(ed().toJSONString());
    isTrusted("{\"keys\":[" + ec("ES256 of another").toJSONString() + "," + ed().toJSONString() + "]}");
    isTrusted(publicPem("ES256 of another") + publicPem("PS256"));
  }

  @Test
  void theKeyOfACertificateIsRead() throws Exception {
    Path store = folder.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-keyalg", "EC",
            "-groupname", "secp256r1", "-dname", "CN=release", "-alias", "a", "-keystore", store.toString(), "-storepass", "changeit")
            .redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
    assertThat(keytool.waitFor()).isZero();
    var keys = java.security.KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
    String certificate = pem("CERTIFICATE", keys.getCertificate("a").getEncoded());
    String key = pem("PRIVATE KEY", keys.getKey("a", "changeit".toCharArray()).getEncoded());

    byte[] document = TagSignatures.sign(PAYLOAD.getBytes(UTF_8), SigningKey.parse("key", key.getBytes(UTF_8)), Form.JWS).bytes();

    TagSignatures signed = TagSignatures.parse(new io.berth.oci.SignedTag(Form.JWS, document));
    assertThat(signed.verify(trust(Map.of("name", certificate.getBytes(UTF_8))))).containsExactly("name");
    isRefused(certificate + certificate, "several certificates");
    isRefused(certificate + key, "private key");
  }

  @Test
  void privateAndSecretKeysAreRefusedWhereOneVerifies() throws Exception {
    isRefused(privatePem("ES256"), "openssl pkey -in KEY -pubout -out FILE");
    isRefused(publicPem("ES256") + privatePem("ES256"), "has a private key");
    isRefused(pem("ENCRYPTED PRIVATE KEY", new byte[3]), "has a private key");
    isRefused(pem("EC PRIVATE KEY", new byte[3]), "has a private key");
    isRefused(privateEc("ES256").toJSONString(), "private or secret key");
    isRefused("{\"kty\":\"oct\",\"k\":\"AAAA\"}", "private or secret key");
  }

  @Test
  void weakAndUnknownKeysAreRefused() throws Exception {
    isRefused(publicPem("RSA1024"), "RSA key of 1024 bits: make one of 2048");
    isRefused(publicPem("secp521r1"), "another kind than RSA, P-256, P-384 and Ed25519");
    isRefused(publicPem("Ed448"), "another kind");
    isRefused("{\"keys\":[" + ec("ES256").toJSONString() + ",{\"kty\":\"AKP\"}]}", "another kind");
    isRefused(pem("PUBLIC KEY", new byte[] {1, 2, 3}), "another kind");
    isRefused(new ECKey.Builder(ec("ES256")).keyUse(KeyUse.ENCRYPTION).build().toJSONString(), "not for signatures");
    isRefused(new ECKey.Builder(ec("ES256")).algorithm(JWSAlgorithm.ES256K).build().toJSONString(), "another algorithm than ES256,");
    isRefused(new ECKey.Builder(ec("ES256")).algorithm(JWSAlgorithm.ES384).build().toJSONString(), "not one of its kind's");
    isRefused(ec("ES256").toJSONString().replaceFirst("\"x\":\"...", "\"x\":\"AAA"), "not");
  }

  @Test
  void filesWithoutKeysAreNamed() throws Exception {
    isRefused("", "is neither PEM nor JSON");
    isRefused("{}", "not a JSON Web Key");
    isRefused("[]", "neither PEM nor a JSON Web Key");
    isRefused("{\"keys\":[]}", "no key in it");
    isRefused("{\"keys\":[],\"keys\":[]}", "neither PEM nor JSON");
    isRefused(publicPem("ES256").replace("-----END", ""), "is cut off");
    isRefused(publicPem("ES256").replace("MF", "M*"), "not base64");
    isRefused(pem("CERTIFICATE", new byte[] {1}), "certificate that can't be read");
    isRefused(pem("CERTIFICATE REQUEST", new byte[] {1}), "neither a public key nor a certificate");
    isRefused(pem("RSA PUBLIC KEY", new byte[] {1}), "openssl rsa -RSAPublicKey_in");
    isRefused("x".repeat(1 << 20) + "x", "is larger than");
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> TrustedKeys.read(Map.of("a", missing))).isInstanceOf(InvalidKey.class).hasMessage(missing + " does not exist");
    assertThatThrownBy(() -> TrustedKeys.read(Map.of("a", folder))).isInstanceOf(InvalidKey.class).hasMessageContaining("is a folder");
  }

  @Test
  void privateKeysAreReadFromPemAndJson() throws Exception {
    String edJwk =
        new OctetKeyPair.Builder(ed()).d(Base64URL.encode(((EdECPrivateKey) pair("EdDSA").getPrivate()).getBytes().orElseThrow()))
            .build().toJSONString();
    for (String key : List.of(privatePem("ES256"), privateEc("ES256").toJSONString(), "{\"keys\":[" + privateEc("ES256") + "]}", edJwk,
        "Attributes: none\n" + privatePem("EdDSA"), new String(Signers.rsaJwk("PS256", JWSAlgorithm.PS256), UTF_8))) {
      byte[] document = TagSignatures.sign(PAYLOAD.getBytes(UTF_8), SigningKey.parse("key", key.getBytes(UTF_8)), Form.PRETTYJWS).bytes();

      TagSignatures signed = TagSignatures.parse(new io.berth.oci.SignedTag(Form.PRETTYJWS, document));
      assertThat(signed.verify(trust("ES256", "EdDSA", "PS256"))).hasSize(1);
    }
  }

  @Test
  void encryptedAndOtherFilesAreRefusedWithTheRemedy() {
    cannotSign(pem("ENCRYPTED PRIVATE KEY", new byte[3]), "is encrypted: decrypt it with 'openssl pkcs8");
    cannotSign("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
        "openssl pkcs8 -topk8");
    cannotSign(pem("OPENSSH PRIVATE KEY", new byte[3]), "openssl genpkey");
    cannotSign(publicPem("ES256"), "has no private key");
    cannotSign(ec("ES256").toJSONString(), "has no private key");
    cannotSign(privatePem("ES256") + privatePem("ES384"), "several private keys");
    cannotSign(privatePem("secp521r1"), "another kind");
    cannotSign(pem("PRIVATE KEY", new byte[] {1, 2, 3}), "another kind");
    cannotSign("{\"keys\":[]}", "has 0 keys");
    cannotSign("secret", "neither PEM nor a JSON Web Key");
    cannotSign(new ECKey.Builder(privateEc("ES256")).algorithm(JWSAlgorithm.ES384).build().toJSONString(), "alg is not ES256");
  }
}
