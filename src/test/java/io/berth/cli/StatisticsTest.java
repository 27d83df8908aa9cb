package io.berth.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.berth.config.DebugConfig;
import io.berth.config.ListenAddress;
import io.berth.config.LogConfig;
import io.berth.config.ServeConfig;
import io.berth.config.StatisticsConfig;
import io.berth.oci.Digest;
import io.berth.oci.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Statistics of a running registry: over restarts, while the store is broken, and of what breaks off. */
@Timeout(120)
final class StatisticsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration NEVER = Duration.ofMinutes(59);
  private static final Duration SOON = Duration.ofMillis(50);
  private static final String INDEX = "{\"schemaVersion\":2,\"manifests\":[]}";
  private static final String TYPE = "Content-Type: application/vnd.oci.image.index.v1+json";
  private static final String MANIFEST = "/v2/team/app/manifests/1.0";

  @TempDir private Path folder;

  private Wiring serve(boolean enabled, Duration interval) {
    return Wiring.start(ServeConfig.defaults().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0))
        .withDebug(Optional.of(new DebugConfig(new ListenAddress.Tcp("127.0.0.1", 0), Optional.of("/metrics"))))
        .withStatistics(new StatisticsConfig(enabled, interval, 400))
        .withLog(new LogConfig(LogConfig.Level.INFO, LogConfig.Format.TEXT, Map.of(), Optional.empty())));
  }

  /** What is written down of a tag, or of the repository. */
  private static JsonNode entry(Calls client, String tag) throws Exception {
    JsonNode days = Json.parse(client.get("/v2/team/app/_berth/stats").body().getBytes(UTF_8)).path("days");
    for (JsonNode day : days) {
      if (day.path("tag").asString("").equals(tag)) {
        return day;
      }
    }
    return Json.MAPPER.createObjectNode();
  }

  private static double number(Wiring berth, String name) throws IOException {
    try (var operator = new Calls(berth.operatorUrl().orElseThrow())) {
      return new Samples(operator.get("/metrics").body()).of(name);
    }
  }

  @Test
  void whatWasPulledOutlivesTheProcess() throws Exception {
    for (int life = 1; life <= 2; life++) {
      try (var berth = serve(true, NEVER); var client = new Calls(berth.url())) {
        client.call("PUT", MANIFEST, INDEX, TYPE);
        client.get(MANIFEST);
        client.get(MANIFEST); // is answered at once
      }
    }

    try (var berth = serve(true, NEVER); var client = new Calls(berth.url())) {
      assertThat(entry(client, "1.0").path("verified").path("pulls").asInt()).isEqualTo(4);
      assertThat(entry(client, "1.0").path("verified").path("bytes").asInt()).isEqualTo(4 * INDEX.length());
    }
  }

  @Test
  void pullsGoOnWhileStatisticsCanNotBeWritten() throws Exception {
    try (var berth = serve(true, SOON); var client = new Calls(berth.url())) {
      client.call("PUT", MANIFEST, INDEX, TYPE);
      try (var connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("data/metadata.db"));
          var statement = connection.createStatement()) {
        statement.execute("PRAGMA busy_timeout = 20000");
        statement.execute("ALTER TABLE pull_day RENAME TO hidden");
      }
      await().atMost(PATIENCE).until(() -> {
        assertThat(client.get(MANIFEST).status()).isEqualTo(200);
        return number(berth, "berth_statistics_failures_total") > 2;
      });
      assertThat(number(berth, "berth_statistics_dropped_total")).isZero();
    }
  }

  @Test
  void whatBreaksOffCountsWithItsBytesOnly() throws Exception {
    String blob = "x".repeat(50 << 20);
    String digest = Digest.Algorithm.SHA256.of(blob.getBytes(UTF_8)).toString();
    try (var berth = serve(true, SOON); var client = new Calls(berth.url())) {
      client.call("POST", "/v2/team/app/blobs/uploads/?digest=" + digest, blob);
      try (var leaver = new Calls(berth.url())) {
        leaver.raw("GET /v2/team/app/blobs/" + digest + " HTTP/1.1\r\nHost: x\r\n\r\n");
        leaver.answer(true); // and leaves before the body
      }
      await().atMost(PATIENCE).until(() -> entry(client, "").path("unattributed").path("bytes").asInt() > 0);

      assertThat(entry(client, "").path("unattributed").path("blobs").asInt()).isZero();
      assertThat(entry(client, "").path("unattributed").path("bytes").asInt()).isLessThan(blob.length());
    }
  }

  @Test
  void nothingIsCountedWhereItIsNotWanted() throws Exception {
    for (int life = 1; life <= 2; life++) {
      try (var berth = serve(false, SOON); var client = new Calls(berth.url())) {
        client.call("PUT", MANIFEST, INDEX, TYPE);
        client.get(MANIFEST);
        assertThat(entry(client, "1.0")).isEmpty();
      }
    }
  }
}
