package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.config.CollectorConfig;
import io.berth.config.ListenAddress;
import io.berth.config.ServeConfig;
import io.berth.oci.Digest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code berth gc} against a real registry. */
@Timeout(60)
final class GcCommandTest {

  private static final byte[] BLOB = "bytes of a blob".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;

  private Wiring registry;

  private void start(Duration grace) {
    start(grace, false);
  }

  private void start(Duration grace, boolean readOnly) {
    registry = Wiring.start(ServeConfig.defaults().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0))
        .withCollector(new CollectorConfig(false, grace, Duration.ofMinutes(10))).withReadOnly(readOnly));
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private int send(String method, String path, byte[] body) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(URI.create(registry.url() + path)).method(method, BodyPublishers.ofByteArray(body)).build(),
          BodyHandlers.discarding()).statusCode();
    }
  }

  private void pushAndDelete() throws IOException, InterruptedException {
    Digest digest = Digest.Algorithm.SHA256.of(BLOB);
    assertThat(send("POST", "/v2/app/blobs/uploads/?digest=" + digest, BLOB)).isEqualTo(201);
    assertThat(send("DELETE", "/v2/app/blobs/" + digest, new byte[0])).isEqualTo(202);
  }

  private String berth(int status, String... arguments) {
    var said = new StringWriter();
    var command = Berth.command().setOut(new PrintWriter(said)).setErr(new PrintWriter(said));
    String[] all = Stream.concat(Stream.of("gc", "--registry", registry.url()), Stream.of(arguments)).toArray(String[]::new);
    int ended = command.execute(all);
    command.getErr().flush();
    assertThat(ended).as(said.toString()).isEqualTo(status);
    return said.toString();
  }

  private long storedBlobs() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("data/docker"))) {
      return files.filter(Files::isRegularFile).count();
    }
  }

  @Test
  void aDryRunTellsWhatWaitsAndChangesNothing() throws Exception {
    start(Duration.ofHours(1));
    pushAndDelete();

    assertThat(berth(0, "--dry-run"))
        .contains("1 blobs with 15 bytes that no repository holds; 0 with 0 bytes would go now, the first at 2");
    assertThat(berth(0, "--dry-run", "--format", "json")).startsWith("{\"graceSeconds\":3600").contains("\"waiting\":1,\"bytes\":15");
    assertThat(storedBlobs()).isEqualTo(1);
  }

  @Test
  void nothingGoesBeforeItsGraceIsOver() throws Exception {
    start(Duration.ofHours(1));
    pushAndDelete();

    assertThat(berth(0)).contains("removed 0 blobs");
    assertThat(storedBlobs()).isEqualTo(1);
  }

  @Test
  void whatIsDueGoes() throws Exception {
    start(Duration.ofMillis(1));
    pushAndDelete();

    assertThat(berth(0)).isEqualTo("removed 1 blobs with 15 bytes; 0 were given up by their repositories, 0 are needed by manifests\n");
    assertThat(storedBlobs()).isZero();
    assertThat(berth(0, "--format", "json"))
        .isEqualTo("{\"referrers\":0,\"kept\":0,\"expired\":0,\"blobs\":0,\"bytes\":0,\"failed\":0,\"restSeconds\":0}\n");
  }

  @Test
  void aReadOnlyRegistryRefusesInWords() {
    start(Duration.ofMillis(1), true);

    assertThat(berth(1)).contains("405: this registry is read-only");
    assertThat(berth(0, "--dry-run")).contains("0 blobs");
  }
}
