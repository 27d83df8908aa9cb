package io.berth.signing;

import static io.berth.signing.Signers.PAYLOAD;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.nimbusds.jose.crypto.impl.ECDSA;
import io.berth.oci.SignedTag;
import io.berth.oci.SignedTag.Form;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What openssl signs is verified here, and what is signed here is verified by openssl. Where it is not installed nothing is tried, unless the system
 * property {@code berth.test.openssl} demands it.
 */
final class OpensslTest {

  @TempDir private Path folder;

  @BeforeEach
  void requireOpenssl() {
    boolean installed =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(":")).anyMatch(at -> Files.isExecutable(Path.of(at, "openssl")));
    assumeTrue(installed || Boolean.getBoolean("berth.test.openssl"), "there is no openssl");
  }

  private void openssl(String... arguments) throws Exception {
    var command = Stream.concat(Stream.of("openssl"), Arrays.stream(arguments)).toList();
    Path log = folder.resolve("log");
    Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s ends", command).isTrue();
      assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  private byte[] file(String name) throws Exception {
    return Files.readAllBytes(folder.resolve(name));
  }

  /** Makes a key pair, and puts together what openssl signs: the way of a script in CI. */
  private TagSignatures signedByOpenssl(String algorithm, String[] generation, String... signing) throws Exception {
    openssl(Stream.concat(Stream.of("genpkey", "-out", "key.pem"), Arrays.stream(generation)).toArray(String[]::new));
    openssl("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem");
    String header = Signers.base64("{\"alg\":\"" + algorithm + "\"}");
    Files.writeString(folder.resolve("input"), header + "." + Signers.base64(PAYLOAD), US_ASCII);
    openssl(signing);
    byte[] signature = file("signature");
    if (algorithm.startsWith("ES")) {
      signature = ECDSA.transcodeSignatureToConcat(signature, algorithm.equals("ES256") ? 64 : 96);
    }
    String document = "{\"payload\":\"%s\",\"protected\":\"%s\",\"signature\":\"%s\"}".formatted(Signers.base64(PAYLOAD), header,
        Base64Url.encode(signature));
    return TagSignatures.parse(new SignedTag(Form.JWS, document.getBytes(UTF_8)));
  }

  private void isVerified(TagSignatures signed) throws Exception {
    assertThat(signed.verify(Signers.trust(Map.of("ci", file("public.pem"))))).containsExactly("ci");
    assertThat(signed.verify(Signers.trust("ES256", "ES384", "PS256", "EdDSA"))).isEmpty();
    byte[] both =
        TagSignatures.sign(signed.as(Form.JWS).orElseThrow().bytes(), SigningKey.read(folder.resolve("key.pem")), Form.JWS).bytes();
    TagSignatures twice = TagSignatures.parse(new SignedTag(Form.JWS, both));
    assertThat(twice.count()).isEqualTo(2);
    assertThat(twice.verify(Signers.trust(Map.of("ci", file("public.pem"))))).containsExactly("ci");
  }

  @Test
  void es256() throws Exception {
    isVerified(
        signedByOpenssl("ES256", new String[] {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}, "dgst", "-sha256", "-sign",
            "key.pem", "-out", "signature", "input"));
    assertThat(SigningKey.read(folder.resolve("key.pem")).publicHalf()).as("the point that openssl puts at the end of the key").isNotNull();
  }

  @Test
  void es384() throws Exception {
    isVerified(
        signedByOpenssl("ES384", new String[] {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"}, "dgst", "-sha384", "-sign",
            "key.pem", "-out", "signature", "input"));
  }

  @Test
  void rs256() throws Exception {
    isVerified(signedByOpenssl("RS256", new String[] {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}, "dgst", "-sha256", "-sign",
        "key.pem", "-out", "signature", "input"));
  }

  @Test
  void ps256() throws Exception {
    isVerified(
        signedByOpenssl("PS256", new String[] {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}, "dgst", "-sha256", "-sigopt",
            "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", "-sign", "key.pem", "-out", "signature", "input"));
  }

  @Test
  void eddsa() throws Exception {
    isVerified(signedByOpenssl("EdDSA", new String[] {"-algorithm", "ED25519"}, "pkeyutl", "-sign", "-rawin", "-inkey", "key.pem", "-in",
        "input", "-out", "signature"));
  }

  @Test
  void whatIsSignedHereIsVerifiedByOpenssl() throws Exception {
    openssl("genpkey", "-out", "key.pem", "-algorithm", "ED25519");
    openssl("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem");
    byte[] document = TagSignatures.sign(PAYLOAD.getBytes(UTF_8), SigningKey.read(folder.resolve("key.pem")), Form.JWS).bytes();
    JwsSignature signature = Jws.parse(document).signatures().getFirst();
    Files.write(folder.resolve("input"), JwsSignature.signed(signature.protectedHeader(), PAYLOAD.getBytes(UTF_8)));
    Files.write(folder.resolve("signature"), signature.signature());

    openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "public.pem", "-in", "input", "-sigfile", "signature");
  }

  @Test
  void theRegistrysKeysAreOnesThatOpensslReads() throws Exception {
    RegistryKeys keys = RegistryKeys.open(folder.resolve("keys"), RegistryKeys.OVERLAP, java.time.Instant.parse("2030-01-01T00:00:00Z"));

    openssl("pkey", "-in", "keys/20300101T000000Z.pem", "-pubout", "-out", "public.pem");

    byte[] document = keys.sign(PAYLOAD.getBytes(UTF_8), "x", keys.newest());
    assertThat(Jws.parse(document).verify(Signers.trust(Map.of("registry", file("public.pem"))))).containsExactly("registry");
  }
}
