package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cli.Calls.Answer;
import io.berth.config.ListenAddress;
import io.berth.config.ServeConfig;
import io.berth.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry whose disk is pulled from under it: what clients are told, and what not. */
final class FaultsTest {

  private static final String BLOB = "some bytes";

  @TempDir private Path folder;

  private Path data;
  private Wiring registry;
  private Calls client;

  @BeforeEach
  void start() throws IOException {
    data = folder.resolve("data");
    registry = Wiring.start(ServeConfig.defaults().withData(data).withListen(new ListenAddress.Tcp("127.0.0.1", 0)));
    client = new Calls(registry.url());
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    registry.close();
  }

  private static String digest(String text) {
    return Digest.Algorithm.SHA256.of(text.getBytes(StandardCharsets.UTF_8)).toString();
  }

  private static void remove(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Test
  void errorsTellNothingOfTheInside() throws IOException {
    assertThat(client.call("POST", "/v2/app/blobs/uploads/?digest=" + digest(BLOB), BLOB).status()).isEqualTo(201);
    String upload = client.call("POST", "/v2/app/blobs/uploads/", "").field("Location").orElseThrow();
    remove(data.resolve("docker"));
    remove(data.resolve("uploads"));

    List<Answer> answers = new ArrayList<>();
    answers.add(client.get("/v2/app/blobs/" + digest(BLOB)));
    answers.add(client.call("HEAD", "/v2/app/blobs/" + digest(BLOB), ""));
    answers.add(client.get("/v2/app/blobs/" + digest(BLOB), "Range: bytes=0-1"));
    answers.add(client.call("PATCH", upload, BLOB));
    answers.add(client.get(upload));
    answers.add(client.call("POST", "/v2/app/blobs/uploads/?digest=" + digest(BLOB), BLOB));
    answers.add(client.call("DELETE", upload, ""));

    assertThat(answers.stream().map(Answer::status).filter(status -> status >= 500)).as("faults of ours").isNotEmpty();
    for (Answer answer : answers) {
      String whole = answer.fields() + answer.body();
      assertThat(whole).doesNotContain(folder.toString(), "data/", "Exception", "java.", "io.berth", "\tat ", "No such file");
      assertThat(answer.field("X-Content-Type-Options")).contains("nosniff");
      if (answer.status() >= 500) {
        assertThat(answer.body())
            .startsWith("{\"errors\":[{\"code\":\"UNKNOWN\",\"message\":\"the registry failed; its log tells more about");
        assertThat(answer.field("Content-Type")).contains("application/json");
      }
    }
  }

  @Test
  void whatIsNoRequestIsToldNothingEither() throws IOException {
    client.raw("GET /v2/ HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n");
    Answer refused = client.answer(false);

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.field("X-Content-Type-Options")).contains("nosniff");
    assertThat(refused.body()).doesNotContain("Exception", "netty", "vertx", "java.");
    assertThat(refused.field("Server")).isEmpty();
  }
}
