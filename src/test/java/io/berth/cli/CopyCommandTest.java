package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code berth copy} against a real registry. */
final class CopyCommandTest {

  @TempDir Path folder;

  private String run(TagStand stand, int status, String from, String to) throws Exception {
    var said = new StringWriter();
    var command = Berth.command().setOut(new PrintWriter(said)).setErr(new PrintWriter(said));
    assertThat(command.execute("copy", stand.host() + "/" + from, to, "--authfile",
        Files.writeString(folder.resolve("nobody.json"), "{}").toString())).as(said.toString()).isEqualTo(status);
    command.getOut().flush();
    return said.toString();
  }

  @Test
  void anImageIsCopiedAndTagged() throws Exception {
    try (var stand = new TagStand(folder, UnaryOperator.identity())) {
      Digest image = stand.push("team/base", "content", "1.2");
      assertThat(run(stand, 0, "team/base:1.2", stand.host() + "/team/app:stable")).contains(image.toString(), "1 manifests and 2 blobs");
      assertThat(stand.tag("show", "@team/app:stable")).contains(image.toString());
      assertThat(run(stand, 0, "team/base@" + image, stand.host() + "/team/app")).contains("0 manifests and 0 blobs");
      assertThat(run(stand, 1, "team/base:none", stand.host() + "/team/app")).contains("404");
      assertThat(run(stand, 2, "team/base:1.2", "other.example/team/app")).contains("within itself");
    }
  }
}
