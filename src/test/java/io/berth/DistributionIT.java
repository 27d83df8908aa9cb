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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program in the place of CNCF Distribution: with the configuration file of its images, and with its environment variables. */
final class DistributionIT {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** The password is "open sesame". */
  private static final String ALICE = "alice:$2y$05$0Y60bH8jvMJ6lInjxIY2suSmOqFL49nC5AUAwwQ3Gcl/FgkfIYhqO\n";

  @TempDir private Path folder;

  private final Map<String, String> environment = new HashMap<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private Path stock;
  private Process process;

  @BeforeEach
  void bringTheFile() throws Exception {
    stock = folder.resolve("config.yml");
    try (var text = DistributionIT.class.getResourceAsStream("/config/distribution-stock.yml")) {
      Files.write(stock, text.readAllBytes());
    }
    Files.writeString(folder.resolve("htpasswd"), ALICE);
  }

  @AfterEach
  void end() {
    process.destroyForcibly();
    client.close();
  }

  /** What differs from machine to machine comes from the environment, as it does where Distribution runs in a container. */
  @Test
  void itsStockFileAndEnvironmentStartTheServer() throws Exception {
    environment.put("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", folder.resolve("data").toString());
    environment.put("REGISTRY_HTTP_ADDR", "127.0.0.1:0");
    environment.put("REGISTRY_AUTH_HTPASSWD_PATH", folder.resolve("htpasswd").toString());
    environment.put("REGISTRY_AUTH_HTPASSWD_REALM", "Registry Realm");
    environment.put("REGISTRY_STORAGE_DELETE_ENABLED", "false");
    environment.put("REGISTRY_HTTP_HEADERS_X-Site", "[harbour]");

    URI server = serve("serve", stock.toString());

    HttpResponse<Void> stranger = send(server, "GET", "/v2/", "");
    assertThat(stranger.statusCode()).isEqualTo(401);
    assertThat(stranger.headers().firstValue("WWW-Authenticate").orElseThrow()).contains("Registry Realm");
    assertThat(stranger.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(stranger.headers().firstValue("X-Site")).contains("harbour");
    assertThat(send(server, "GET", "/v2/", "alice:open sesame").statusCode()).isEqualTo(200);
    assertThat(send(server, "PUT", "/v2/app/manifests/1", "alice:open sesame").statusCode()).isEqualTo(201);
    assertThat(send(server, "DELETE", "/v2/app/manifests/1", "alice:open sesame").statusCode()).isEqualTo(405);
    assertThat(errors()).contains("storage.cache: ignored", "health.storagedriver: ignored").doesNotContain("WARN");
    assertThat(folder.resolve("data/metadata.db")).exists();
  }

  /** Without any file, as with {@code docker run -e}. */
  @Test
  void itsEnvironmentAloneStartsTheServer() throws Exception {
    environment.put("REGISTRY_AUTH", "htpasswd");
    environment.put("REGISTRY_AUTH_HTPASSWD_REALM", "Registry Realm");
    environment.put("REGISTRY_AUTH_HTPASSWD_PATH", folder.resolve("htpasswd").toString());
    environment.put("REGISTRY_STORAGE", "filesystem");
    environment.put("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", folder.resolve("data").toString());
    environment.put("REGISTRY_HTTP_ADDR", "127.0.0.1:0");
    environment.put("REGISTRY_LOG_LEVEL", "debug");

    URI server = serve("serve");

    assertThat(send(server, "GET", "/v2/", "").statusCode()).isEqualTo(401);
    assertThat(send(server, "GET", "/v2/", "alice:open sesame").statusCode()).isEqualTo(200);
  }

  @Test
  void aMisspeltKeyOfItIsRefusedWithItsLineAndTheNearestMatch() throws Exception {
    Files.writeString(stock, Files.readString(stock).replace("rootdirectory:", "rootdirectry:"));

    process = run("serve", stock.toString());

    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(errors()).contains(stock + ":10:5:", "rootdirectry", "rootdirectory").doesNotContain("\tat ");
  }

  private URI serve(String... arguments) throws IOException {
    process = run(arguments);
    await().atMost(PATIENCE).until(() -> output().endsWith("\n") || !process.isAlive());
    assertThat(output()).as(errors()).startsWith("READY http://127.0.0.1:");
    return URI.create(output().substring("READY ".length()).strip());
  }

  private Process run(String... arguments) throws IOException {
    var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-Xmx256m", "-jar",
        System.getProperty("berth.jar")));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectOutput(folder.resolve("output").toFile())
        .redirectError(folder.resolve("errors").toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("REGISTRY_"));
    builder.environment().putAll(environment);
    return builder.start();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output"));
  }

  private String errors() throws IOException {
    return Files.readString(folder.resolve("errors"));
  }

  private HttpResponse<Void> send(URI server, String method, String path, String credentials) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path));
    if (!credentials.isEmpty()) {
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
    }
    if (method.equals("PUT")) {
      request.header("Content-Type", "application/vnd.oci.image.index.v1+json");
      request.PUT(BodyPublishers.ofString("{\"schemaVersion\":2,\"manifests\":[]}"));
    } else {
      request.method(method, BodyPublishers.noBody());
    }
    return client.send(request.build(), BodyHandlers.discarding());
  }
}
