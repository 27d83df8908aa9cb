package io.berth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.berth.http.engine.TestCertificate;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as it is shipped, {@code java -jar berth.jar}: how it starts, ends, refuses, and comes back from a crash. */
final class PackagedProgramIT {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** An exit code of 128 + 15 says that SIGTERM ended the process. */
  private static final int TERMINATED = 143;

  @TempDir private Path folder;

  private final List<Process> processes = new ArrayList<>();
  private final Map<String, String> environment = new HashMap<>();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void endProcesses() {
    processes.forEach(Process::destroyForcibly);
    client.close();
  }

  @Test
  void saysWhenItIsReadyAndServes() throws Exception {
    URI server = serve();
    byte[] blob = random(100_000);
    String manifest = "{\"schemaVersion\":2,\"manifests\":[]}";

    assertThat(get(server, "/v2/").statusCode()).isEqualTo(200);
    assertThat(send(server, "POST", "/v2/app/blobs/uploads/?digest=" + digest(blob), blob).statusCode()).isEqualTo(201);
    assertThat(get(server, "/v2/app/blobs/" + digest(blob)).body()).isEqualTo(blob);
    assertThat(client.send(HttpRequest.newBuilder(server.resolve("/v2/app/manifests/1"))
        .header("Content-Type", "application/vnd.oci.image.index.v1+json").PUT(BodyPublishers.ofString(manifest)).build(),
        BodyHandlers.discarding()).statusCode()).isEqualTo(201);
    assertThat(get(server, "/v2/app/manifests/1").body()).asString(US_ASCII).isEqualTo(manifest);
  }

  @Test
  void anUploadGoesOnAfterTheProcessWasKilled() throws Exception {
    URI first = serve();
    byte[] blob = random(3_000_000);
    String upload = send(first, "POST", "/v2/app/blobs/uploads/", new byte[0]).headers().firstValue("Location").orElseThrow();
    send(first, "PATCH", upload, Arrays.copyOf(blob, 1_000_000));
    try (var socket = new Socket(first.getHost(), first.getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          ("PATCH " + upload + " HTTP/1.1\r\nHost: " + first.getAuthority() + "\r\nTransfer-Encoding: chunked\r\n\r\n").getBytes(US_ASCII));
      out.write((Integer.toHexString(1_000_000) + "\r\n").getBytes(US_ASCII));
      out.write(blob, 1_000_000, 500_000);
      out.flush();
      await().atMost(PATIENCE).until(() -> received(first, upload) == 1_500_000);
      kill(processes.getLast());
    }

    URI second = serve();

    assertThat(received(second, upload)).isEqualTo(1_500_000);
    assertThat(client.send(HttpRequest.newBuilder(second.resolve(upload)).header("Content-Range", "1500000-2499999")
        .method("PATCH", BodyPublishers.ofByteArray(blob, 1_500_000, 1_000_000)).build(), BodyHandlers.discarding()).statusCode())
        .isEqualTo(202);
    assertThat(send(second, "PUT", upload + "?digest=" + digest(blob), Arrays.copyOfRange(blob, 2_500_000, 3_000_000)).statusCode())
        .isEqualTo(201);
    assertThat(get(second, "/v2/app/blobs/" + digest(blob)).body()).isEqualTo(blob);
  }

  @Test
  void whatIsAcknowledgedOutlivesTheProcess() throws Exception {
    URI first = serve();
    byte[] blob = random(1_000);
    send(first, "POST", "/v2/app/blobs/uploads/?digest=" + digest(blob), blob);
    kill(processes.getLast());

    assertThat(get(serve(), "/v2/app/blobs/" + digest(blob)).body()).isEqualTo(blob);
  }

