package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.berth.cli.Collector.Span;
import io.berth.config.ListenAddress;
import io.berth.config.LogConfig;
import io.berth.config.ServeConfig;
import io.berth.config.TracingConfig;
import io.berth.config.TracingConfig.Protocol;
import io.berth.ops.Tracing;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Spans of a running registry, as a collector receives them. */
final class TracingTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String CALLER = "00f067aa0ba902b7";
  private static final String PARENT = "traceparent: 00-" + TRACE + "-" + CALLER + "-01";
  private static final int SERVER = 2;
  private static final int ERROR = 2;

  @TempDir private Path folder;

  private final Lines log = new Lines();
  private Collector collector;

  @BeforeEach
  void listen() throws Exception {
    collector = new Collector();
  }

  @AfterEach
  void stop() throws Exception {
    collector.close();
  }

  private Wiring serve(TracingConfig tracing) {
    return Wiring.start(ServeConfig.defaults().withData(folder.resolve("data")).withListen(new ListenAddress.Tcp("127.0.0.1", 0))
        .withTracing(tracing).withLog(
            new LogConfig(LogConfig.Level.INFO, LogConfig.Format.TEXT, Map.of(), Optional.of(LogConfig.AccessFormat.COMBINED))),
        log);
  }

  private TracingConfig to(Protocol protocol, double sampling) {
    return new TracingConfig(Optional.of(URI.create(collector.url())), protocol, sampling, "berth-test");
  }

  @ParameterizedTest
  @EnumSource
  void aSpanForEachRequest(Protocol protocol) throws Exception {
    try (var berth = serve(to(protocol, 1)); var client = new Calls(berth.url())) {
      client.call("PUT", "/v2/team/app/manifests/1?x=y", "{\"schemaVersion\":2,\"manifests\":[]}", "User-Agent: test/1", PARENT,
          "Content-Type: application/vnd.oci.image.index.v1+json");
      client.get("/v2/team/app/manifests/1"); // fills the cache
      client.get("/v2/team/app/manifests/1"); // is answered at once
      client.call("BREW", "/nowhere", "");
    }

    List<Span> requests = collector.spans().stream().filter(span -> span.kind() == SERVER).toList();
    assertThat(requests).extracting(Span::name).containsExactlyInAnyOrder("PUT /v2/{name}/manifests/{reference}",
        "GET /v2/{name}/manifests/{reference}", "GET /v2/{name}/manifests/{reference}", "HTTP");
    assertThat(requests).filteredOn(span -> span.name().equals("HTTP")).singleElement().satisfies(
        span -> assertThat(span.attributes()).containsEntry("http.request.method", "_OTHER").containsEntry("http.request.method_original",
            "BREW"));
    Span push = requests.stream().filter(span -> span.name().startsWith("PUT")).findFirst().orElseThrow();
    assertThat(push.trace()).isEqualTo(TRACE);
    assertThat(push.parent()).isEqualTo(CALLER);
    assertThat(push.service()).isEqualTo("berth-test");
    assertThat(push.attributes()).containsEntry("http.request.method", "PUT")
        .containsEntry("http.route", "/v2/{name}/manifests/{reference}")
        .containsEntry("http.response.status_code", "201").containsEntry("url.path", "/v2/team/app/manifests/1")
        .containsEntry("url.query", "x=y").containsEntry("url.scheme", "http").containsEntry("berth.repository", "team/app")
        .containsEntry("client.address", "127.0.0.1").containsEntry("user_agent.original", "test/1")
        .containsEntry("network.protocol.version", "1.1").containsEntry("http.request.body.size", "34").containsKey("berth.request.id");
    assertThat(collector.spans()).filteredOn(span -> span.name().equals("metadata write")).singleElement()
        .matches(child -> child.parent().equals(push.id()) && child.trace().equals(TRACE));
    assertThat(requests).filteredOn(span -> !span.equals(push)).allMatch(span -> span.parent().isEmpty() && !span.trace().equals(TRACE));
    assertThat(collector.paths()).containsOnly(protocol == Protocol.GRPC ? "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
        : "/v1/traces");
    assertThat(log.all()).hasSize(4).allMatch(line -> line.matches(".* trace=[0-9a-f]{32}"));
    assertThat(log.all().getFirst()).endsWith(" id=" + push.attributes().get("berth.request.id") + " in=34 ms="
        + log.all().getFirst().replaceAll(".* ms=(\\S+) .*", "$1") + " trace=" + TRACE);
  }

  @Test
  void aRequestThatBreaksOffIsAnError() throws Exception {
    try (var berth = serve(to(Protocol.HTTP_PROTOBUF, 1))) {
      try (var client = new Calls(berth.url())) {
        client
            .raw("POST /v2/app/blobs/uploads/?digest=sha256:" + "0".repeat(64) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
        Thread.sleep(200);
      }
      await().atMost(PATIENCE).until(() -> log.all().size() == 1);
    }

    assertThat(collector.spans()).filteredOn(span -> span.kind() == SERVER).singleElement()
        .matches(span -> span.status() == ERROR && span.attributes().get("http.response.status_code").equals("499"));
  }

  @Test
  void theCallerDecidesWhatIsTraced() throws Exception {
    try (var berth = serve(to(Protocol.HTTP_PROTOBUF, 0)); var client = new Calls(berth.url())) {
      client.get("/v2/");
      client.get("/v2/", PARENT);
      client.get("/v2/", "traceparent: nonsense");
    }

    assertThat(collector.spans()).filteredOn(span -> span.kind() == SERVER).singleElement().matches(span -> span.trace().equals(TRACE));
  }

  @Test
  void aCollectorThatIsNotThereHoldsNobodyUp() throws Exception {
    collector.close();
    long begun = System.nanoTime();
    try (var berth = serve(to(Protocol.GRPC, 1)); var client = new Calls(berth.url())) {
      for (int i = 0; i < 5_000; i++) {
        assertThat(client.get("/v2/").status()).isEqualTo(200);
      }
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(PATIENCE);
    collector = new Collector();
  }

  @Test
  void itIsOffUnlessSomebodyWantsIt() {
    var unstated = new TracingConfig(Optional.empty(), Protocol.HTTP_PROTOBUF, 1, "berth");

    assertThat(Tracing.start(unstated, Map.of())).isEmpty();
    assertThat(Tracing.start(unstated, Map.of("OTEL_SERVICE_NAME", "x"))).isEmpty();
    assertThat(Tracing.start(unstated, Map.of("OTEL_TRACES_EXPORTER", "none", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://x"))).isEmpty();
    assertThat(Tracing.start(to(Protocol.GRPC, 1), Map.of("OTEL_SDK_DISABLED", "true"))).isEmpty();
    try (var tracing = Tracing.start(unstated, Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())).orElseThrow()) {
      assertThat(tracing).isNotNull();
    }
  }
}
