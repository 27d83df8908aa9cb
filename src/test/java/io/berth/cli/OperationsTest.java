package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.berth.cli.Calls.Answer;
import io.berth.config.DebugConfig;
import io.berth.config.ListenAddress;
import io.berth.config.LogConfig;
import io.berth.config.ServeConfig;
import io.berth.config.UploadsConfig;
import io.berth.oci.Digest;
import io.berth.oci.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What an operator sees of a running registry: its numbers, its access log, its probes; and its read-only mode. */
final class OperationsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String MANIFEST = "{\"schemaVersion\":2,\"manifests\":[]}";
  private static final String BLOB = "a blob";
  private static final String DIGEST = Digest.Algorithm.SHA256.of(BLOB.getBytes(StandardCharsets.UTF_8)).toString();

  @TempDir private Path folder;

  private final Lines log = new Lines();
  private ServeConfig config;
  private Wiring berth;
  private Calls client;

  @BeforeEach
  void start() throws IOException {
    config = ServeConfig.defaults().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0))
        .withDebug(Optional.of(new DebugConfig(new ListenAddress.Tcp("127.0.0.1", 0), Optional.of("/numbers"))))
        .withLog(
            new LogConfig(LogConfig.Level.INFO, LogConfig.Format.TEXT, Map.of("zone", "z1"), Optional.of(LogConfig.AccessFormat.JSON)));
    berth = Wiring.start(config, log);
    client = new Calls(berth.url());
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    berth.close();
  }

  private Answer operator(String target, String... fields) throws IOException {
    try (var calls = new Calls(berth.operatorUrl().orElseThrow())) {
      return calls.get(target, fields);
    }
  }

  private Samples numbers() throws IOException {
    Answer answer = operator("/numbers");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.field("Content-Type")).hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
    return new Samples(answer.body());
  }

  @Test
  void numbersAreThoseOfTheRequestsThatWereMade() throws IOException {
    assertThat(client.call("POST", "/v2/team/app/blobs/uploads/?digest=" + DIGEST, BLOB).status()).isEqualTo(201);
    assertThat(client.call("PUT", "/v2/team/app/manifests/1", MANIFEST, "Content-Type: " + INDEX).status()).isEqualTo(201);
    for (int i = 0; i < 5; i++) {
      assertThat(client.get("/v2/team/app/manifests/1").status()).isEqualTo(200);
    }
    assertThat(client.call("HEAD", "/v2/team/app/manifests/1", "").status()).isEqualTo(200);
    assertThat(client.get("/v2/team/app/blobs/" + DIGEST).body()).isEqualTo(BLOB);
    assertThat(client.get("/v2/team/app/manifests/none").status()).isEqualTo(404);
    assertThat(client.get("/nowhere").status()).isEqualTo(404);
    assertThat(client.call("BREW", "/v2/", "").status()).isEqualTo(405);

    Samples numbers = numbers();

    String requests = "berth_http_requests_total";
    assertThat(numbers.of(requests + "{class=2xx, code=201, method=POST, route=PushBlob}")).isEqualTo(1);
    assertThat(numbers.of(requests + "{class=2xx, code=201, method=PUT, route=PutManifest}")).isEqualTo(1);
    assertThat(numbers.of(requests + "{class=2xx, code=200, method=GET, route=GetManifest}")).isEqualTo(5);
    assertThat(numbers.of(requests + "{class=2xx, code=200, method=HEAD, route=GetManifest}")).isEqualTo(1);
    assertThat(numbers.of(requests + "{class=4xx, code=404, method=GET, route=GetManifest}")).isEqualTo(1);
    assertThat(numbers.of(requests + "{class=4xx, code=404, method=GET, route=none}")).isEqualTo(1);
    assertThat(numbers.of(requests + "{class=4xx, code=405, method=other, route=none}")).isEqualTo(1);
    assertThat(numbers.sum(requests)).isEqualTo(12);
    assertThat(numbers.of("berth_http_request_duration_seconds_count{route=GetManifest}")).isEqualTo(7);
    assertThat(numbers.of("berth_http_request_duration_seconds_bucket{le=+Inf, route=GetManifest}")).isEqualTo(7);
    assertThat(numbers.of("berth_http_received_bytes_total{route=PushBlob}")).isEqualTo(BLOB.length());
    assertThat(numbers.of("berth_http_sent_bytes_total{route=GetBlob}")).isEqualTo(BLOB.length());
    assertThat(numbers.of("berth_http_sent_bytes_total{route=GetManifest}")).isGreaterThan(5.0 * MANIFEST.length());
    assertThat(numbers.of("berth_store_operation_duration_seconds_count{operation=commit, store=blobs}")).isEqualTo(1);
    assertThat(numbers.of("berth_store_operation_duration_seconds_count{operation=write, store=metadata}")).isGreaterThanOrEqualTo(2);
    assertThat(numbers.sum("berth_store_errors_total")).isZero();
    assertThat(numbers.of("berth_manifest_cache_hits_total")).isEqualTo(5);
    assertThat(numbers.of("berth_manifest_cache_misses_total")).isEqualTo(2);
    assertThat(numbers.of("berth_manifest_cache_entries")).isEqualTo(1);
    assertThat(numbers.of("berth_http_connections")).isEqualTo(1);
    assertThat(numbers.of("berth_ready")).isEqualTo(1);
    assertThat(numbers.of("berth_http_body_budget_bytes")).isEqualTo(96 << 20);
    for (String name : List.of("jvm_memory_used_bytes", "jvm_gc_collection_seconds_count", "jvm_threads_current",
        "process_cpu_seconds_total",
        "process_open_fds", "berth_build_info", "berth_data_free_bytes")) {
      assertThat(numbers.has(name)).as(name).isTrue();
    }
  }

  @Test
  void theNumbersAreThoseOfThePage() throws IOException {
    client.get("/v2/");
    String page = Files.readString(Path.of("docs/OBSERVABILITY.md"));
    var listed = Pattern.compile("(?m)^\\| `(berth_\\w+)` \\|").matcher(page.substring(page.indexOf("<!-- metrics -->"))).results()
        .map(name -> name.group(1)).toList();

    var actual =
        operator("/numbers").body().lines().filter(line -> line.startsWith("# TYPE berth_")).map(line -> line.split(" ", -1)[2]).toList();

    assertThat(actual).containsExactlyInAnyOrderElementsOf(listed);
  }

  @Test
  void whatIsUnderWayIsCounted() throws IOException {
    String upload = client.call("POST", "/v2/app/blobs/uploads/", "").field("Location").orElseThrow();
    client.raw("PATCH " + upload + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nthe beginning");

    await().atMost(PATIENCE).untilAsserted(() -> {
      Samples numbers = numbers();
      assertThat(numbers.of("berth_http_requests_in_flight")).isEqualTo(1);
      assertThat(numbers.of("berth_uploads_in_flight")).isEqualTo(1);
      assertThat(numbers.of("berth_http_body_bytes")).isPositive();
    });
    client.close();

    await().atMost(PATIENCE).untilAsserted(() -> {
      Samples numbers = numbers();
      assertThat(numbers.of("berth_http_requests_in_flight")).isZero();
      assertThat(numbers.of("berth_uploads_in_flight")).isZero();
      assertThat(numbers.of("berth_http_body_bytes")).isZero();
      assertThat(numbers.of("berth_http_requests_total{class=4xx, code=499, method=PATCH, route=AppendUpload}")).isEqualTo(1);
      assertThat(numbers.of("berth_http_unfinished_requests_total{route=AppendUpload}")).isEqualTo(1);
    });
    assertThat(access("PATCH")).singleElement().matches(line -> line.path("status").asInt() == 499 && line.path("bytes_in").asInt() == 13
        && line.path("unfinished").asBoolean() && line.path("identity").asString().equals("anonymous"));
  }

  @Test
  void tenThousandHostileNamesMakeNoSeries() throws IOException {
    for (String method : List.of("GET", "PUT", "DELETE", "POST", "BREW")) {
      client.call(method, "/v2/a/manifests/1", "");
      client.call(method, "/v2/A/manifests/1", "");
      client.call(method, "/x", "");
    }
    int before = numbers().size();
    var random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      String name = "evil" + i + "-" + Long.toHexString(random.nextLong());
      client.send(i % 7 == 0 ? "M" + i : "GET", switch (i % 5) {
        case 0 -> "/v2/" + name + "/manifests/" + name;
        case 1 -> "/v2/%22%7B" + name + "/manifests/x";
        case 2 -> "/" + name + "{route=\"" + name;
        case 3 -> "/v2/" + name + "/blobs/sha256:" + name;
        default -> "/v2/" + name + "/tags/list?n=1&last=" + name;
      }, "", "User-Agent: " + name, "Referer: " + name, "X-Forwarded-For: " + name);
      assertThat(client.answer(false).status()).isBetween(400, 499);
    }

    Samples numbers = numbers();

    assertThat(numbers.toString()).doesNotContain("evil");
    assertThat(numbers.size() - before).as("new series").isLessThan(100);
    assertThat(numbers.sum("berth_http_requests_total")).isEqualTo(10_015);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(log.all()).hasSize(10_015));
  }

  @Test
  void everyRequestHasOneLine() throws Exception {
    client.get("/v2/", "User-Agent: docker/28.0", "Referer: http://here/");
    client.call("PUT", "/v2/app/manifests/1?x=y", MANIFEST, "Content-Type: " + INDEX);
    client.call("HEAD", "/v2/app/manifests/1", "");
    client.call("HEAD", "/v2/app/manifests/1", "");
    client.call("GET", "/v2/Wrong/manifests/1", "");
    client.raw("GET /\001 HTTP/1.1\r\nHost: x\r\n\r\n");
    client.answer(false);

    await().atMost(PATIENCE).untilAsserted(() -> assertThat(log.all()).hasSize(6));
    List<JsonNode> lines = access("");
    assertThat(lines).extracting(line -> line.path("method").asString()).containsExactly("GET", "PUT", "HEAD", "HEAD", "GET", "-");
    assertThat(lines).extracting(line -> line.path("status").asInt()).containsExactly(200, 201, 200, 200, 400, 400);
    assertThat(lines).extracting(line -> line.path("route").asString())
        .containsExactly("Ping", "PutManifest", "GetManifest", "GetManifest", "none", "none");
    assertThat(lines).extracting(line -> line.path("id").asString()).doesNotHaveDuplicates().allMatch(id -> id.matches("[0-9a-f]{32}"));
    assertThat(lines).allMatch(line -> line.path("client").asString().equals("127.0.0.1") && line.path("zone").asString().equals("z1"));
    assertThat(lines).extracting(line -> line.path("identity").asString())
        .containsExactly("anonymous", "anonymous", "anonymous", "anonymous", "", "");
    assertThat(texts(lines.get(0), "user_agent", "referer", "bytes_out", "protocol")).containsExactly("docker/28.0", "http://here/", "2",
        "HTTP/1.1");
    assertThat(lines.get(0).path("ms").asDouble()).isPositive();
    assertThat(texts(lines.get(1), "target", "bytes_in", "bytes_out")).containsExactly("/v2/app/manifests/1?x=y",
        Integer.toString(MANIFEST.length()), "0");
  }

  @Test
  void probesAndNumbersAreOnTheSecondListener() throws IOException {
    assertThat(operator("/livez").status()).isEqualTo(200);
    assertThat(operator("/readyz").body()).isEqualTo("{\"status\":\"ok\"}");
    assertThat(operator("/debug/health")).matches(answer -> answer.status() == 200 && answer.body().equals("{}"));
    assertThat(operator("/numbers", "Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5").body()).endsWith("# EOF\n");
    assertThat(operator("/metrics").status()).isEqualTo(404);
    assertThat(operator("/v2/").status()).isEqualTo(404);
    try (var calls = new Calls(berth.operatorUrl().orElseThrow())) {
      assertThat(calls.call("POST", "/numbers", "")).matches(answer -> answer.status() == 405);
      assertThat(calls.call("HEAD", "/livez", "").field("Content-Length")).hasValue("15");
    }
    assertThat(log.all()).as("operators leave no line").isEmpty();
  }

  @Test
  void whatDoesNotWorkIsNamedWithoutPaths() throws Exception {
    assertThat(client.get("/readyz").status()).isEqualTo(200);
    assertThat(folder.resolve("data/readyz").toFile().delete()).isTrue();
    assertThat(folder.resolve("data/readyz").toFile().mkdir()).isTrue(); // now it can't be written

    await().atMost(PATIENCE).untilAsserted(() -> assertThat(client.get("/readyz").status()).isEqualTo(503));
    assertThat(client.get("/readyz").body()).contains("the data folder can't be written").doesNotContain(folder.toString());
    assertThat(operator("/debug/health")).matches(answer -> answer.status() == 503 && answer.body().contains("\"storage\":"));
    assertThat(numbers().of("berth_ready")).isZero();
    assertThat(client.get("/livez").status()).isEqualTo(200);
    assertThat(client.get("/v2/").status()).isEqualTo(200);

    berth.reload(config.withReadOnly(true));

    await().atMost(PATIENCE)
        .untilAsserted(() -> assertThat(client.get("/readyz").status()).as("nothing needs to be written").isEqualTo(200));
  }

  @Test
  void readOnlyIsSwitchedWhileItRuns() throws IOException {
    client.call("PUT", "/v2/app/manifests/1", MANIFEST, "Content-Type: " + INDEX);
    client.call("POST", "/v2/app/blobs/uploads/?digest=" + DIGEST, BLOB);
    String upload = client.call("POST", "/v2/app/blobs/uploads/", "").field("Location").orElseThrow();
    client.call("PATCH", upload, BLOB);

    berth.reload(config.withReadOnly(true));

    assertThat(client.get("/v2/app/manifests/1").body()).isEqualTo(MANIFEST);
    assertThat(client.get("/v2/app/blobs/" + DIGEST).body()).isEqualTo(BLOB);
    assertThat(client.get("/v2/app/tags/list").status()).isEqualTo(200);
    assertThat(client.get(upload).status()).isEqualTo(204);
    for (String change : List.of("PUT /v2/app/manifests/2", "DELETE /v2/app/manifests/1", "DELETE /v2/app/blobs/" + DIGEST,
        "POST /v2/app/blobs/uploads/", "PATCH " + upload, "PUT " + upload + "?digest=" + DIGEST, "DELETE " + upload,
        "POST /v2/b/blobs/uploads/?mount=" + DIGEST + "&from=app", "DELETE /v2/app/_berth/repository")) {
      String[] words = change.split(" ", 2);
      Answer answer = client.call(words[0], words[1], "");
      assertThat(answer.status()).as(change).isEqualTo(405);
      assertThat(answer.body()).as(change).contains("UNSUPPORTED", "read-only");
    }
    assertThat(numbers().of("berth_read_only")).isEqualTo(1);

    berth.reload(config.withReadOnly(false));

    assertThat(client.call("PUT", upload + "?digest=" + DIGEST, "").status()).as("nothing of the upload is lost").isEqualTo(201);
    assertThat(client.call("DELETE", "/v2/app/manifests/1", "").status()).isEqualTo(202);
    assertThat(numbers().of("berth_read_only")).isZero();
  }

  private static List<String> texts(JsonNode line, String... names) {
    return Stream.of(names).map(name -> line.path(name).asString()).toList();
  }

  @Test
  void noUploadEndsForItsAgeWhileNothingMayBeChanged() throws Exception {
    var purging = new UploadsConfig(true, Duration.ofSeconds(1), Duration.ofMillis(50), 0);
    ServeConfig other = config.withData(folder.resolve("other")).withUploads(purging);
    try (var impatient = Wiring.start(other, log); var calls = new Calls(impatient.url())) {
      String upload = calls.call("POST", "/v2/app/blobs/uploads/", "").field("Location").orElseThrow();
      impatient.reload(other.withReadOnly(true));
      Thread.sleep(1_500);
      assertThat(calls.get(upload).status()).isEqualTo(204);

      impatient.reload(other);

      await().atMost(PATIENCE).untilAsserted(() -> assertThat(calls.get(upload).status()).isEqualTo(404));
    }
  }

  /** The lines about a method, or all. */
  private List<JsonNode> access(String method) {
    await().atMost(PATIENCE).until(() -> log.all().stream().anyMatch(line -> line.contains("\"method\":\"" + method)));
    return log.all().stream().map(line -> {
      try {
        return Json.parse(line.getBytes(StandardCharsets.UTF_8));
      } catch (Json.InvalidJson e) {
        throw new AssertionError(line, e);
      }
    }).filter(line -> method.isEmpty() || line.path("method").asString().equals(method)).toList();
  }
}
