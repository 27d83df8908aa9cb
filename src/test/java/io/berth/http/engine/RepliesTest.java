package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.http.engine.RawClient.Answer;
import io.berth.oci.BlobContent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepliesTest {

  private static final EngineOptions OPTIONS = EngineOptions.defaults("127.0.0.1", 0);
  private static final byte[] NOISE = noise(5_000_000);

  @TempDir Path folder;

  @Test
  void answersManyRequestsOnOneConnection() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, Answering.with(r -> Answering.text(200, r.rawPath() + "|" + r.rawQuery())));
        RawClient client = new RawClient(server)) {
      assertThat(client.get("/a/b%2Fc?n=1&last=x%20y").text()).isEqualTo("/a/b%2Fc|n=1&last=x%20y");
      assertThat(client.get("/v2//../x;y").text()).isEqualTo("/v2//../x;y|");
      assertThat(client.get("/?").text()).isEqualTo("/|");
    }
  }

  @Test
  void answersPipelinedRequestsInTheirOrder() throws Exception {
    Answering slowThenFast = Answering.with(r -> {
      Thread.sleep(r.rawPath().equals("/1") ? 100 : 0);
      return Answering.text(200, r.rawPath() + new String(Answering.readAll(r.body()), StandardCharsets.US_ASCII));
    });
    try (HttpServer server = HttpServer.start(OPTIONS, slowThenFast); RawClient client = new RawClient(server)) {
      StringBuilder all = new StringBuilder();
      for (int i = 1; i <= 30; i++) {
        all.append(i % 3 == 0 ? "PUT" : "GET").append(" /").append(i).append(" HTTP/1.1\r\nHost: h\r\n");
        all.append(i % 3 == 0 ? "Content-Length: 4\r\n\r\nbody" : "\r\n");
      }
      client.send(all.toString());
      for (int i = 1; i <= 30; i++) {
        assertThat(client.read().text()).isEqualTo("/" + i + (i % 3 == 0 ? "body" : ""));
      }
    }
  }

  @Test
  void answersOnTheEventLoopWhatNeedsNoThread() throws Exception {
    Answering immediate = Answering.immediately(r -> Answering.text(200, Boolean.toString(Thread.currentThread().isVirtual())));
    try (HttpServer server = HttpServer.start(OPTIONS, immediate); RawClient client = new RawClient(server)) {
      client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n".repeat(50));
      for (int i = 0; i < 50; i++) {
        assertThat(client.read().text()).isEqualTo("false");
      }
    }
  }

  @Test
  void answersNoFasterThanTheAnswersAreRead() throws Exception {
    byte[] large = new byte[1 << 20];
    Answering immediate = Answering.immediately(r -> new Reply.Bytes(200, new Headers(), large));
    try (HttpServer server = HttpServer.start(OPTIONS, immediate); RawClient client = new RawClient(server)) {
      client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n".repeat(300));
      Thread.sleep(300);
      assertThat(immediate.asked()).hasSizeLessThan(100);
      for (int i = 0; i < 300; i++) {
        assertThat(client.read().body()).hasSize(1 << 20);
      }
    }
  }

  @Test
  void givesEveryRequestAnIdItsHeadersAndItsPeer() throws Exception {
    Answering telling = Answering.with(r -> Answering.text(200,
        r.id() + " " + r.header("x-one").orElse("?") + r.header("x-two").orElse("?") + " " + r.headers("X-Two") + " "
            + r.header("none").isPresent() + " " + r.remote()));
    try (HttpServer server = HttpServer.start(OPTIONS, telling); RawClient client = new RawClient(server)) {
      String request = "GET / HTTP/1.1\r\nHost: h\r\nX-ONE: 1\r\nX-two: a\r\nx-two:b\r\n\r\n";
      String first = client.send(request).read().text();
      assertThat(first).matches("[0-9a-f]{32} 1a \\[a, b\\] false /127\\.0\\.0\\.1:\\d+");
      assertThat(client.send(request).read().text().substring(0, 32)).isNotEqualTo(first.substring(0, 32));
    }
  }

  @Test
  void tellsTheLengthOfWhatHeadLeavesAway() throws Exception {
    Answering all = Answering.with(r -> switch (r.rawPath()) {
      case "/head" -> new Reply.Head(200, new Headers(), 12_345_678_901L);
      case "/bytes" -> Answering.text(200, "seven77");
      case "/blob" -> new Reply.Blob(200, new Headers(), new BlobContent.InMemory(ByteBuffer.wrap(NOISE)), 10, 20);
      default -> new Reply.Empty(404, new Headers());
    });
    try (HttpServer server = HttpServer.start(OPTIONS, all); RawClient client = new RawClient(server)) {
      assertThat(head(client, "/head").header("Content-Length")).isEqualTo("12345678901");
      assertThat(head(client, "/bytes").header("Content-Length")).isEqualTo("7");
      assertThat(head(client, "/blob").header("Content-Length")).isEqualTo("20");
      assertThat(head(client, "/none").header("Content-Length")).isEqualTo("0");
      assertThat(client.get("/bytes").text()).isEqualTo("seven77");
    }
  }

  private static Answer head(RawClient client, String path) throws IOException {
    return client.send("HEAD " + path + " HTTP/1.1\r\nHost: h\r\n\r\n").readHead();
  }

  @Test
  void sendsNoBodyAndNoLengthWhereTheStatusForbidsIt() throws Exception {
    Answering by = Answering.with(r -> switch (r.rawPath()) {
      case "/204" -> Answering.text(204, "never");
      case "/304" -> new Reply.Empty(304, new Headers().add("ETag", "\"x\""));
      default -> new Reply.Empty(202, new Headers());
    });
    try (HttpServer server = HttpServer.start(OPTIONS, by); RawClient client = new RawClient(server)) {
      Answer noContent = client.get("/204");
      assertThat(noContent.has("Content-Length")).isFalse();
      assertThat(noContent.has("Transfer-Encoding")).isFalse();
      assertThat(client.get("/304").has("Content-Length")).isFalse();
      assertThat(client.get("/202").header("Content-Length")).isEqualTo("0");
    }
  }

  @Test
  void sendsDateAndTheFieldsGivenButFramesByItself() throws Exception {
    Headers fields = new Headers().add("X-Odd", "a\r\nInjected: yes").add("Link", "<1>").add("Link", "<2>").add("Content-Length", "99")
        .add("Transfer-Encoding", "chunked").add("Date", "never");
    try (HttpServer server = HttpServer.start(OPTIONS, Answering.with(r -> new Reply.Bytes(200, fields, new byte[3])));
        RawClient client = new RawClient(server)) {
      Answer answer = client.get("/");
      assertThat(answer.headers().keySet()).containsExactlyInAnyOrder("x-odd", "link", "content-length", "date");
      assertThat(answer.headers().get("link")).containsExactly("<1>", "<2>");
      assertThat(answer.header("Content-Length")).isEqualTo("3");
      assertThat(answer.header("Date")).matches("[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT");
    }
  }

  @Test
  void sendsRangesOfFilesAndClosesThem() throws Exception {
    Path file = Files.write(folder.resolve("blob"), NOISE);
    BlockingQueue<FileChannel> opened = new LinkedBlockingQueue<>();
    Answering ranges = Answering.with(r -> {
      String[] bounds = r.rawQuery().split("-", 2);
      FileChannel channel = FileChannel.open(file);
      opened.add(channel);
      return new Reply.Blob(206, new Headers(), new BlobContent.InFile(channel, NOISE.length), Long.parseLong(bounds[0]),
          Long.parseLong(bounds[1]));
    });
    try (HttpServer server = HttpServer.start(OPTIONS, ranges); RawClient client = new RawClient(server)) {
      assertThat(client.get("/?0-5000000").body()).isEqualTo(NOISE);
      assertThat(client.get("/?1000-1").body()).isEqualTo(Arrays.copyOfRange(NOISE, 1000, 1001));
      assertThat(client.get("/?2500000-2500000").body()).isEqualTo(Arrays.copyOfRange(NOISE, 2_500_000, 5_000_000));
      assertThat(client.get("/?17-0").body()).isEmpty();
      Answer tooShort = client.get("/?4999999-2");
      assertThat(tooShort.status()).isEqualTo(500);
      assertThat(tooShort.text()).doesNotContain(folder.toString());
      awaitClosed(opened, 5);
    }
  }

  private static void awaitClosed(BlockingQueue<FileChannel> opened, int count) {
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> opened.size() == count && opened.stream().noneMatch(FileChannel::isOpen));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void sendsMemoryInPiecesToASlowReader(boolean immediately) throws Exception {
    Answering.Answerer blob =
        r -> new Reply.Blob(200, new Headers(), new BlobContent.InMemory(ByteBuffer.wrap(NOISE).asReadOnlyBuffer()), 1, NOISE.length - 2);
    Answering answering = immediately ? Answering.immediately(blob) : Answering.with(blob);
    try (HttpServer server = HttpServer.start(OPTIONS, answering); RawClient client = new RawClient(server.address(), 1 << 16)) {
      client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n".repeat(2));
      Thread.sleep(200);
      assertThat(client.read().body()).isEqualTo(Arrays.copyOfRange(NOISE, 1, NOISE.length - 1));
      assertThat(client.read().body()).isEqualTo(Arrays.copyOfRange(NOISE, 1, NOISE.length - 1));
    }
  }

  @Test
  void closesTheFileWhenThePeerVanishes() throws Exception {
    Path file = Files.write(folder.resolve("blob"), NOISE);
    BlockingQueue<FileChannel> opened = new LinkedBlockingQueue<>();
    Answering blobs = Answering.with(r -> {
      FileChannel channel = FileChannel.open(file);
      opened.add(channel);
      Thread.sleep(r.rawPath().equals("/late") ? 200 : 0);
      return new Reply.Blob(200, new Headers(), new BlobContent.InFile(channel, NOISE.length), 0, NOISE.length);
    });
    try (HttpServer server = HttpServer.start(OPTIONS, blobs)) {
      for (String path : List.of("/at-once", "/late")) {
        RawClient client = new RawClient(server.address(), 1 << 16);
        client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
        Thread.sleep(100);
        client.vanish();
      }
      awaitClosed(opened, 2);
    }
  }

  @Test
  void closesTheFileAndTheConnectionWhenThePeerStopsReading() throws Exception {
    Path file = Files.write(folder.resolve("blob"), new byte[64 << 20]);
    BlockingQueue<FileChannel> opened = new LinkedBlockingQueue<>();
    Answering blobs = Answering.with(r -> {
      FileChannel channel = FileChannel.open(file);
      opened.add(channel);
      return new Reply.Blob(200, new Headers(), new BlobContent.InFile(channel, channel.size()), 0, channel.size());
    });
    try (HttpServer server = HttpServer.start(OPTIONS.withIdleTimeout(Duration.ofMillis(400)), blobs);
        RawClient client = new RawClient(server)) {
      client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      awaitClosed(opened, 1);
    }
  }

  @Test
  void saysInternalErrorWhenAHandlerThrowsOrRepliesNonsense() throws Exception {
    Answering odd = Answering.with(r -> switch (r.rawPath()) {
      case "/head" -> new Reply.Head(200, new Headers(), 5);
      default -> throw new StackOverflowError("secret");
    });
    try (HttpServer server = HttpServer.start(OPTIONS, odd); RawClient client = new RawClient(server)) {
      for (String path : List.of("/head", "/throw")) {
        Answer answer = client.get(path);
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.text()).contains("\"errors\"").doesNotContain("secret");
      }
    }
  }

  @Test
  void closesAfterAReplyThatAsksForIt() throws Exception {
    Answering closing = Answering.with(r -> new Reply.Empty(200, new Headers().add("Connection", "close")));
    try (HttpServer server = HttpServer.start(OPTIONS, closing); RawClient client = new RawClient(server)) {
      assertThat(client.get("/").header("Connection")).isEqualTo("close");
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void closesAfterARequestThatAsksForIt() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, Answering.immediately(r -> Answering.text(200, "bye")))) {
      for (String options : List.of("close", "Close", "TE, close", "keep-alive\r\nConnection: close")) {
        try (RawClient client = new RawClient(server)) {
          String request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: " + options + "\r\n\r\n";
          assertThat(client.send(request + request).read().header("Connection")).isEqualTo("close");
          assertThat(client.isEnded()).isTrue();
        }
      }
    }
  }

  @Test
  void speaksHttp10() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, Answering.with(r -> Answering.text(200, "old")));
        RawClient client = new RawClient(server)) {
      assertThat(client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").read().header("Connection")).isEqualTo("keep-alive");
      assertThat(client.send("GET / HTTP/1.0\r\n\r\n").read().text()).isEqualTo("old");
      assertThat(client.isEnded()).isTrue();
    }
  }

  private static byte[] noise(int length) {
    byte[] noise = new byte[length];
    new Random(7).nextBytes(noise);
    return noise;
  }
}
