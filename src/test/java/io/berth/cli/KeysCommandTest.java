package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.oci.Json;
import io.berth.signing.RegistryKeys;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
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

  /** The registry's first start. */
  private void start() throws Exception {
    RegistryKeys.open(folder.resolve("keys"), RegistryKeys.OVERLAP, Instant.now());
  }

  @Test
  void aMistypedFolderIsRefusedAndNothingIsMade() throws Exception {
    for (String command : List.of("show", "rotate")) {
      berth(1, "keys", command, "--data", folder.resolve("mistyped").toString());
      berth(1, "keys", command, "--data", folder.toString());
    }

    assertThat(err.toString().lines()).hasSize(4).allMatch(line -> line.contains("there are no keys of a registry in "));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void toShowWritesNothing() throws Exception {
    start();
    Path keys = folder.resolve("keys");
    Files.delete(keys.resolve("lock"));
    Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rwxr-x---"));

    assertThat(published()).isOne();

    assertThat(keys.resolve("lock")).doesNotExist();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys))).isEqualTo("rwxr-x---");
  }

  @Test
  void whatRootMakesBelongsToTheOwnerOfTheFolder() throws Exception {
    start();
    Path keys = folder.resolve("keys");
    assumeTrue(Files.getAttribute(keys, "unix:uid").equals(0), "only root makes files for others");
    try (var files = Files.list(keys)) {
      for (Path file : files.toList()) {
        Files.setAttribute(file, "unix:uid", 54_321);
      }
    }
    Files.setAttribute(keys, "unix:uid", 54_321);
    Files.delete(keys.resolve("lock"));

    berth(0, "keys", "rotate", "--data", folder.toString());

    try (var files = Files.list(keys)) {
      assertThat(files).hasSize(3).allSatisfy(file -> assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(54_321));
    }
  }

  @Test
  void aRotationPublishesAnotherKeyAtOnce() throws Exception {
    start();
    assertThat(published()).isOne();

    assertThat(berth(0, "keys", "rotate", "--data", folder.toString())).contains("signs from");
    assertThat(published()).isEqualTo(2);

    berth(0, "keys", "rotate", "--data", folder.toString());
    assertThat(published()).as("one that waits already is enough").isEqualTo(2);
  }

  @Test
  void keysThatOthersCanReadAreRefusedWithTheRemedy() throws Exception {
    start();
    Path key;
    try (var files = Files.list(folder.resolve("keys"))) {
      key = files.filter(file -> file.toString().endsWith(".pem")).findFirst().orElseThrow();
    }
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

    berth(1, "keys", "show", "--data", folder.toString());
    assertThat(err.toString()).contains("chmod").doesNotContain("Exception");
  }
}
