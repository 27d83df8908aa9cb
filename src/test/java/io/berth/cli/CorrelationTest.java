package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.berth.cli.Collector.Span;
import io.berth.config.ListenAddress;
import io.berth.config.LogConfig;
import io.berth.config.ServeConfig;
import io.berth.config.TracingConfig;
import io.berth.oci.Json;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What clients say that a request is about, wherever the request is told of. */
@Timeout(120)
final class CorrelationTest {

  private static final String INDEX = "{\"schemaVersion\":2,\"manifests\":[]}";
  private static final String TYPE = "Content-Type: application/vnd.oci.image.index.v1+json";
  private static final String REFERENCE = "r.example/team/app:1.0";
  private static final int SERVER = 2;

  @TempDir private Path folder;

  private final Lines log = new Lines();

  private Wiring serve(TracingConfig tracing) {
    return Wiring.start(ServeConfig.defaults().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0))
        .withTracing(tracing)
        .withLog(new LogConfig(LogConfig.Level.INFO, LogConfig.Format.TEXT, Map.of(), Optional.of(LogConfig.AccessFormat.JSON))), log);
  }

  private List<JsonNode> lines(int count) {
    await().atMost(Duration.ofSeconds(20)).until(() -> log.all().size() == count);
    return json(log.all());
  }

  private List<JsonNode> audit() throws Exception {
    return json(Files.readAllLines(folder.resolve("data/audit/audit-00000001.jsonl"))).stream().filter(line -> line.has("method")).toList();
  }

  private static List<JsonNode> json(List<String> lines) {
    return lines.stream().map(line -> {
      try {
        return Json.parse(line.getBytes(StandardCharsets.UTF_8));
      } catch (Json.InvalidJson e) {
        throw new AssertionError(line, e);
      }
    }).toList();
  }

  @Test
  void aReferenceIsInAccessLogAuditAndTrace() throws Exception {
    var collector = new Collector();
    try (var berth = serve(new TracingConfig(Optional.of(URI.create(collector.url())), TracingConfig.Protocol.GRPC, 1, "berth"));
        var client = new Calls(berth.url())) {
      client.call("PUT", "/v2/team/app/manifests/1.0", INDEX, TYPE, "OCI-Ref: " + REFERENCE);
      client.get("/v2/team/app/manifests/1.0", "OCI-Ref: " + REFERENCE, "Docker-Manifest-Tag: 1.0");
      client.get("/v2/team/app/manifests/1.0");
    }

    assertThat(lines(3)).extracting(line -> line.path("reference").asString("")).containsExactly(REFERENCE, REFERENCE + ", :1.0", "");
    assertThat(audit()).singleElement().matches(line -> line.path("references").asString().equals(REFERENCE));
    List<Span> requests = collector.spans().stream().filter(span -> span.kind() == SERVER).toList();
    assertThat(requests).extracting(span -> span.attributes().getOrDefault("berth.reference", ""))
        .containsExactlyInAnyOrder(REFERENCE, REFERENCE + ", :1.0", "");
    collector.close();
  }

  @Test
  void whatCantBeReadOrIsTooMuchIsNowhere() throws Exception {
    try (var berth = serve(ServeConfig.defaults().tracing()); var client = new Calls(berth.url())) {
      client.call("PUT", "/v2/team/app/manifests/1.0", INDEX, TYPE, "OCI-Ref: \"\\u001b[31m forged");
      client.call("PUT", "/v2/team/app/manifests/1.0", INDEX, TYPE, "OCI-Ref: " + (REFERENCE + "x".repeat(100) + ",").repeat(100));
    }

    assertThat(log.all()).allMatch(line -> !line.contains("forged"));
    List<String> said = lines(2).stream().map(line -> line.path("reference").asString("")).toList();
    assertThat(said.getFirst()).isEmpty();
    assertThat(said.getLast()).startsWith(REFERENCE).hasSizeLessThanOrEqualTo(512);
    assertThat(audit()).hasSize(2).extracting(line -> line.path("references").asString(""))
        .allMatch(references -> references.length() <= 512);
  }
}
