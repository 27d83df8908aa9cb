package io.berth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.berth.http.engine.TestCertificate;
import io.berth.oci.Documents;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program as a client of itself, by TLS with a certificate of its own. */
final class CommandsIT {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path folder;

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void endProcesses() {
    processes.forEach(Process::destroyForcibly);
  }

  @Test
  void tagsCopiesAndGraphsAreAskedForByTls() throws Exception {
    TestCertificate certificate = TestCertificate.selfSigned(folder, "own");
    Path ca = Files.writeString(folder.resolve("cert.pem"), certificate.certificatePem());
    Path key = Files.writeString(folder.resolve("key.pem"), certificate.keyPem());
    Process server = start("server", "serve", "--data", folder.resolve("data").toString(), "--listen", "127.0.0.1:0", "--tls-cert",
        ca.toString(), "--tls-key", key.toString());
    await().atMost(PATIENCE).until(() -> said("server").contains("READY ") && said("server").endsWith("\n") || !server.isAlive());
    URI registry = URI.create(said("server").substring(said("server").indexOf("READY ") + 6).strip());
    push(registry, certificate);
    String host = registry.getRawAuthority();
    String[] trusting = {"--tls-ca", ca.toString(), "--authfile", Files.writeString(folder.resolve("nobody.json"), "{}").toString()};

    assertThat(run(0, "tag", "show", host + "/team/base:1.0", trusting[0], trusting[1], trusting[2], trusting[3]))
        .contains("team/base:1.0");
    assertThat(run(0, "copy", host + "/team/base:1.0", host + "/team/app:2.0", trusting[0], trusting[1], trusting[2], trusting[3]))
        .contains("1 manifests and 1 blobs");
    assertThat(run(0, "graph", host + "/team/app:2.0", trusting[0], trusting[1], trusting[2], trusting[3]))
        .contains("tagged 2.0", "points at\n`-- config");
    assertThat(run(1, "graph", "--registry", registry.toString(), host + "/team/app:2.0", trusting[2], trusting[3]))
        .contains("is not believed to be what it says", "--tls-ca").doesNotContain("\tat ");
    assertThat(run(2, "graph", "--plain-http", host + "/team/app:2.0", trusting[0], trusting[1])).contains("--tls-ca is for https");
  }

  private static void push(URI registry, TestCertificate certificate) throws Exception {
    String manifest = Documents.image("{}");
    try (var client = HttpClient.newBuilder().sslContext(certificate.client(null)).build()) {
      for (String[] request : new String[][] {{"POST", "blobs/uploads/?digest=" + Documents.digest("{}"), "{}"},
        {"PUT", "manifests/1.0", manifest}}) {
        var answer = client.send(HttpRequest.newBuilder(registry.resolve("/v2/team/base/" + request[1]))
            .header("Content-Type", request[0].equals("PUT") ? Documents.MANIFEST : "application/octet-stream")
            .method(request[0], HttpRequest.BodyPublishers.ofString(request[2])).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
      }
    }
  }

  private String run(int status, String... arguments) throws Exception {
    Process process = start("command", arguments);
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said("command")).isEqualTo(status);
    return said("command");
  }

  private Process start(String output, String... arguments) throws IOException {
    var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-Xmx256m", "-jar",
        System.getProperty("berth.jar")));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
        .redirectOutput(folder.resolve(output).toFile()).start();
    processes.add(process);
    return process;
  }

  private String said(String output) throws IOException {
    return Files.readString(folder.resolve(output));
  }
}
