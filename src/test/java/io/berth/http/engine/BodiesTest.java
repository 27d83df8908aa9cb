package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.http.SlowPeerException;
import io.berth.http.engine.RawClient.Answer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodiesTest {

  private static final EngineOptions OPTIONS = EngineOptions.defaults("127.0.0.1", 0);
  private static final String PUT = "PUT /x HTTP/1.1\r\nHost: h\r\n";

  private static final Answering DIGESTING = Answering.with(r -> {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (ByteBuffer piece = r.body().next(); piece != null; piece = r.body().next()) {
      digest.update(piece);
    }
    return Answering.text(201, HexFormat.of().formatHex(digest.digest()));
  });

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 20_000, 300_000, 3_000_000})
  void bringsABodyOfKnownLength(int length) throws Exception {
    byte[] body = noise(length, 1);
    try (HttpServer server = HttpServer.start(OPTIONS, DIGESTING); RawClient client = new RawClient(server)) {
      for (int i = 0; i < 3; i++) {
        client.send(PUT + "Content-Length: " + length + "\r\n\r\n").send(body);
        assertThat(client.read().text()).isEqualTo(digest(body));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000, 32 * 1024, 1_000_000})
  void bringsAChunkedBody(int chunk) throws Exception {
    byte[] body = noise(chunk * 3 + 5, 2);
    Answering lengths = Answering.with(r -> Answering.text(201, r.body().declaredLength() + " " + digest(Answering.readAll(r.body()))));
    try (HttpServer server = HttpServer.start(OPTIONS, lengths); RawClient client = new RawClient(server)) {
      for (int i = 0; i < 2; i++) {
        client.send(PUT + "Transfer-Encoding: chunked\r\n\r\n");
        for (int from = 0; from < body.length; from += chunk) {
          int length = Math.min(chunk, body.length - from);
          client.send(Integer.toHexString(length) + ";extension=1\r\n").send(java.util.Arrays.copyOfRange(body, from, from + length))
              .send("\r\n");
        }
        client.send("0\r\nTrailer: ignored\r\n\r\n");
        assertThat(client.read().text()).isEqualTo("OptionalLong.empty " + digest(body));
      }
    }
  }

  @Test
  void saysOfARequestWithoutABodyThatItIsEmpty() throws Exception {
    Answering lengths = Answering.with(r -> Answering.text(200, r.body().declaredLength() + " " + r.body().next()));
    try (HttpServer server = HttpServer.start(OPTIONS, lengths); RawClient client = new RawClient(server)) {
      assertThat(client.get("/").text()).isEqualTo("OptionalLong[0] null");
      assertThat(client.send(PUT + "Content-Length: 0\r\n\r\n").read().text()).isEqualTo("OptionalLong[0] null");
      assertThat(client.send(PUT + "Content-Length: 0\r\nExpect: 100-continue\r\n\r\n").read().status()).isEqualTo(200);
    }
  }

  @Test
  void gathersSmallChunksIntoLargePieces() throws Exception {
    CountDownLatch sent = new CountDownLatch(1);
    Answering counting = Answering.with(r -> {
      sent.await();
      long pieces = 0;
      while (r.body().next() != null) {
        pieces++;
      }
      return Answering.text(200, Long.toString(pieces));
    });
    try (HttpServer server = HttpServer.start(OPTIONS, counting); RawClient client = new RawClient(server)) {
      client.send(PUT + "Transfer-Encoding: chunked\r\n\r\n" + "1\r\nx\r\n".repeat(20_000) + "0\r\n\r\n");
      sent.countDown();
      assertThat(Integer.parseInt(client.read().text())).isBetween(1, 100);
    }
  }

  @Test
  void invitesABodyOnlyWhenItIsRead() throws Exception {
    CountDownLatch mayRead = new CountDownLatch(1);
    Answering waiting = Answering.with(r -> {
      mayRead.await();
      return Answering.text(201, new String(Answering.readAll(r.body()), StandardCharsets.US_ASCII));
    });
    try (HttpServer server = HttpServer.start(OPTIONS, waiting); RawClient client = new RawClient(server)) {
      client.send(PUT + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
      assertThat(client.isSilentFor(200)).isTrue();
      mayRead.countDown();
      assertThat(client.readHead().status()).isEqualTo(100);
      assertThat(client.send("hello").read().text()).isEqualTo("hello");
      assertThat(client.get("/").status()).isEqualTo(201);
    }
  }

  @Test
  void doesNotInviteABodyThatIsRefused() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, Answering.with(r -> Answering.text(401, "who?")))) {
      for (String length : List.of("Content-Length: 5", "Content-Length: 5000000000", "Transfer-Encoding: chunked")) {
        try (RawClient client = new RawClient(server)) {
          Answer answer = client.send(PUT + length + "\r\nExpect: 100-continue\r\n\r\n").read();
          assertThat(answer.status()).isEqualTo(401);
          assertThat(answer.header("Connection")).isEqualTo("close");
          assertThat(client.isEnded()).isTrue();
        }
      }
    }
  }

  @Test
  void keepsTheConnectionWhenLittleOfABodyIsLeft() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, Answering.immediately(r -> Answering.text(404, r.rawPath())));
        RawClient client = new RawClient(server)) {
      for (String head : List.of("Content-Length: 200000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n30d40\r\n")) {
        assertThat(client.send(PUT + head).read().text()).isEqualTo("/x");
        client.send(new byte[200_000]).send(head.contains("chunked") ? "\r\n0\r\n\r\n" : "");
        assertThat(client.get("/next").text()).isEqualTo("/next");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 50000000", "Transfer-Encoding: chunked"})
  void getsItsAnswerToAPeerThatSendsOnAndOn(String length) throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, Answering.with(r -> new Reply.Empty(413, new Headers())));
        RawClient client = new RawClient(server)) {
      client.send(PUT + length + "\r\n\r\n" + (length.contains("chunked") ? "3000000\r\n" : ""));
      Thread sender = Thread.startVirtualThread(() -> {
        try {
          for (int i = 0; i < 500; i++) {
            client.send(new byte[100_000]);
          }
        } catch (IOException expected) {
          // the server hangs up at last
        }
      });
      assertThat(client.read().status()).isEqualTo(413);
      assertThat(client.isEnded()).isTrue();
      client.leave();
      sender.join();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void tellsTheReaderThatThePeerIsGoneButFirstWhatArrived(boolean reset) throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    AtomicLong arrived = new AtomicLong();
    Answering reader = Answering.with(r -> {
      try {
        for (ByteBuffer piece = r.body().next(); piece != null; piece = r.body().next()) {
          arrived.addAndGet(piece.remaining());
          reading.countDown();
        }
      } catch (IOException e) {
        failure.set(e);
      }
      return new Reply.Empty(400, new Headers());
    });
    try (HttpServer server = HttpServer.start(OPTIONS, reader); RawClient client = new RawClient(server)) {
      client.send(PUT + "Content-Length: 1000000\r\n\r\n").send(new byte[300_000]);
      assertThat(reading.await(20, TimeUnit.SECONDS)).isTrue();
      if (reset) {
        client.vanish();
      } else {
        client.leave();
      }
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> failure.get() != null);
      assertThat(failure.get()).hasMessageContaining("closed").isNotInstanceOf(SlowPeerException.class);
      assertThat(arrived.get()).isLessThanOrEqualTo(300_000);
      assertThat(reset || arrived.get() == 300_000).isTrue();
    }
  }

  @Test
  void tellsTheReaderThatTheChunksAreMalformed() throws Exception {
    Answering reader = Answering.with(r -> Answering.text(201, digest(Answering.readAll(r.body()))));
    try (HttpServer server = HttpServer.start(OPTIONS, reader)) {
      for (String chunks : List.of("xyz\r\n", "5\r\nhelloX\r\n", "-1\r\n", "5\nhello\r\n", "0x5\r\nhello\r\n", "ffffffff1\r\n",
          " 5\r\nhello\r\n")) {
        try (RawClient client = new RawClient(server)) {
          client.send(PUT + "Transfer-Encoding: chunked\r\n\r\n" + chunks + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
          Answer answer = client.read();
          assertThat(answer.status()).isEqualTo(400);
          assertThat(answer.text()).contains("malformed");
          assertThat(answer.header("Connection")).isEqualTo("close");
          assertThat(client.isEnded()).isTrue();
        }
      }
    }
    assertThat(reader.asked()).doesNotContain("GET /smuggled");
  }

  @Test
  void cutsABodyThatStops() throws Exception {
    Answering reader = Answering.with(r -> Answering.text(201, digest(Answering.readAll(r.body()))));
    try (HttpServer server = HttpServer.start(OPTIONS.withIdleTimeout(Duration.ofMillis(300)), reader);
        RawClient client = new RawClient(server)) {
      Answer answer = client.send(PUT + "Content-Length: 100\r\n\r\nhello").read();
      assertThat(answer.text()).contains("not a byte for 300 ms");
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(reader.failures()).hasOnlyElementsOfType(SlowPeerException.class).hasSize(1);
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void cutsABodyThatTrickles() throws Exception {
    Answering reader = Answering.with(r -> Answering.text(201, digest(Answering.readAll(r.body()))));
    try (HttpServer server = HttpServer.start(OPTIONS.withMinimumRate(10_000, Duration.ofMillis(300)), reader);
        RawClient client = new RawClient(server)) {
      client.send(PUT + "Content-Length: 100000\r\n\r\n");
      Thread trickle = Thread.startVirtualThread(() -> {
        try {
          for (int i = 0; i < 2000; i++) {
            client.send("x");
            Thread.sleep(10);
          }
        } catch (IOException | InterruptedException expected) {
          // cut
        }
      });
      assertThat(client.read().text()).contains("too slow");
      assertThat(reader.failures()).hasOnlyElementsOfType(SlowPeerException.class);
      trickle.interrupt();
      trickle.join();
    }
  }

  @Test
  void neverBlamesThePeerForASlowReader() throws Exception {
    Answering slowReader = Answering.with(r -> {
      long total = 0;
      for (ByteBuffer piece = r.body().next(); piece != null; piece = r.body().next()) {
        total += piece.remaining();
        Thread.sleep(50);
      }
      return Answering.text(201, Long.toString(total));
    });
    EngineOptions strict = OPTIONS.withIdleTimeout(Duration.ofMillis(500)).withMinimumRate(1 << 20, Duration.ofMillis(500));
    try (HttpServer server = HttpServer.start(strict, slowReader); RawClient client = new RawClient(server)) {
      client.send(PUT + "Content-Length: 10000000\r\n\r\n").send(new byte[10_000_000]);
      assertThat(client.read().text()).isEqualTo("10000000");
    }
  }

  @Test
  void sharesATinyBudgetAmongManyBodies() throws Exception {
    long budget = 64 * 1024;
    AtomicLong most = new AtomicLong();
    AtomicReference<HttpServer> running = new AtomicReference<>();
    Answering measuring = Answering.with(r -> {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (ByteBuffer piece = r.body().next(); piece != null; piece = r.body().next()) {
        digest.update(piece);
        most.accumulateAndGet(running.get().budget().taken(), Math::max);
      }
      return Answering.text(201, HexFormat.of().formatHex(digest.digest()));
    });
    try (HttpServer server = HttpServer.start(OPTIONS.withBodies(16 * 1024, budget), measuring);
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      running.set(server);
      List<Callable<Void>> uploads =
          IntStream.range(0, 50).<Callable<Void>>mapToObj(i -> () -> upload(server, noise(1_000_000, i))).toList();
      for (Future<Void> upload : clients.invokeAll(uploads)) {
        upload.get();
      }
      assertThat(most.get()).isBetween(1L, budget + budget / 4);
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> server.budget().taken() == 0);
    }
  }

  private static Void upload(HttpServer server, byte[] body) throws Exception {
    try (RawClient client = new RawClient(server)) {
      client.send(PUT + "Content-Length: " + body.length + "\r\nExpect: 100-continue\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(100);
      assertThat(client.send(body).read().text()).isEqualTo(digest(body));
    }
    return null;
  }

  @Test
  void keepsThePeersOfAStuckReaderFromFillingTheMemory() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Answering stuck = Answering.with(r -> {
      long total = r.body().next().remaining();
      release.await();
      for (ByteBuffer piece = r.body().next(); piece != null; piece = r.body().next()) {
        total += piece.remaining();
      }
      return Answering.text(201, Long.toString(total));
    });
    try (HttpServer server = HttpServer.start(OPTIONS, stuck); RawClient client = new RawClient(server)) {
      Thread sender = Thread.startVirtualThread(() -> {
        try {
          client.send(PUT + "Content-Length: 30000000\r\n\r\n").send(new byte[30_000_000]);
        } catch (IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
      });
      Thread.sleep(500);
      assertThat(server.budget().taken()).isBetween(1L, 4L * OPTIONS.limits().chunkBytes() + 16 * 1024);
      release.countDown();
      assertThat(client.read().text()).isEqualTo("30000000");
      sender.join();
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> server.budget().taken() == 0);
    }
  }

  @Test
  void keepsACrumblingBodyInFewPieces() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Answering stuck = Answering.with(r -> {
      r.body().next();
      release.await();
      return Answering.text(201, Integer.toString(1 + Answering.readAll(r.body()).length));
    });
    try (HttpServer server = HttpServer.start(OPTIONS, stuck); RawClient client = new RawClient(server)) {
      client.send(PUT + "Content-Length: 5000\r\n\r\n");
      for (int i = 0; i < 4999; i++) {
        client.send("x");
      }
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> server.budget().taken() > 0);
      assertThat(server.budget().taken()).isLessThan(40_000);
      client.send("x");
      release.countDown();
      assertThat(Integer.parseInt(client.read().text())).isBetween(1, 5000);
    }
  }

  private static byte[] noise(int length, int seed) {
    byte[] noise = new byte[length];
    new Random(seed).nextBytes(noise);
    return noise;
  }

  private static String digest(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
