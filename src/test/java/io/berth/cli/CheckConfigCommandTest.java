package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code berth check-config} and {@code berth config-schema}. */
final class CheckConfigCommandTest {

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int berth(String... arguments) {
    CommandLine command = Berth.command();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }

  private String file(String... lines) throws Exception {
    return Files.writeString(folder.resolve("config.yml"), String.join("\n", lines)).toString();
  }

  @Test
  void printsWhatHoldsAndWhere() throws Exception {
    String file = file("log: {level: debug}", "storage: {cache: {blobdescriptor: inmemory}}", "loglevel: info");

    assertThat(berth("check-config", file, "--listen", "[::1]:0", "--no-delete", "--upload-idle", "48", "--namespace", "docker.io=a/b"))
        .isZero();

    assertThat(out.toString()).contains("level: debug # " + file + ":1:14\n", "addr: '[::1]:0' # --listen\n",
        "enabled: false # --no-delete\n",
        "age: 48h # --upload-idle\n", "namespaces: {docker.io: a/b} # --namespace\n", "formatter: text # default\n");
    assertThat(err.toString()).contains(file + ":2:11: storage.cache: ignored: ",
        "warning: " + file + ":3:11: loglevel: log.level goes before it");
  }

  @Test
  void listsAllProblems() throws Exception {
    String file = file("log: {level: x}", "htpp: {}", "auth: silly");

    assertThat(berth("check-config", "--config", file)).isEqualTo(1);

    assertThat(err.toString().lines()).hasSize(3).allMatch(line -> line.startsWith(file + ":"));
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void whatItPrintsIsAConfiguration() throws Exception {
    assertThat(berth("check-config", "--auth", "none", "--listen", "0.0.0.0:1", "--delete-needed-blobs")).isZero();
    String first = out.toString().replaceAll(" # .*", "");
    out.getBuffer().setLength(0);

    assertThat(berth("check-config", file(first))).isZero();

    assertThat(out.toString().replaceAll(" # .*", "")).isEqualTo(first);
  }

  @Test
  void aFileThatIsNoneIsSaid() throws Exception {
    assertThat(berth("check-config", folder.resolve("nowhere.yml").toString())).isEqualTo(1);
    assertThat(err.toString()).contains("nowhere.yml: no such file").doesNotContain("\tat ");
    assertThat(berth("check-config", folder.toString())).isEqualTo(1);
    Files.write(folder.resolve("latin1"), new byte[] {'#', (byte) 0xe9});
    assertThat(berth("check-config", folder.resolve("latin1").toString())).isEqualTo(1);
    assertThat(err.toString()).contains("latin1: the configuration is not UTF-8 text");
    Files.write(folder.resolve("large"), new byte[5 << 20]);
    assertThat(berth("check-config", folder.resolve("large").toString())).isEqualTo(1);
    assertThat(berth("check-config", "a.yml", "--config", "b.yml")).isEqualTo(2);
  }

  @Test
  void wrongFlagsAreWrongUsage() {
    Stream.of("--listen nowhere", "--auth everyone", "--auth none --htpasswd users", "--upload-idle 0", "--chunk-min-length 0",
        "--namespace docker.io=Not/A/Name", "--colour blue")
        .forEach(
            flags -> assertThat(berth(Stream.concat(Stream.of("check-config"), Arrays.stream(flags.split(" ", -1))).toArray(String[]::new)))
                .as(flags).isEqualTo(2));
    assertThat(berth("check-config", "--listen", "0.0.0.0:0")).as("nothing wrong with the flag itself").isEqualTo(1);
  }

  @Test
  void theDatabaseOfTheCommandLineIsOneOfTheFile() {
    assertThat(berth("check-config", "--database", "postgresql://berth@localhost:5432/berth", "--database-password-file", "/run/p"))
        .isZero();
    assertThat(out.toString()).contains("driver: postgresql # --database\n", "url: postgresql://berth@localhost:5432/berth # --database\n",
        "passwordfile: /run/p # --database-password-file\n");
  }

  @Test
  void theSchemaIsJson() throws Exception {
    assertThat(berth("config-schema")).isZero();

    assertThat(Json.parse(out.toString().getBytes(StandardCharsets.UTF_8)).path("properties").has("http")).isTrue();
  }
}
