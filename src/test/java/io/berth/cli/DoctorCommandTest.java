package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.http.engine.TestCertificate;
import io.berth.metadata.sql.PostgresForTests;
import io.berth.metadata.sql.SqliteMetadataStore;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code berth doctor} with the configuration of a registry. */
final class DoctorCommandTest {

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private Path file;

  private int doctor(String... lines) throws Exception {
    Files.writeString(file, String.join("\n", lines) + "\nstorage: {filesystem: {rootdirectory: " + folder.resolve("data") + "}}\n");
    CommandLine command = Berth.command();
    out.getBuffer().setLength(0);
    command.setOut(new PrintWriter(out, true));
    return command.execute("doctor", file.toString(), "--listen", "127.0.0.1:0");
  }

  private String lineAbout(String what) {
    return out.toString().lines().filter(line -> line.contains(" " + what + " ")).findFirst().orElse("");
  }

  @BeforeEach
  void makeFolder() throws Exception {
    file = folder.resolve("config.yml");
    Files.createDirectory(folder.resolve("data"));
  }

  @Test
  void looksAtTheDatabaseThatTheConfigurationNames() throws Exception {
    String server = PostgresForTests.options(PostgresForTests.newDatabase()).url().replace("//", "//postgres@");

    doctor("database: {driver: postgresql, url: '" + server + "'}");
    assertThat(lineAbout("database")).startsWith("ok").contains("PostgreSQL 1", "syncs what it acknowledges");

    assertThat(doctor("database: {driver: postgresql, url: '" + server + "-not'}")).isEqualTo(1);
    assertThat(lineAbout("database")).startsWith("problem").contains("no such database", "CREATE DATABASE");
  }

  @Test
  void looksAtTheDatabaseOfARunningRegistry() throws Exception {
    try (var _ = SqliteMetadataStore.open(folder.resolve("data/metadata.db"))) {
      doctor("version: 0.1");
      assertThat(lineAbout("database")).startsWith("ok").contains("SQLite 3.", "journal wal");
    }
    doctor("version: 0.1");
    assertThat(lineAbout("database")).startsWith("ok").contains("journal wal");

    Files.writeString(folder.resolve("data/metadata.db"), "no database".repeat(100));
    assertThat(doctor("version: 0.1")).isEqualTo(1);
    assertThat(lineAbout("database")).startsWith("problem").contains("not a database");
  }

  @Test
  void looksAtCertificateAndKeyTogether() throws Exception {
    TestCertificate own = TestCertificate.selfSigned(folder, "own", "-ext", "san=dns:registry.test");
    TestCertificate other = TestCertificate.selfSigned(folder, "other");
    Path certificate = Files.writeString(folder.resolve("cert.pem"), own.certificatePem());
    Path key = Files.writeString(folder.resolve("key.pem"), other.keyPem());
    String tls = "http: {tls: {certificate: " + certificate + ", key: " + key + "}}";

    assertThat(doctor(tls)).isEqualTo(1);
    assertThat(lineAbout("certificate")).startsWith("problem").contains("is not the key of the certificate");

    Files.writeString(key, own.keyPem());
    doctor(tls);
    assertThat(out.toString()).contains("it names [registry.test]", "the chain of 1 is in order");
  }

  @Test
  void saysWhatIsWrongWithTheConfiguration() throws Exception {
    assertThat(doctor("htpp: {}")).isEqualTo(1);
    assertThat(out.toString()).startsWith("problem  configuration").contains(file + ":1:1", "htpp");
  }
}
