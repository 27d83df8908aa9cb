package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.config.Configuration;
import io.berth.config.ListenAddress;
import io.berth.config.ServeConfig;
import io.berth.oci.Digest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code berth repo} against a real registry. */
class RepoCommandTest {

  private static final byte[] SHARED = "shared".getBytes(StandardCharsets.UTF_8);
  private static final byte[] OWN = "own bytes".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;

  private Wiring registry;

  @BeforeEach
  void start() throws Exception {
    registry = Wiring.start(ServeConfig.defaults().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0)));
    push("team/app", SHARED);
    push("team/app", OWN);
    push("other", SHARED);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  @Test
  void lsPrintsEveryRepositoryOnALine() {
    assertThat(berth(0, "repo", "ls")).isEqualTo("other\nteam/app\n");
  }

  @Test
  void duTellsWhatNoOtherRepositoryHolds() {
    assertThat(berth(0, "repo", "du", "--bytes").lines().skip(1).map(line -> line.strip().replaceAll(" +", " ")))
        .containsExactly("6 0 0 0 1 other", "15 9 0 0 2 team/app");
  }

  @Test
  void whoAdministersSomeRepositoriesIsNotToldWhatOthersHold() throws Exception {
    registry.close();
    Path passwords = Files.writeString(folder.resolve("htpasswd"), "nobody:$2y$04$LJZzbmbrKcCVXSM7AxPN8O2yDy8pjUH7ed2XyL3b.AjstK2bU.6Li\n");
    String file = """
        auth: {htpasswd: {path: '%s'}}
        access:
          rules:
            - {name: a team, who: anyone, repositories: [team/**], actions: admin}
        """.formatted(passwords);
    var sources = new Configuration.Sources(Optional.of(new Configuration.File("test.yml", file)), Map.of(), List.of());
    registry =
        Wiring
            .start(Configuration.read(sources).serve().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0)));

    assertThat(berth(0, "repo", "du", "--bytes", "team/app").lines().skip(1).map(line -> line.strip().replaceAll(" +", " ")))
        .containsExactly("15 - 0 0 2 team/app");
    assertThat(berth(0, "repo", "rm", "team/app")).isEqualTo("removed team/app: 0 tags, 0 manifests, 2 blobs" + System.lineSeparator());
  }

  @Test
  void rmRemovesNothingInADryRun() {
    assertThat(berth(0, "repo", "rm", "--dry-run", "team/app")).contains("would remove team/app").contains("9 bytes");
    assertThat(berth(0, "repo", "ls")).contains("team/app");
  }

  @Test
  void rmRemovesTheRepositoryAndLeavesWhatOthersHold() {
    assertThat(berth(0, "repo", "rm", "team/app")).startsWith("removed team/app");
    assertThat(berth(0, "repo", "du", "--bytes")).contains("other").doesNotContain("team/app");
  }

  @Test
  void whatDoesNotExistIsRefusedInWords() {
    assertThat(berth(1, "repo", "rm", "nobody/knows")).contains("404: there is no such repository");
  }

  @Test
  void aRegistryThatDoesNotRunIsSaidToBeUnreachable() {
    String url = registry.url();
    registry.close();
    assertThat(berthAt(url, 1, "repo", "ls")).contains("can't be reached");
  }

  private String berth(int status, String... arguments) {
    return berthAt(registry.url(), status, arguments);
  }

  private static String berthAt(String url, int status, String... arguments) {
    var said = new StringWriter();
    var command = Berth.command().setOut(new PrintWriter(said)).setErr(new PrintWriter(said));
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--registry";
    all[arguments.length + 1] = url;
    int ended = command.execute(all);
    command.getOut().flush();
    command.getErr().flush();
    assertThat(ended).as(said.toString()).isEqualTo(status);
    return said.toString();
  }

  private void push(String repository, byte[] blob) throws IOException, InterruptedException {
    URI uri = URI.create(registry.url() + "/v2/" + repository + "/blobs/uploads/?digest=" + Digest.Algorithm.SHA256.of(blob));
    try (HttpClient http = HttpClient.newHttpClient()) {
      var answer = http.send(HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofByteArray(blob)).build(),
          HttpResponse.BodyHandlers.discarding());
      assertThat(answer.statusCode()).isEqualTo(201);
    }
  }
}
