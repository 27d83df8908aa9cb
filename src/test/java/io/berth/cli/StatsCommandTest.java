package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.berth.config.StatisticsConfig;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code berth stats} against a real registry. */
@Timeout(60)
final class StatsCommandTest {

  private static final int SIZE = Documents.bytes(Documents.image("{}", "content")).length;

  @TempDir Path folder;

  private TagStand stand;

  @BeforeEach
  void begin() throws Exception {
    stand = new TagStand(folder, config -> config.withStatistics(new StatisticsConfig(true, Duration.ofMillis(50), 400)));
    Digest image = stand.push("team/app", "content", "1.0", "2.0");
    try (var client = new Calls(stand.url())) {
      client.get("/v2/team/app/manifests/1.0");
      client.get("/v2/team/app/manifests/1.0");
      client.get("/v2/team/app/manifests/" + image);
      client.get("/v2/team/app/blobs/" + Documents.digest("content"), "Docker-Manifest-Tag: 2.0");
      client.get("/v2/team/app/blobs/" + Documents.digest("content"), "Docker-Manifest-Tag: 3.0");
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> lines("@team/app").getFirst().endsWith("1 1 *"));
  }

  @AfterEach
  void end() {
    stand.close();
  }

  /** What it prints below the headings, without the days. */
  private List<String> lines(String... arguments) {
    TagStand.Said said = stand.type("stats", arguments);
    assertThat(said.status()).as(said.toString()).isZero();
    List<String> lines = said.out().lines().skip(1).map(line -> line.replaceAll(" +", " ").replaceFirst("^[0-9]{4}-[0-9]{2}-[0-9]{2} ", ""))
        .toList();
    return lines.isEmpty() ? List.of("") : lines;
  }

  @Test
  void printsALineForTheRepositoryAndOneForEachTag() {
    assertThat(lines("@team/app")).containsExactly("2 1 " + (2 * SIZE + 7) + " 1 1 *", "2 0 " + 2 * SIZE + " 0 - 1.0", "0 1 7 0 - 2.0");
  }

  @Test
  void printsOneTagOrSomeDays() {
    assertThat(lines("@team/app:2.0")).containsExactly("0 1 7 0 - 2.0");
    assertThat(lines("@team/app", "--from", "2020-01-01", "--to", "2020-12-31")).containsExactly("");
    assertThat(lines("@nobody/knows")).containsExactly("");
  }

  @Test
  void printsJsonForPrograms() throws Exception {
    JsonNode printed = Json.parse(stand.type("stats", "@team/app", "--format", "json").out().getBytes(StandardCharsets.UTF_8));

    assertThat(printed.path("days")).hasSize(3);
    assertThat(printed.path("days").path(1).path("verified").path("pulls").asInt()).isEqualTo(2);
    assertThat(printed.path("lastPulls").propertyNames()).containsExactly("1.0", "2.0");
  }

  @Test
  void whatIsWrongIsSaid() {
    assertThat(stand.type("stats", "@team/app", "--from", "yesterday").err()).contains("a day is written as 2026-03-01");
    assertThat(stand.type("stats", "@team/app@" + Documents.digest("content")).err()).contains("expected a repository or a tag");
  }
}
