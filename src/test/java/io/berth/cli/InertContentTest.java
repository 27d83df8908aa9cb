package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.config.Configuration;
import io.berth.oci.Digest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What strangers have pushed never becomes a page or a script of the registry's host, however it is asked for. */
final class InertContentTest {

  private static final String PAGE = "<html><script>alert(1)</script></html>";
  private static final String MANIFEST = "{\"annotations\":{\"title\":\"<script>alert(1)</script>\"}}";
  private static final String TYPE = "application/vnd.example.thing.v1+json";

  @TempDir private Path folder;

  private static String digest(String text) {
    return Digest.Algorithm.SHA256.of(text.getBytes(StandardCharsets.UTF_8)).toString();
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void isServedAsBytesAndNothingElse(HttpClient.Version version) throws Exception {
    var flags = List.of(
        new Configuration.Flag("--data", List.of("storage", "filesystem", "rootdirectory"), folder.resolve("data").toString()),
        new Configuration.Flag("--listen", List.of("http", "addr"), "127.0.0.1:0"),
        new Configuration.Flag("h2c", List.of("http", "h2c", "enabled"), "true"));
    Configuration configuration = Configuration.read(new Configuration.Sources(Optional.empty(), Map.of(), flags));
    try (Wiring registry = Wiring.start(configuration.serve()); HttpClient client = HttpClient.newBuilder().version(version).build()) {
      URI url = URI.create(registry.url());
      var calls = new Asking(client, url);
      assertThat(calls.send("GET", "/v2/", "").version()).isEqualTo(version);
      assertThat(calls.send("POST", "/v2/app/blobs/uploads/?digest=" + digest(PAGE), PAGE).statusCode()).isEqualTo(201);
      assertThat(calls.send("PUT", "/v2/app/manifests/page", MANIFEST, "Content-Type", TYPE).statusCode()).isEqualTo(201);

      String blob = "/v2/app/blobs/" + digest(PAGE);
      isInert(calls.send("GET", blob, ""), 200, true);
      isInert(calls.send("HEAD", blob, ""), 200, true);
      isInert(calls.send("GET", blob, "", "Range", "bytes=6-13"), 206, true);
      isInert(calls.send("GET", blob, "", "If-None-Match", "\"" + digest(PAGE) + "\""), 304, true);
      isInert(calls.send("GET", "/v2/app/manifests/page", ""), 200, false);
      isInert(calls.send("GET", "/v2/app/manifests/page", ""), 200, false); // from the cache
      isInert(calls.send("HEAD", "/v2/app/manifests/page", ""), 200, false);
      isInert(calls.send("GET", "/v2/app/manifests/page", "", "If-None-Match", "\"" + digest(MANIFEST) + "\""), 304, false);
      assertThat(calls.send("GET", "/v2/app/blobs/" + digest("absent"), "").headers().firstValue("X-Content-Type-Options"))
          .contains("nosniff");
    }
  }

  private static void isInert(HttpResponse<String> answer, int status, boolean blob) {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().allValues("X-Content-Type-Options")).containsExactly("nosniff");
    assertThat(answer.headers().allValues("Content-Security-Policy")).containsExactly("sandbox; default-src 'none'");
    assertThat(answer.headers().firstValue("Content-Type")).contains(blob ? "application/octet-stream" : TYPE);
    assertThat(answer.headers().allValues("Content-Disposition")).isEqualTo(blob ? List.of("attachment") : List.of());
  }

  private record Asking(HttpClient client, URI url) {
    HttpResponse<String> send(String method, String target, String body, String... fields) throws Exception {
      HttpRequest.Builder request = HttpRequest.newBuilder(url.resolve(target)).method(method,
          body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
      return client.send((fields.length == 0 ? request : request.headers(fields)).build(), BodyHandlers.ofString());
    }
  }
}
