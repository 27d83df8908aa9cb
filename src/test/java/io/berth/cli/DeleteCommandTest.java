package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code berth delete}, and dry runs of whatever deletes, against a real registry and against one that knows none. */
@Timeout(60)
final class DeleteCommandTest {

  @TempDir Path folder;

  private TagStand stand;

  @BeforeEach
  void start() throws Exception {
    stand = new TagStand(folder, UnaryOperator.identity());
  }

  @AfterEach
  void stop() {
    stand.close();
  }

  private String berth(int status, String... arguments) throws IOException {
    var said = new StringWriter();
    var command = Berth.command().setOut(new PrintWriter(said)).setErr(new PrintWriter(said));
    int ended = command.execute(Stream.concat(Stream.of(arguments),
        Stream.of("--authfile", Files.writeString(folder.resolve("nobody.json"), "{}").toString())).toArray(String[]::new));
    command.getOut().flush();
    command.getErr().flush();
    assertThat(ended).as(said.toString()).isEqualTo(status);
    return said.toString();
  }

  private String about(Digest image, String type) {
    return Documents.imageWith(",\"artifactType\":\"%s\",\"subject\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}".formatted(type,
        Documents.MANIFEST, image, Documents.image("{}", "content").length()), "{}");
  }

  @Test
  void aDryRunTellsWhatWouldGoAndStayAndLackIt() throws Exception {
    Digest image = stand.push("team/app", "content", "1.0", "latest");
    Digest signature = stand.put("team/app", about(image, "x/signature"));
    Digest named = stand.put("team/app", about(image, "x/named"), "named");
    Digest index = stand.put("team/app", Documents.index(Documents.image("{}", "content")), "multi");

    String said = berth(0, "delete", "--dry-run", stand.host() + "/team/app@" + image);

    assertThat(said.lines().map(String::strip)).containsExactly("would delete " + stand.host() + "/team/app@" + image,
        "with 2 tags: 1.0, latest",
        "1 manifests would follow it 24h later, unless it is pushed again:", signature + "  x/signature  about " + image,
        "1 manifests would stay, though what they are about is gone:", named + "  x/named  a tag points at it",
        "1 indexes list it, and would lack it:", index + "  " + Documents.INDEX + "  multi");
    assertThat(berth(0, "delete", "--dry-run", "--format", "json", stand.host() + "/team/app@" + image)).contains("\"dryRun\":true",
        "\"graceSeconds\":86400", signature.toString());
    assertThat(stand.tag("ls", "@team/app")).contains("1.0", "latest");
  }

  @Test
  void aManifestIsDeletedAndWhatFollowsIsSaid() throws Exception {
    Digest image = stand.push("team/app", "content", "1.0");
    stand.put("team/app", about(image, "x/signature"));

    assertThat(berth(0, "delete", stand.host() + "/team/app@" + image)).contains("deleted " + stand.host() + "/team/app@" + image,
        "what is about this manifest goes, too, 86400 seconds from now");
    assertThat(stand.tag("ls", "@team/app")).doesNotContain("1.0");
    assertThat(berth(1, "delete", stand.host() + "/team/app@" + image)).contains("404");
    assertThat(berth(1, "delete", "--dry-run", stand.host() + "/team/app@" + image)).contains("404");
  }

  @Test
  void aTagIsNoManifest() throws Exception {
    assertThat(berth(2, "delete", stand.host() + "/team/app:1.0")).contains("expected a manifest");
  }

  /** Another registry would take a dry run for the deletion. */
  @Test
  void aRegistryThatKnowsNoDryRunIsNotAsked() throws Exception {
    List<String> asked = Collections.synchronizedList(new ArrayList<>());
    HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.createContext("/", exchange -> {
      asked.add(exchange.getRequestMethod());
      byte[] body = "{\"extensions\":[],\"target\":{}}".getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    other.start();
    try {
      String host = "127.0.0.1:" + other.getAddress().getPort();
      assertThat(berth(1, "delete", "--dry-run", host + "/app@" + Documents.digest("x"))).contains("does not know a dry run");
      assertThat(berth(1, "tag", "delete", "--dry-run", host + "/app:1.0")).contains("does not know a dry run");
      var said = new StringWriter();
      assertThat(Berth.command().setOut(new PrintWriter(said)).setErr(new PrintWriter(said))
          .execute("repo", "rm", "--dry-run", "app", "--registry", "http://" + host)).isEqualTo(1);
      assertThat(said.toString()).contains("does not know a dry run");
      assertThat(asked).containsOnly("GET");
    } finally {
      other.stop(0);
    }
  }
}
