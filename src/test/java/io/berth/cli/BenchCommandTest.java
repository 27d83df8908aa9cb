package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.berth.bench.Workload;
import io.berth.config.ListenAddress;
import io.berth.config.ServeConfig;
import io.berth.oci.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code berth bench} as it is called, against registries in this process. */
final class BenchCommandTest {

  @TempDir Path folder;

  /** What a call came to. */
  private record Result(int status, String out, String err) {

    JsonNode json() throws Json.InvalidJson {
      return Json.parse(out.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static Result bench(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    List<String> all = new ArrayList<>(List.of("bench"));
    all.addAll(Arrays.asList(arguments));
    int status = Berth.command()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
    return new Result(status, out.toString(), err.toString());
  }

  private Wiring berth() {
    return Wiring.start(ServeConfig.defaults().withData(folder.resolve("data")).withListen(ListenAddress.parse("127.0.0.1:0")));
  }

  @Test
  void everyWorkloadRunsAgainstBerthWithoutAnError() throws Exception {
    try (Wiring berth = berth()) {
      Result result = bench("berth=" + berth.url(), "--duration", "300ms", "--warm-up", "100ms", "--connections", "4", "--size", "2M",
          "--tags", "250", "--rounds", "2", "--durability", "berth=every 201 is synced", "--pid", "berth=" + ProcessHandle.current().pid(),
          "--json", "-");

      assertThat(result.status()).as(result.out() + result.err()).isZero();
      JsonNode report = result.json();
      assertThat(report.path("clean").booleanValue()).isTrue();
      assertThat(report.path("notes")).as("what could not be deleted").isEmpty();
      assertThat(report.path("results")).hasSize(Workload.values().length).allSatisfy(r -> {
        assertThat(r.path("status").asString()).as(r.toString()).isEqualTo("measured");
        assertThat(r.path("durability").asString()).isEqualTo("every 201 is synced");
        assertThat(r.path("operationsPerSecond").doubleValue()).isPositive();
        assertThat(r.path("ratio").doubleValue()).isEqualTo(1);
        assertThat(r.path("rounds")).hasSize(2).allSatisfy(round -> {
          assertThat(round.path("operations").longValue()).isPositive();
          assertThat(round.path("errors")).isEmpty();
          assertThat(round.path("peakMemoryBytes").longValue()).isPositive();
        });
      });
    }
  }

  @Test
  void largePushesInChunksSmallOnesIntoOneRepositoryAndAnOpenLoopRunToo() throws Exception {
    try (Wiring berth = berth()) {
      Result result =
          bench(berth.url(), "-w", "push-blob,push-small,mixed", "--one-repository", "--chunk", "300K", "--size", "1M", "--rate",
              "50", "-d", "500ms", "--warm-up", "0", "-c", "2", "--json", "-");

      assertThat(result.status()).as(result.out() + result.err()).isZero();
      assertThat(result.json().path("results")).hasSize(3)
          .allSatisfy(r -> assertThat(r.path("rounds").path(0).path("operations").longValue()).as("operations due in half a second")
              .isEqualTo(25));
    }
  }

  @Test
  void theTableFitsAHundredColumnsAndTheJsonGoesToAFile() throws Exception {
    Path file = folder.resolve("report.json");
    try (Wiring berth = berth()) {
      String port = berth.url().substring("http://127.0.0.1:".length());
      Result result = bench("ours=" + berth.url(), "again=localhost:" + port, "-w", "pull-tag,mixed", "-n", "30", "-c", "3", "--warm-up",
          "0",
          "--durability", "ours=synced, and told at such a length that it can't stand in its column, nor indeed in any line of a hundred",
          "--json", file.toString());

      assertThat(result.status()).as(result.out() + result.err()).isZero();
      assertThat(result.out()).contains("pull-tag: ", "ours ", "again ", "ops/s", "p99.9", "  push");
      assertThat(result.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
      JsonNode first = Json.parse(Files.readAllBytes(file)).path("results").path(0);
      assertThat(first.path("rounds").path(0).path("operations").longValue()).isEqualTo(30);
      assertThat(first.path("latency").propertyNames()).containsExactly("p50", "p90", "p99", "p99.9", "max");
    }
  }

  @Test
  void errorsAreCountedAndMakeTheStatusOne() throws Exception {
    try (var broken = new Answering(false)) {
      Result result = bench(broken.url(), "-w", "pull-tag,push-small", "-n", "20", "-c", "2", "--warm-up", "0", "--json", "-");

      assertThat(result.status()).isEqualTo(1);
      assertThat(result.json().path("clean").booleanValue()).isFalse();
      assertThat(result.json().path("results")).hasSize(2).allSatisfy(r -> assertThat(r.path("status").asString()).isEqualTo("failed"));
    }
    try (var breaking = new Answering(true)) {
      Result result = bench(breaking.url(), "-w", "push-small", "-n", "20", "-c", "2", "--warm-up", "0");

      assertThat(result.status()).isEqualTo(1);
      assertThat(result.out()).contains("ERRORS: 20 (20 x POST of an upload answered 500)");
    }
  }

  @Test
  void whatARegistryDoesNotOfferIsNoError() throws Exception {
    try (var elsewhere = new Answering(false, 405)) {
      Result result = bench(elsewhere.url(), "-w", "mount", "-d", "100ms");

      assertThat(result.status()).isZero();
      assertThat(result.out()).contains("not supported: POST of an upload answered 405");
    }
  }

  @Test
  void anotherMachineIsNotLoadedUnlessThatIsSaid() {
    Result result = bench("192.0.2.1:5000", "-n", "1");

    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err()).contains("192.0.2.1:5000 is not this machine", "--allow-remote");
  }

  @Test
  void wrongOptionsAreRefusedInWords() {
    String url = "127.0.0.1:1";
    assertThat(bench(url, "-w", "dance").err()).contains("no workload is called 'dance'", "pull-tag");
    assertThat(bench(url, "-c", "0").err()).contains("connections: 1 to 1024");
    assertThat(bench(url, "-d", "soon").err()).contains("--duration: expected a time");
    assertThat(bench(url, "--size", "3").err()).contains("at least 32 bytes");
    assertThat(bench(url, "--pid", "x=1").err()).contains("--pid: no target is called 'x'");
    assertThat(bench(url, url).err()).contains("two targets have the same name");
    assertThat(bench("https://" + url).err()).contains("plain HTTP only");
    assertThat(bench(url, "--rounds", "0").status()).isEqualTo(2);
    assertThat(bench().status()).isEqualTo(2);
  }

  /** A server that answers everything with an error, at once or after it has let one push through. */
  private static final class Answering implements AutoCloseable {

    private final HttpServer server;
    private int left;

    Answering(boolean firstPushPasses) throws IOException {
      this(firstPushPasses, 500);
    }

    Answering(boolean firstPushPasses, int error) throws IOException {
      left = firstPushPasses ? 5 : 0; // POST, PUT, POST, PUT, PUT
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/", exchange -> {
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().set("Location", "/v2/upload");
        exchange.sendResponseHeaders(left-- > 0 ? exchange.getRequestMethod().equals("POST") ? 202 : 201 : error, -1);
        exchange.close();
      });
      server.start();
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
