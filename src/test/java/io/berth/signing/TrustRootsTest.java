package io.berth.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chains of certificates that tokens bring along; the certificates are made by the platform's keytool. */
final class TrustRootsTest {

  @TempDir Path folder;

  private String root;
  private String leaf;
  private String stranger;

  @BeforeEach
  void makeCertificates() throws Exception {
    keytool("-genkeypair", "-alias", "root", "-dname", "CN=root", "-ext", "bc:c");
    keytool("-genkeypair", "-alias", "leaf", "-dname", "CN=leaf", "-signer", "root");
    keytool("-genkeypair", "-alias", "stranger", "-dname", "CN=root", "-ext", "bc:c");
    KeyStore store = KeyStore.getInstance(folder.resolve("store").toFile(), "secret".toCharArray());
    root = text(store.getCertificate("root"));
    leaf = text(store.getCertificate("leaf"));
    stranger = text(store.getCertificate("stranger"));
  }

  private static String text(Certificate certificate) throws Exception {
    return Base64.getEncoder().encodeToString(certificate.getEncoded());
  }

  private void keytool(String... words) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
    command.addAll(List.of(words));
    command
        .addAll(List.of("-keystore", folder.resolve("store").toString(), "-storepass", "secret", "-keyalg", "EC", "-groupname", "secp256r1",
            "-validity", "10"));
    assertThat(new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start().waitFor())
        .isZero();
  }

  private TrustRoots trusted(String... certificates) throws Exception {
    var pem = new StringBuilder();
    for (String one : certificates) {
      pem.append(Pem.write("CERTIFICATE", Base64.getDecoder().decode(one)));
    }
    return TrustRoots.read(Files.writeString(folder.resolve("bundle.pem"), pem));
  }

  @Test
  void aChainThatEndsAtATrustedOneCounts() throws Exception {
    Instant now = Instant.now();

    assertThat(trusted(root).verify(List.of(leaf), now)).isPresent();
    assertThat(trusted(root).verify(List.of(leaf, root), now)).isPresent();
    assertThat(trusted(root).verify(List.of(root), now)).as("the trusted one itself").isPresent();
    assertThat(trusted(root).keys().isEmpty()).isFalse();
  }

  @Test
  void nothingElseCounts() throws Exception {
    Instant now = Instant.now();

    assertThat(trusted(stranger).verify(List.of(leaf), now)).as("another one of the same name").isEmpty();
    assertThat(trusted(root).verify(List.of(stranger), now)).isEmpty();
    assertThat(trusted(root).verify(List.of(leaf), now.plus(Duration.ofDays(11)))).as("too late").isEmpty();
    assertThat(trusted(root).verify(List.of(root), now.plus(Duration.ofDays(11)))).as("too late").isEmpty();
    assertThat(trusted(root).verify(List.of(), now)).isEmpty();
    assertThat(trusted(root).verify(List.of("MIIB", "***"), now)).isEmpty();
    assertThat(TrustRoots.NONE.verify(List.of(leaf), now)).isEmpty();
  }

  @Test
  void aBundleHasCertificatesAndNothingElse() throws Exception {
    Path empty = Files.writeString(folder.resolve("empty.pem"), "nothing");
    Path key = Files.writeString(folder.resolve("key.pem"), Pem.write("PRIVATE KEY", new byte[] {1}));

    assertThatThrownBy(() -> TrustRoots.read(empty)).isInstanceOf(InvalidKey.class).hasMessageContaining("empty.pem");
    assertThatThrownBy(() -> TrustRoots.read(key)).isInstanceOf(InvalidKey.class).hasMessageContaining("key.pem");
    assertThatThrownBy(() -> TrustRoots.read(folder.resolve("none.pem"))).isInstanceOf(InvalidKey.class);
  }
}
