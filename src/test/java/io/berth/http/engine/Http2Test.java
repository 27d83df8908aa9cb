package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.http.Headers;
import io.berth.http.Reply;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 with a client that knows its trade: over TLS, and in clear text by the upgrade. */
@Timeout(120)
class Http2Test {

  @TempDir static Path folder;
  static EngineOptions options;
  static TestCertificate certificate;

  @BeforeAll
  static void make() throws Exception {
    certificate = TestCertificate.selfSigned(folder, "localhost");
    options = EngineOptions.defaults("127.0.0.1", 0);
  }

  private static EngineOptions options(boolean tls) throws Exception {
    return tls ? options.withTls(certificate.in(folder)) : options.withHttp2(true, true);
  }

  private static HttpClient client() throws Exception {
    return HttpClient.newBuilder().sslContext(certificate.client(null)).version(HttpClient.Version.HTTP_2).build();
  }

  private static HttpRequest.Builder request(HttpServer server, boolean tls, String path) {
    return HttpRequest.newBuilder(URI.create((tls ? "https" : "http") + "://localhost:" + server.address().getPort() + path));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answersEveryKindOfReply(boolean tls) throws Exception {
    Answering all = Answering.with(r -> switch (r.rawPath()) {
      case "/head" -> new Reply.Head(200, new Headers().add("ETag", "\"x\""), 12_345_678_901L);
      case "/bytes" ->
          new Reply.Bytes(200, new Headers().add("X-Two", "a").add("X-Two", "b").add("Connection", "keep-alive"), new byte[1_000_000]);
      case "/204" -> new Reply.Empty(204, new Headers());
      case "/304" -> new Reply.Empty(304, new Headers().add("ETag", "\"x\""));
      case "/throw" -> throw new IllegalStateException("on purpose");
      default -> Answering.text(200,
          r.method() + r.header("X-Asked").orElse("") + new String(Answering.readAll(r.body()), StandardCharsets.UTF_8));
    });
    try (HttpServer server = HttpServer.start(options(tls), all); HttpClient client = client()) {
      for (int i = 0; i < 3; i++) {
        HttpResponse<Void> head =
            client.send(request(server, tls, "/head").method("HEAD", BodyPublishers.noBody()).build(), BodyHandlers.discarding());
        assertThat(head.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(head.headers().firstValueAsLong("content-length")).hasValue(12_345_678_901L);
        assertThat(head.headers().firstValue("date")).isPresent();
        HttpResponse<byte[]> bytes = client.send(request(server, tls, "/bytes").build(), BodyHandlers.ofByteArray());
        assertThat(bytes.body()).hasSize(1_000_000);
        assertThat(bytes.headers().allValues("x-two")).containsExactly("a", "b");
        assertThat(client.send(request(server, tls, "/204").build(), BodyHandlers.ofString()).statusCode()).isEqualTo(204);
        assertThat(client.send(request(server, tls, "/304").build(), BodyHandlers.ofString()).statusCode()).isEqualTo(304);
        assertThat(client.send(request(server, tls, "/throw").build(), BodyHandlers.ofString()).statusCode()).isEqualTo(400);
        assertThat(client
            .send(request(server, tls, "/").header("X-Asked", "!").PUT(BodyPublishers.ofString("body")).build(), BodyHandlers.ofString())
            .body()).isEqualTo("PUT!body");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void carriesManyBodiesAtOnceWithinTheBudget(boolean tls) throws Exception {
    long budget = 1 << 20;
    AtomicLong most = new AtomicLong();
    AtomicReference<HttpServer> running = new AtomicReference<>();
    Answering digesting = Answering.with(r -> {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (var piece = r.body().next(); piece != null; piece = r.body().next()) {
        digest.update(piece);
        most.accumulateAndGet(running.get().budget().taken(), Math::max);
      }
      return Answering.text(200, HexFormat.of().formatHex(digest.digest()));
    });
    try (HttpServer server = HttpServer.start(options(tls).withBodies(256 * 1024, budget), digesting); HttpClient client = client()) {
      running.set(server);
      assertThat(client.send(request(server, tls, "/first").build(), BodyHandlers.ofString()).version())
          .isEqualTo(HttpClient.Version.HTTP_2);
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        byte[] body = new byte[i % 10 == 0 ? 3_000_000 : 100_000 + i];
        new Random(i).nextBytes(body);
        String expected = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        all.add(client.sendAsync(request(server, tls, "/" + i).PUT(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofString())
            .thenAccept(response -> {
              assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
              assertThat(response.body()).isEqualTo(expected);
            }));
      }
      for (CompletableFuture<Void> one : all) {
        one.join();
      }
      assertThat(most.get()).isPositive().isLessThanOrEqualTo(budget * 5 / 4);
      Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> server.budget().taken() == 0);
    }
  }

  @Test
  void doesNotLetASlowReaderHoldUpTheOthers() throws Exception {
    Answering handler = Answering.with(r -> {
      if (r.rawPath().equals("/slow")) {
        Thread.sleep(3_000);
      }
      return Answering.text(200, "" + Answering.readAll(r.body()).length);
    });
    try (HttpServer server = HttpServer.start(options(true), handler); HttpClient client = client()) {
      client.send(request(server, true, "/").build(), BodyHandlers.ofString());
      CompletableFuture<HttpResponse<String>> slow =
          client.sendAsync(request(server, true, "/slow").PUT(BodyPublishers.ofByteArray(new byte[20_000_000])).build(),
              BodyHandlers.ofString());
      for (int i = 0; i < 5; i++) {
        assertThat(
            client.send(request(server, true, "/").PUT(BodyPublishers.ofByteArray(new byte[2_000_000])).build(), BodyHandlers.ofString())
                .body())
            .isEqualTo("2000000");
      }
      assertThat(slow.isDone()).isFalse();
      assertThat(slow.join().body()).isEqualTo("20000000");
    }
  }

  @Test
  void readsTheNextRequestBehindAnUpgrade() throws Exception {
    try (
        HttpServer server = HttpServer.start(options(false),
            Answering.with(r -> Answering.text(200, r.rawPath() + r.header("Host").orElse("")
                + r.header("HTTP2-Settings").isPresent() + r.header("Upgrade").isPresent())));
        RawClient client = new RawClient(server)) {
      client.send("GET /up HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(101);
    }
    try (
        HttpServer server =
            HttpServer.start(options(false), Answering.with(r -> Answering.text(200, "" + Answering.readAll(r.body()).length)));
        RawClient client = new RawClient(server)) {
      String upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: ";
      assertThat(client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n" + upgrade + "AAMAAABk\r\n\r\nabc").read().text())
          .as("not with a body").isEqualTo("3");
      assertThat(client.send("GET / HTTP/1.1\r\nHost: h\r\n" + upgrade + "!!\r\n\r\n").read().status()).as("not by nonsense")
          .isEqualTo(200);
      assertThat(
          client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n").read().status())
          .isEqualTo(200);
    }
  }

  @Test
  void keepsItsStrictnessInHttp1WhereHttp2IsSpokenToo() throws Exception {
    try (HttpServer server = HttpServer.start(options(false), Answering.with(r -> Answering.text(200, r.rawPath())));
        RawClient client = new RawClient(server)) {
      assertThat(client.get("/first").text()).isEqualTo("/first");
      assertThat(client.send("PR").isSilentFor(50)).isTrue();
      assertThat(client.send("OPFIND /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n").read().status())
          .isEqualTo(400);
    }
  }
}
