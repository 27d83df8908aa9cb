package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code berth keys}. */
final class KeysCommandTest {

  @TempDir private Path folder;

  private final StringWriter err = new StringWriter();

  private String berth(int status, String... arguments) {
    var out = new StringWriter();
    CommandLine command = Berth.command();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    assertThat(command.execute(arguments)).isEqualTo(status);
    return out.toString();
  }

  private int published() throws Exception {
    return Json.parse(berth(0, "keys", "show", "--data", folder.toString()).strip().getBytes(StandardCharsets.UTF_8)).path("keys").size();
  }

  @Test
  void aRotationPublishesAnotherKeyAtOnce() throws Exception {
    assertThat(published()).isOne();

    assertThat(berth(0, "keys", "rotate", "--data", folder.toString())).contains("signs from");
    assertThat(published()).isEqualTo(2);

    berth(0, "keys", "rotate", "--data", folder.toString());
    assertThat(published()).as("one that waits already is enough").isEqualTo(2);
  }

  @Test
  void keysThatOthersCanReadAreRefusedWithTheRemedy() throws Exception {
    berth(0, "keys", "show", "--data", folder.toString());
    Path key;
    try (var files = Files.list(folder.resolve("keys"))) {
      key = files.filter(file -> file.toString().endsWith(".pem")).findFirst().orElseThrow();
    }
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

    berth(1, "keys", "show", "--data", folder.toString());
    assertThat(err.toString()).contains("chmod").doesNotContain("Exception");
  }
}
