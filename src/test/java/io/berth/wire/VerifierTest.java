package io.berth.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How many requests it takes who verifies an image to have the bytes of all its 200 signatures, which are bundles as cosign 3 pushes them. */
@Timeout(120)
final class VerifierTest {

  private static final int BUNDLES = 200;

  /** Of a bundle signed with a key, as cosign 3.1.1 makes it. */
  private static final int WITH_KEY = 667;

  /** With a short-lived certificate of a CI's workflow (2.4 KB in base64), its entry in the log (7 KB, the certificate again) and the statement. */
  private static final int KEYLESS = 11_000;

  /** About the largest of which 200 are in a page of 4 MiB. */
  private static final int LARGEST = 13_000;

  /** With a certificate, over a provenance of 7 KB. */
  private static final int PROVENANCE = 20_000;

  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  private static final String BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>; rel=\"next\"");

  @TempDir private Path folder;

  private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<String> transcript = new ArrayList<>();
  private TestServer server;
  private URI url;

  @BeforeEach
  void start() {
    server = TestServer.start(folder, "");
    InetSocketAddress address = server.address();
    url = URI.create("http://" + address.getHostString() + ":" + address.getPort() + "/v2/app/");
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {WITH_KEY, KEYLESS, LARGEST})
  void hasTheBytesOf200BundlesInOneRequestInsteadOf401(int size) throws Exception {
    List<String> bundles = bundles(size);
    String image = push(bundles);

    assertThat(oneByOne(image)).isEqualTo(bundles);
    assertThat(transcript).hasSize(401);

    transcript.clear();
    assertThat(inline(image)).isEqualTo(bundles);
    assertThat(transcript).containsExactly("GET /v2/app/referrers/" + image + "?data=blobs");
  }

  @Test
  void needsAnotherPageWhere200AreMoreThan4MiB() throws Exception {
    List<String> bundles = bundles(PROVENANCE);
    String image = push(bundles);

    assertThat(inline(image)).isEqualTo(bundles);
    assertThat(transcript).hasSize(2);
  }

  // --- two verifiers

  /** By the specification: the list, each manifest, each layer. */
  private List<String> oneByOne(String image) throws Exception {
    var bundles = new ArrayList<String>();
    for (JsonNode entry : json(get("referrers/" + image).body()).path("manifests")) {
      String manifest = genuine(entry, get("manifests/" + entry.path("digest").asString()).body());
      JsonNode layer = json(manifest).path("layers").path(0);
      bundles.add(genuine(layer, get("blobs/" + layer.path("digest").asString()).body()));
    }
    return bundles;
  }

  /** With what comes along with the list, as far as it goes. */
  private List<String> inline(String image) throws Exception {
    var bundles = new ArrayList<String>();
    String page = "referrers/" + image + "?data=blobs";
    while (!page.isEmpty()) {
      HttpResponse<String> answer = get(page);
      Map<String, JsonNode> blobs = new HashMap<>();
      json(answer.body()).path("io.berth.blobs").forEach(blob -> blobs.put(blob.path("digest").asString(), blob));
      for (JsonNode entry : json(answer.body()).path("manifests")) {
        JsonNode layer = json(genuine(entry, data(entry))).path("layers").path(0);
        bundles.add(genuine(layer, data(blobs.get(layer.path("digest").asString()))));
      }
      Matcher next = NEXT.matcher(answer.headers().firstValue("Link").orElse(""));
      page = next.find() ? next.group(1) : "";
    }
    return bundles;
  }

  private static String data(JsonNode descriptor) {
    return new String(Base64.getDecoder().decode(descriptor.path("data").asString()), UTF_8);
  }

  /** Content, if it is what the descriptor names. */
  private static String genuine(JsonNode descriptor, String content) {
    assertThat(digest(content)).isEqualTo(descriptor.path("digest").asString());
    return content;
  }

  private HttpResponse<String> get(String target) throws Exception {
    URI at = url.resolve(target);
    transcript.add("GET " + at.getRawPath() + (at.getRawQuery() == null ? "" : "?" + at.getRawQuery()));
    HttpResponse<String> answer = client.send(HttpRequest.newBuilder(at).build(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer;
  }

  // --- what they look at

  private static List<String> bundles(int size) {
    var random = new Random(size);
    var bundles = new ArrayList<String>();
    for (int i = 0; i < BUNDLES; i++) {
      byte[] material = new byte[(size - 100) / 4 * 3];
      random.nextBytes(material);
      bundles.add("{\"mediaType\":\"" + BUNDLE + "\",\"verificationMaterial\":\"" + Base64.getEncoder().encodeToString(material) + "\"}");
    }
    return bundles;
  }

  /** An image with these signatures; returns its digest. */
  private String push(List<String> bundles) throws Exception {
    blob("{}");
    String image =
        manifest("{\"schemaVersion\":2,\"mediaType\":\"" + IMAGE + "\",\"config\":" + descriptor("a/b", "{}") + ",\"layers\":[]}");
    for (String bundle : bundles) {
      blob(bundle);
      manifest("""
          {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s],"annotations":{"dev.sigstore.bundle.content":"dsse-envelope",\
          "dev.sigstore.bundle.predicateType":"https://sigstore.dev/cosign/sign/v1","org.opencontainers.image.created":"2026-01-01T00:00:00Z"},\
          "subject":{"mediaType":"%s","digest":"%s","size":%d},"artifactType":"%s"}"""
          .formatted(IMAGE, descriptor("application/vnd.oci.empty.v1+json", "{}"), descriptor(BUNDLE, bundle), IMAGE, digest(image),
              image.length(),
              BUNDLE));
    }
    return digest(image);
  }

  private static String descriptor(String type, String content) {
    return "{\"mediaType\":\"" + type + "\",\"size\":" + content.length() + ",\"digest\":\"" + digest(content) + "\"}";
  }

  private static String digest(String content) {
    return Digest.Algorithm.SHA256.of(content.getBytes(UTF_8)).toString();
  }

  private void blob(String content) throws Exception {
    pushed(HttpRequest.newBuilder(url.resolve("blobs/uploads/?digest=" + digest(content))).POST(BodyPublishers.ofString(content)));
  }

  private String manifest(String content) throws Exception {
    pushed(HttpRequest.newBuilder(url.resolve("manifests/" + digest(content))).header("Content-Type", IMAGE)
        .PUT(BodyPublishers.ofString(content)));
    return content;
  }

  private void pushed(HttpRequest.Builder request) throws Exception {
    assertThat(client.send(request.build(), BodyHandlers.ofString()).statusCode()).isEqualTo(201);
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }
}