  @Test
  void aProcessThatIsKilledLeavesNothingInTheTemporaryFolder() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("temporary"));
    environment.put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary);
    for (int i = 0; i < 2; i++) {
      serve();
      kill(processes.getLast());
    }
    assertThat(temporary).isEmptyDirectory();
    assertThat(folder.resolve("data/native")).isNotEmptyDirectory();
  }

  @Test
  void endsCleanlyWhenItIsTold() throws Exception {
    serve();
    Process process = processes.getLast();

    process.destroy();

    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("ends in time").isTrue();
    assertThat(process.exitValue()).isIn(0, TERMINATED);
    assertThat(errors()).doesNotContain("Exception", "\tat ", "ERROR");
  }

  @Test
  void aSecondSignalEndsItAtOnce() throws Exception {
    URI server = serve();
    Process process = processes.getLast();
    String upload = send(server, "POST", "/v2/app/blobs/uploads/", new byte[0]).headers().firstValue("Location").orElseThrow();
    try (var busy = new Socket(server.getHost(), server.getPort())) {
      busy.getOutputStream().write(("PATCH " + upload + " HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhello").getBytes(US_ASCII));
      await().atMost(PATIENCE).until(() -> received(server, upload) == 5);

      process.destroy();
      await().atMost(PATIENCE).until(() -> errors().contains("TERM received: stopping when what is under way has ended"));
      assertThat(process.waitFor(500, TimeUnit.MILLISECONDS)).as("ends before the upload does").isFalse();
      process.destroy();

      assertThat(process.waitFor(5, TimeUnit.SECONDS)).as("ends at once").isTrue();
      assertThat(process.exitValue()).isEqualTo(TERMINATED);
    }
  }

  @Test
  void speaksTlsAndTakesANewCertificateAtAHangUp() throws Exception {
    TestCertificate first = TestCertificate.selfSigned(folder, "first");
    TestCertificate second = TestCertificate.selfSigned(folder, "second");
    Path certificate = Files.writeString(folder.resolve("cert.pem"), first.certificatePem());
    Path key = Files.writeString(folder.resolve("key.pem"), second.keyPem());
    String[] tls = {"--listen", "127.0.0.1:0", "--tls-cert", certificate.toString(), "--tls-key", key.toString()};
    refused(1, "is not the key of the certificate", "serve", tls[0], tls[1], tls[2], tls[3], tls[4], tls[5]);

    Files.writeString(key, first.keyPem());
    URI server = URI.create(serve(tls).toString().replace("127.0.0.1", "localhost"));
    assertThat(server.getScheme()).isEqualTo("https");
    for (TestCertificate current : List.of(first, second)) {
      Files.writeString(certificate, current.certificatePem());
      Files.writeString(key, current.keyPem());
      hangUp(processes.getLast().pid());
      await().atMost(PATIENCE).ignoreExceptions().until(() -> {
        try (var trusting = HttpClient.newBuilder().sslContext(current.client(null)).build()) {
          HttpResponse<Void> answer = trusting.send(HttpRequest.newBuilder(server.resolve("/v2/")).build(), BodyHandlers.discarding());
          return answer.statusCode() == 200 && answer.version() == HttpClient.Version.HTTP_2;
        }
      });
    }
  }

  @Test
  void twoProcessesDoNotShareAFolder() throws Exception {
    URI first = serve();

    refused(1, "another Berth is running on", "serve", "--data", folder.resolve("data").toString(), "--listen", "127.0.0.1:0");

    assertThat(get(first, "/v2/").statusCode()).isEqualTo(200);
  }

  @Test
  void everyoneIsLetInOnlyIfTheOperatorSaysSo() throws Exception {
    refused(1, "--htpasswd FILE", "serve", "--data", folder.resolve("data").toString(), "--listen", "0.0.0.0:0");
    assertThat(folder.resolve("data")).doesNotExist();

    URI server = serve("--listen", "0.0.0.0:0", "--auth", "none");

    assertThat(get(URI.create("http://127.0.0.1:" + server.getPort()), "/v2/").statusCode()).isEqualTo(200);
  }

  @Test
  void theVolumeOfAnotherRegistryIsLeftAlone() throws Exception {
    Path volume = folder.resolve("volume");
    Files.createDirectories(volume.resolve("docker/registry/v2/repositories/app"));

    refused(1, "the volume of a Distribution registry", "serve", "--data", volume.toString(), "--listen", "127.0.0.1:0");

    try (var files = Files.list(volume)) {
      assertThat(files).containsExactly(volume.resolve("docker"));
    }
  }

  @Test
  void wrongUsageIsToldApart() throws Exception {
    refused(2, "--colour", "serve", "--colour", "blue");
    refused(2, "--listen", "serve", "--listen", "nowhere");
    refused(2, "--auth", "serve", "--auth", "everyone");
    refused(2, "contradict", "serve", "--auth", "none", "--htpasswd", "users");
    refused(2, "--upload-idle", "serve", "--upload-idle", "0");
    refused(2, "--chunk-min-length", "serve", "--chunk-min-length", "0");
    refused(2, "--namespace", "serve", "--namespace", "docker.io=Not/A/Name");
    refused(2, "nonsense", "nonsense");
  }

  @Test
  void aHangUpReadsTheConfigurationAgain() throws Exception {
    Path file = Files.writeString(folder.resolve("config.yml"), "version: 0.1\nhttp: {addr: '127.0.0.1:0'}\nhttp2: {}\n");
    refused(1, "config.yml:3:1: no setting is called 'http2'", "serve", file.toString());

    Files.writeString(file, "version: 0.1\n");
    URI server = serve(file.toString(), "--listen", "127.0.0.1:0");
    long pid = processes.getLast().pid();
    assertThat(send(server, "POST", "/v2/app/blobs/uploads/", new byte[0]).statusCode()).isEqualTo(202);

    Files.writeString(file, "storage: {maintenance: {readonly: {enabled: true}}}\n");
    hangUp(pid);
    await().atMost(PATIENCE).until(() -> send(server, "POST", "/v2/app/blobs/uploads/", new byte[0]).statusCode() == 405);

    Files.writeString(file, "storage: {maintenance: {readonly: {enabled: maybe}}}\n");
    hangUp(pid);
    await().atMost(PATIENCE)
        .until(() -> errors().contains("config.yml:1:45: storage.maintenance.readonly.enabled: expected true or false"));
    assertThat(send(server, "POST", "/v2/app/blobs/uploads/", new byte[0]).statusCode()).isEqualTo(405);
    assertThat(processes.getLast().isAlive()).isTrue();
  }

  private static void hangUp(long pid) throws Exception {
    assertThat(new ProcessBuilder("kill", "-HUP", Long.toString(pid)).start().waitFor()).isZero();
  }

  @Test
  void theEnvironmentSetsWhatNoFlagDoes() throws Exception {
    environment.put("REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED", "true");
    environment.put("REGISTRY_PORT_5000_TCP", "tcp://10.96.0.7:5000");
    environment.put("REGISTRY_HTTP_ADR", ":1");

    URI server = serve();

    assertThat(send(server, "POST", "/v2/app/blobs/uploads/", new byte[0]).statusCode()).isEqualTo(405);
    assertThat(errors()).contains("REGISTRY_HTTP_ADR: no setting is called so").doesNotContain("5000_TCP");
  }

  @Test
  void aPasswordFileThatCannotBeUsedIsNamed() throws Exception {
    Path file = folder.resolve("users");
    String[] serve = {"serve", "--data", folder.resolve("data").toString(), "--listen", "127.0.0.1:0", "--htpasswd", file.toString()};

    refused(1, file.toString(), serve);
    Files.writeString(file, "");
    refused(1, file + ": the password file has no user", serve);
    Files.writeString(file, "# users\nalice:secret\n");
    refused(1, file + ":2: expected <user>:<bcrypt hash>", serve);
    Files.write(file, new byte[] {(byte) 0xff});
    refused(1, file + ": the password file can't be read", serve);
    Files.delete(file);
    Files.createDirectory(file);
    refused(1, file + ": the password file can't be read", serve);
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    URI first = serve();

    refused(1, "can't listen on " + first.getAuthority(), "serve", "--data", folder.resolve("other").toString(), "--listen",
        first.getAuthority());
  }

  @Test
  void saysWhatItCanDo() throws Exception {
    assertThat(run("--help").waitFor()).isZero();
    assertThat(output()).contains("serve");
    assertThat(run("serve", "--help").waitFor()).isZero();
    assertThat(output()).contains("--data", "--listen", "--htpasswd", "--auth");
    assertThat(run("--version").waitFor()).isZero();
    assertThat(output()).startsWith("berth ");
  }

  /** Starts a server on the folder {@code data} and waits until it says that it is ready. */
  private URI serve(String... more) throws IOException {
    var arguments = new ArrayList<>(List.of("serve", "--data", folder.resolve("data").toString()));
    arguments.addAll(more.length > 0 ? List.of(more) : List.of("--listen", "127.0.0.1:0"));
    Process process = run(arguments.toArray(String[]::new));
    await().atMost(PATIENCE).until(() -> output().contains("READY ") && output().endsWith("\n") || !process.isAlive());
    assertThat(output()).as(errors()).matches("(?s)(.*\n)?READY https?://\\S+:\\d+\n");
    return URI.create(output().substring(output().indexOf("READY ") + 6).strip());
  }

  /** Runs it, and expects that it ends at once with an exit code and a sentence, not with a stack trace. */
  private void refused(int exitCode, String sentence, String... arguments) throws Exception {
    Process process = run(arguments);

    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("%s ends", List.of(arguments)).isTrue();
    assertThat(process.exitValue()).as("exit code of %s: %s", List.of(arguments), errors()).isEqualTo(exitCode);
    assertThat(errors()).contains(sentence).doesNotContain("\tat ");
    assertThat(output()).doesNotContain("READY");
  }

  private Process run(String... arguments) throws IOException {
    var command =
        new ArrayList<>(List.of("env", "--default-signal=HUP", // which whoever runs the tests may ignore (nohup)
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow", "-Xmx256m", "-jar", System.getProperty("berth.jar")));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectOutput(folder.resolve("output").toFile())
        .redirectError(folder.resolve("errors").toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("REGISTRY_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output"));
  }

  private String errors() throws IOException {
    return Files.readString(folder.resolve("errors"));
  }

  private static void kill(Process process) throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  private HttpResponse<byte[]> get(URI server, String path) throws Exception {
    return client.send(HttpRequest.newBuilder(server.resolve(path)).build(), BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> send(URI server, String method, String path, byte[] body) throws Exception {
    return client.send(HttpRequest.newBuilder(server.resolve(path)).method(method, BodyPublishers.ofByteArray(body)).build(),
        BodyHandlers.ofByteArray());
  }

  private int received(URI server, String upload) throws Exception {
    HttpResponse<byte[]> status = get(server, upload);
    assertThat(status.statusCode()).isEqualTo(204);
    return Integer.parseInt(status.headers().firstValue("Range").orElseThrow().substring("0-".length())) + 1;
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  private static String digest(byte[] bytes) throws Exception {
    return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
