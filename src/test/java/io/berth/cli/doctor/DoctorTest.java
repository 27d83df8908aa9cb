package io.berth.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cli.doctor.Finding.Level;
import io.berth.config.ListenAddress;
import io.berth.config.ServeConfig;
import io.berth.config.TlsConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code berth doctor} on a real folder, with real certificates made by keytool. */
class DoctorTest {

  @TempDir private Path folder;

  @Test
  void aGoodFolderHasNoProblemAndNothingIsLeftInIt() throws Exception {
    List<Finding> findings = examine(InstantSource.system());
    assertThat(findings).extracting(Finding::what).contains("data folder", "file system", "free space", "sync", "rename", "clock",
        "descriptors", "memory", "listen", "database");
    assertThat(of(findings, "rename").level()).isEqualTo(Level.OK);
    assertThat(of(findings, "clock").level()).isEqualTo(Level.OK);
    try (var left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aFolderThatIsMissingIsAProblemWithARemedy() {
    Finding finding = new FolderProbes(folder.resolve("absent"), InstantSource.system()).run().getFirst();
    assertThat(finding.level()).isEqualTo(Level.PROBLEM);
    assertThat(finding.remedy()).isNotEmpty();
  }

  @Test
  void aClockBehindWhatIsWrittenIsAProblem() throws Exception {
    Files.writeString(folder.resolve("metadata.db"), "");
    Files.setLastModifiedTime(folder.resolve("metadata.db"), FileTime.from(Instant.now().plus(Duration.ofDays(1))));
    assertThat(of(examine(InstantSource.system()), "clock").level()).isEqualTo(Level.PROBLEM);
  }

  @Test
  void aPortThatIsTakenIsPointedOut() throws Exception {
    try (var taken = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      assertThat(ProcessProbes.listen("127.0.0.1", taken.getLocalPort()).level()).isEqualTo(Level.WARNING);
    }
  }

  @Test
  void certificatesAreJudgedByTheirDates() throws Exception {
    Path pem = certificate("-validity", "100", "-ext", "san=dns:registry.test");
    assertThat(levels(pem, Instant.now())).containsOnly(Level.OK);
    assertThat(levels(pem, Instant.now().plus(Duration.ofDays(90)))).contains(Level.WARNING).doesNotContain(Level.PROBLEM);
    assertThat(levels(pem, Instant.now().plus(Duration.ofDays(101)))).contains(Level.PROBLEM);
  }

  @Test
  void aCertificateThatNamesNoHostIsAProblem() throws Exception {
    assertThat(levels(certificate("-validity", "100"), Instant.now())).contains(Level.PROBLEM);
  }

  @Test
  void aChainThatIsOutOfOrderIsAProblem() throws Exception {
    String one = Files.readString(certificate("-validity", "100", "-ext", "san=dns:one.test"));
    String other = Files.readString(certificate("-validity", "100", "-ext", "san=dns:other.test"));
    Path chain = Files.writeString(folder.resolve("chain.pem"), one + other);
    assertThat(CertificateProbes.run(tls(chain), Instant.now()).getLast().found())
        .contains("number 1 of the chain is not signed by number 2");
  }

  @Test
  void sizesAreReadable() {
    assertThat(List.of(Sizes.text(0), Sizes.text(1023), Sizes.text(1536), Sizes.text(5L << 40)))
        .containsExactly("0 bytes", "1023 bytes", "1.5 KiB", "5.0 TiB");
  }

  private List<Finding> examine(InstantSource clock) {
    ServeConfig config = ServeConfig.defaults().withData(folder).withListen(new ListenAddress.Tcp("127.0.0.1", 0));
    return new Doctor(config, clock, () -> Finding.ok("database", "not looked at here"), _ -> Optional.empty()).examine();
  }

  private static Finding of(List<Finding> findings, String what) {
    return findings.stream().filter(finding -> finding.what().equals(what)).findFirst().orElseThrow();
  }

  private static List<Level> levels(Path pem, Instant now) {
    return CertificateProbes.run(tls(pem), now).stream().map(Finding::level).toList();
  }

  private static TlsConfig tls(Path pem) {
    return new TlsConfig(pem, pem, Optional.empty(), TlsConfig.Version.V1_2, List.of());
  }

  private Path certificate(String... options) throws Exception {
    Path store = Files.createTempDirectory(folder, "keys").resolve("keys.p12");
    keytool(store, List.of("-genkeypair", "-alias", "own", "-keyalg", "EC", "-dname", "CN=registry.test"), List.of(options));
    Path pem = store.resolveSibling("own.pem");
    keytool(store, List.of("-exportcert", "-rfc", "-alias", "own", "-file", pem.toString()), List.of());
    return pem;
  }

  private static void keytool(Path store, List<String> command, List<String> options) throws Exception {
    var arguments = new java.util.ArrayList<String>();
    arguments.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    arguments.addAll(command);
    arguments.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", "changeit"));
    arguments.addAll(options);
    Process process = new ProcessBuilder(arguments).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }
}
