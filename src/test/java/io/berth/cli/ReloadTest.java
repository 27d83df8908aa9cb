package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.password4j.BcryptFunction;
import com.password4j.types.Bcrypt;
import io.berth.config.Configuration;
import io.berth.config.InvalidConfiguration;
import io.berth.oci.Digest;
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
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A running server reads its configuration again. */
final class ReloadTest {

  @TempDir private Path folder;

  private Path file;
  private Wiring registry;
  private Reload reload;
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void start() throws Exception {
    file = folder.resolve("config.yml");
    Files.writeString(file, "log: {level: info}\n");
    Configuration first = read();
    registry = Wiring.start(first.serve());
    reload = new Reload(registry, this::read, first);
  }

  @AfterEach
  void stop() {
    client.close();
    registry.close();
  }

  private Configuration read() throws InvalidConfiguration {
    var flags =
        List.of(new Configuration.Flag("--data", List.of("storage", "filesystem", "rootdirectory"), folder.resolve("data").toString()),
            new Configuration.Flag("--listen", List.of("http", "addr"), "127.0.0.1:0"));
    try {
      return Configuration.read(
          new Configuration.Sources(Optional.of(new Configuration.File(file.toString(), Files.readString(file))), Map.of(), flags));
    } catch (IOException e) {
      throw new Refusal(file + ": " + e, e);
    }
  }

  private boolean reload(String configuration) throws IOException {
    Files.writeString(file, configuration);
    return reload.now();
  }

  @Test
  void readOnlyDeletionAndHeadersAreTakenOver() throws Exception {
    assertThat(send("POST", "/v2/app/blobs/uploads/").statusCode()).isEqualTo(202);

    assertThat(reload("storage: {maintenance: {readonly: {enabled: true}}}\nhttp: {headers: {X-Site: [cellar]}}")).isTrue();

    HttpResponse<String> refused = send("POST", "/v2/app/blobs/uploads/");
    assertThat(refused.statusCode()).isEqualTo(405);
    assertThat(refused.headers().firstValue("X-Site")).contains("cellar");

    assertThat(reload("storage: {delete: {enabled: false}}")).isTrue();

    assertThat(send("POST", "/v2/app/blobs/uploads/").statusCode()).isEqualTo(202);
    assertThat(send("DELETE", "/v2/app/manifests/a").statusCode()).isEqualTo(405);
  }

  @Test
  void limitsAreTakenOver() throws Exception {
    assertThat(send("POST", "/v2/app/blobs/uploads/").statusCode()).isEqualTo(202);

    assertThat(reload("http: {limits: {uploads: 1, requests: 1, connections: 5}}")).isTrue();
    assertThat(send("POST", "/v2/app/blobs/uploads/").statusCode()).isEqualTo(429);

    assertThat(reload("http: {limits: {uploads: 2, requests: 1, connections: 5}}")).isTrue();
    assertThat(send("POST", "/v2/app/blobs/uploads/").statusCode()).isEqualTo(202);
  }

  @Test
  void thePasswordFileIsReadAgain() throws Exception {
    Path users = folder.resolve("users");
    Files.writeString(users, user("alice"));
    String configuration = "auth: {htpasswd: {path: '" + users + "', realm: Cellar}}";
    assertThat(reload(configuration)).isTrue();
    assertThat(send("GET", "/v2/").headers().firstValue("WWW-Authenticate").orElseThrow()).startsWith("Basic realm=\"Cellar\"");
    assertThat(as("alice")).isEqualTo(200);
    assertThat(as("bob")).isEqualTo(401);

    Files.writeString(users, user("bob"));
    assertThat(as("bob")).as("nothing changes without a reload").isEqualTo(401);
    assertThat(reload(configuration)).isTrue();

    assertThat(as("bob")).isEqualTo(200);
    assertThat(as("alice")).isEqualTo(401);
  }

  @Test
  void aBrokenFileKeepsWhatWas() throws Exception {
    assertThat(reload("storage: {maintenance: {readonly: {enabled: true}}}")).isTrue();

    for (String broken : List.of("log: {level: loud}", "\tx", "proxy: {remoteurl: x}", "auth: {htpasswd: {path: /no/such/file}}",
        "http: {tls: {certificate: /c}}")) {
      assertThat(reload(broken)).as(broken).isFalse();
      assertThat(send("POST", "/v2/app/blobs/uploads/").statusCode()).as(broken).isEqualTo(405);
    }
    Files.delete(file);
    assertThat(reload.now()).as("no file").isFalse();

    assertThat(reload("log: {level: info}")).isTrue();
    assertThat(send("POST", "/v2/app/blobs/uploads/").statusCode()).isEqualTo(202);
  }

  @Test
  void whatWasReadStandsInTheAudit() throws Exception {
    assertThat(reload("log: {level: loud}")).isFalse();
    assertThat(reload("log: {level: info}")).isTrue();
    String effective = read().effective();
    registry.close();

    List<String> lines = Files.readAllLines(folder.resolve("data/audit/audit-00000001.jsonl"));
    assertThat(lines).filteredOn(line -> line.contains("\"action\":\"LoadConfiguration\"")).satisfiesExactly(
        line -> assertThat(line).contains("\"decision\":\"failed\""),
        line -> assertThat(line).contains("\"decision\":\"allowed\"")
            .contains("\"digest\":\"" + Digest.Algorithm.SHA256.of(effective.getBytes(StandardCharsets.UTF_8)) + "\""));
  }

  /** Half of it would be worse than nothing: the headers wait for the password file. */
  @Test
  void allIsTakenOverOrNothing() throws Exception {
    assertThat(reload("http: {headers: {X-Site: [cellar]}}\nauth: {htpasswd: {path: /no/such/file}}")).isFalse();

    assertThat(send("GET", "/v2/").headers().firstValue("X-Site")).isEmpty();
  }

  @Test
  void anUploadOutlivesAReload() throws Exception {
    String upload = send("POST", "/v2/app/blobs/uploads/").headers().firstValue("Location").orElseThrow();

    assertThat(reload("log: {level: warn}")).isTrue();

    assertThat(send("PATCH", upload).statusCode()).isEqualTo(202);
  }

  private HttpResponse<String> send(String method, String path) throws Exception {
    return client.send(HttpRequest.newBuilder(URI.create(registry.url() + path)).method(method, BodyPublishers.noBody()).build(),
        BodyHandlers.ofString());
  }

  private int as(String user) throws Exception {
    String credentials = Base64.getEncoder().encodeToString((user + ":secret").getBytes(StandardCharsets.UTF_8));
    return client.send(HttpRequest.newBuilder(URI.create(registry.url() + "/v2/")).header("Authorization", "Basic " + credentials).build(),
        BodyHandlers.ofString()).statusCode();
  }

  private static String user(String name) {
    return name + ":" + BcryptFunction.getInstance(Bcrypt.Y, 4).hash("secret").getResult() + "\n";
  }
}
