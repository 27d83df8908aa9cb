package io.berth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator of the packaged program sees: one line a request on standard error, and a second listener. */
final class OperatorsIT {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Pattern OPERATORS = Pattern.compile("health and metrics for operators: (http://\\S+)");

  @TempDir private Path folder;

  private final HttpClient client = HttpClient.newHttpClient();
  private Process process;

  @AfterEach
  void end() {
    process.destroyForcibly();
    client.close();
  }

  @Test
  void linesNumbersAndReadOnly() throws Exception {
    URI server = serve("serve", "--data", folder.resolve("data").toString(), "--listen", "127.0.0.1:0", "--debug-listen", "127.0.0.1:0",
        "--read-only");
    Matcher operators = OPERATORS.matcher(errors());
    assertThat(operators.find()).as(errors()).isTrue();

    for (int i : IntStream.range(0, 20).toArray()) {
      assertThat(send(server, "GET", "/v2/?" + i).statusCode()).isEqualTo(200);
    }
    assertThat(send(server, "POST", "/v2/app/blobs/uploads/").statusCode()).isEqualTo(405);
    URI second = URI.create(operators.group(1));
    assertThat(send(second, "GET", "/readyz").statusCode()).isEqualTo(200);
    assertThat(send(second, "GET", "/metrics").body())
        .contains("berth_http_requests_total{class=\"2xx\",code=\"200\",method=\"GET\",route=\"Ping\"} 20.0", "berth_read_only 1.0",
            "berth_build_info{java=")
        .contains("version=\"0.1.0\"");
    process.destroy();

    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    List<String> lines = errors().lines().filter(line -> line.contains(" HTTP/1.1\" ")).toList();
    assertThat(lines).hasSize(21).allMatch(line -> line.startsWith("127.0.0.1 - anonymous [") && line.contains("\"Java-http-client/"));
    assertThat(lines.getLast()).contains("\"POST /v2/app/blobs/uploads/ HTTP/1.1\" 405 ");
    assertThat(Files.readString(folder.resolve("output"))).isEqualTo("READY " + server + "\n");
  }

  @Test
  void asTheConfigurationWantsIt() throws Exception {
    Path file = Files.writeString(folder.resolve("config.yml"), """
        version: 0.1
        log:
          formatter: json
          fields: {zone: z1}
          accesslog: {format: json}
        storage:
          filesystem: {rootdirectory: data}
        http:
          addr: 127.0.0.1:0
          debug:
            addr: 127.0.0.1:0
        """);
    URI server = serve("serve", file.toString());
    Matcher operators = OPERATORS.matcher(errors());
    assertThat(operators.find()).as(errors()).isTrue();
    URI second = URI.create(operators.group(1).replaceAll("\".*", ""));

    assertThat(send(server, "GET", "/v2/").statusCode()).isEqualTo(200);
    assertThat(send(second, "GET", "/metrics").statusCode()).as("nobody asked for them").isEqualTo(404);
    assertThat(send(second, "GET", "/debug/health").body()).isEqualTo("{}");

    await().atMost(PATIENCE).until(() -> errors().contains("\"logger\":\"access\""));
    assertThat(errors().lines())
        .allMatch(line -> line.startsWith("{\"time\":\"") && line.contains("\"zone\":\"z1\"") && line.endsWith("}"));
  }

  private URI serve(String... arguments) throws IOException {
    var command = IntStream.range(0, arguments.length + 5).mapToObj(i -> switch (i) {
      case 0 -> Path.of(System.getProperty("java.home"), "bin", "java").toString();
      case 1 -> "--enable-native-access=ALL-UNNAMED";
      case 2 -> "--sun-misc-unsafe-memory-access=allow";
      case 3 -> "-jar";
      case 4 -> System.getProperty("berth.jar");
      default -> arguments[i - 5];
    }).toList();
    process = new ProcessBuilder(command).directory(folder.toFile()).redirectOutput(folder.resolve("output").toFile())
        .redirectError(folder.resolve("errors").toFile()).start();
    Path output = folder.resolve("output");
    await().atMost(PATIENCE).until(() -> Files.readString(output).endsWith("\n") || !process.isAlive());
    assertThat(Files.readString(output)).as(errors()).startsWith("READY ");
    return URI.create(Files.readString(output).substring("READY ".length()).strip());
  }

  private String errors() throws IOException {
    return Files.readString(folder.resolve("errors"));
  }

  private HttpResponse<String> send(URI server, String method, String path) throws Exception {
    return client.send(HttpRequest.newBuilder(server.resolve(path)).method(method, BodyPublishers.noBody()).build(),
        BodyHandlers.ofString());
  }
}
