package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.http.SlowPeerException;
import io.berth.http.engine.Http2Client.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 frame by frame: what well-behaved clients never send, and what they never see. */
@Timeout(120)
class Http2FramesTest {

  private static final EngineOptions OPTIONS = EngineOptions.defaults("127.0.0.1", 0).withHttp2(true, true);
  private static final int NO_ERROR = 0;
  private static final int PROTOCOL_ERROR = 1;
  private static final int CANCEL = 8;

  private static final Answering TELLING = Answering.with(r -> Answering.text(200,
      r.method() + " " + r.rawPath() + "?" + r.rawQuery() + " " + r.header("Host").orElse("?") + " " + Answering.readAll(r.body()).length));

  @Test
  void saysWhatItCanTake() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, TELLING); Http2Client client = Http2Client.greet(server)) {
      ByteBuffer payload = ByteBuffer.wrap(client.next(Http2Client.SETTINGS).payload());
      Map<Integer, Integer> settings = new HashMap<>();
      while (payload.hasRemaining()) {
        settings.put((int) payload.getShort(), payload.getInt());
      }
      assertThat(settings).containsEntry(3, 100).containsEntry(4, 16 * 1024).containsEntry(5, 64 * 1024).containsEntry(6, 32 * 1024);
      Frame wide = client.next(Http2Client.WINDOW_UPDATE);
      assertThat(wide.stream()).isZero();
      assertThat(wide.number()).isGreaterThan(1 << 20);
    }
  }

  @Test
  void answersOnOneConnectionWhatComesInAnyOrder() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, TELLING); Http2Client client = Http2Client.greet(server)) {
      client.request(1, false, ":method: PUT", ":path: /slow?a=b", "content-length: 5");
      client.request(3, true, ":authority: other:5000");
      assertThat(client.answer(3).text()).isEqualTo("GET /? other:5000 0");
      client.frame(Http2Client.DATA, 0, 1, "hel".getBytes(StandardCharsets.US_ASCII));
      client.frame(Http2Client.DATA, Http2Client.END_STREAM, 1, "lo".getBytes(StandardCharsets.US_ASCII));
      assertThat(client.answer(1).text()).isEqualTo("PUT /slow?a=b h 5");
      client.request(5, true, "-:authority", "host: only");
      assertThat(client.answer(5).text()).isEqualTo("GET /? only 0");
      client.request(7, false, ":method: PUT");
      client.frame(Http2Client.DATA, 0, 7, new byte[10]);
      client.frame(Http2Client.HEADERS, Http2Client.END_HEADERS | Http2Client.END_STREAM, 7, new byte[] {0, 1, 'x', 1, 'y'});
      assertThat(client.answer(7).text()).as("a body with a trailer").isEqualTo("PUT /? h 10");
    }
  }

  @Test
  void takesThePrefaceInCrumbs() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, TELLING); Http2Client client = new Http2Client(server)) {
      for (byte b : "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII)) {
        client.send(new byte[] {b});
        Thread.sleep(2);
      }
      client.frame(Http2Client.SETTINGS, 0, 0).frame(Http2Client.SETTINGS, Http2Client.ACK, 0).request(1, true);
      assertThat(client.answer(1).status()).isEqualTo("200");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"connection: close", "keep-alive: 1", "proxy-connection: x", "transfer-encoding: chunked", "upgrade: h2c",
    "te: gzip", "host: other", "Upper: x", "na me: x", ": x", ":status: 200", ":unknown: x", ":method: GET|:method: GET",
    ":path: /|:path: /",
    ":path: a", ":path: *", ":path: /a b", ":path: /\u00e9", ":path: ", "-:path", "-:method", "-:scheme", "-:authority", ":scheme: ftp",
    ":method: G T", ":authority: a/b", ":authority: user@h", "x: a\nb", "x: a\0b", "x: a\rb", "x:  a", "x: a ", "content-length: x",
    "content-length: -1", "content-length: 5", "host: h|host: h", "a: b|:path: /", ":method: CONNECT",
    ":method: CONNECT|:protocol: websocket"})
  void resetsAStreamWhoseRequestIsMalformed(String fields) throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, TELLING); Http2Client client = Http2Client.greet(server)) {
      client.request(1, true, fields.split("\\|", -1));
      assertThat(client.reset(1)).isEqualTo(PROTOCOL_ERROR);
      client.request(3, true);
      assertThat(client.answer(3).status()).as("the connection goes on").isEqualTo("200");
      assertThat(TELLING.asked()).doesNotContain("GET /smuggled");
    }
  }

  @Test
  void resetsAStreamWhoseBodyIsNotAsLongAsItSays() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, TELLING); Http2Client client = Http2Client.greet(server)) {
      client.request(1, false, ":method: PUT", "content-length: 5").frame(Http2Client.DATA, 0, 1, new byte[6]);
      assertThat(client.reset(1)).isEqualTo(PROTOCOL_ERROR);
      client.request(3, false, ":method: PUT", "content-length: 5").frame(Http2Client.DATA, Http2Client.END_STREAM, 3, new byte[4]);
      assertThat(client.reset(3)).isEqualTo(PROTOCOL_ERROR);
    }
  }

  @Test
  void boundsHeads() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS.withHeadLimits(1000, 4000), TELLING);
        Http2Client client = Http2Client.greet(server)) {
      client.request(1, true, ":path: /" + "a".repeat(1000));
      Http2Client.Answer tooLong = client.answer(1);
      assertThat(tooLong.status()).isEqualTo("414");
      assertThat(tooLong.text()).contains("too long");
      client.request(3, true, "x: " + "a".repeat(4000));
      assertThat(client.answer(3).status()).isEqualTo("431");
      client.request(5, true);
      assertThat(client.answer(5).status()).isEqualTo("200");
    }
  }

  @Test
  void asksForNoMoreOfABodyThanFitsBeforeItIsRead() throws Exception {
    CountDownLatch mayRead = new CountDownLatch(1);
    Answering waiting = Answering.with(r -> {
      mayRead.await();
      return Answering.text(200, "" + Answering.readAll(r.body()).length);
    });
    try (HttpServer server = HttpServer.start(OPTIONS, waiting); Http2Client client = Http2Client.greet(server)) {
      client.request(1, false, ":method: PUT").frame(Http2Client.DATA, 0, 1, new byte[16 * 1024]);
      client.frame(Http2Client.PING, 0, 0, new byte[8]);
      while (client.next(Http2Client.PING).flags() != Http2Client.ACK) {
        // not yet
      }
      Awaitility.await().until(() -> server.budget().taken() == 16 * 1024);
      mayRead.countDown();
      Frame more = client.next(Http2Client.WINDOW_UPDATE);
      assertThat(more.stream()).isEqualTo(1);
      assertThat(more.number()).isGreaterThanOrEqualTo(16 * 1024);
      client.frame(Http2Client.DATA, Http2Client.END_STREAM, 1, new byte[100]);
      assertThat(client.answer(1).text()).isEqualTo("" + (16 * 1024 + 100));
      Awaitility.await().until(() -> server.budget().taken() == 0);
    }
  }

  @Test
  void resetsAStreamThatSendsMoreThanItsWindow() throws Exception {
    Answering never = Answering.with(r -> {
      Thread.sleep(2_000);
      return new Reply.Empty(204, new Headers());
    });
    try (HttpServer server = HttpServer.start(OPTIONS, never); Http2Client client = Http2Client.greet(server)) {
      client.request(1, false, ":method: PUT").frame(Http2Client.DATA, 0, 1, new byte[16 * 1024]);
      client.frame(Http2Client.DATA, 0, 1, new byte[16 * 1024]);
      assertThat(client.reset(1)).as("FLOW_CONTROL_ERROR").isEqualTo(3);
    }
  }

  @Test
  void invitesABodyThatWaitsForIt() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, TELLING); Http2Client client = Http2Client.greet(server)) {
      client.request(1, false, ":method: PUT", "expect: 100-continue");
      assertThat(client.head(client.next(Http2Client.HEADERS)).status()).hasToString("100");
      client.frame(Http2Client.DATA, Http2Client.END_STREAM, 1, new byte[3]);
      assertThat(client.answer(1).text()).isEqualTo("PUT /? h 3");
    }
  }

  @Test
  void stopsABodyThatNobodyWants() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS, Answering.with(r -> Answering.text(401, "who?")));
        Http2Client client = Http2Client.greet(server)) {
      client.request(1, false, ":method: PUT", "expect: 100-continue");
      Http2Client.Answer answer = client.answer(1);
      assertThat(answer.status()).isEqualTo("401");
      assertThat(answer.text()).isEqualTo("who?");
      assertThat(client.reset(1)).isEqualTo(NO_ERROR);
      client.request(3, false, ":method: PUT").frame(Http2Client.DATA, 0, 3, new byte[1000]);
      assertThat(client.answer(3).status()).isEqualTo("401");
      assertThat(client.reset(3)).isEqualTo(NO_ERROR);
      client.frame(Http2Client.DATA, 0, 3, new byte[1000]);
      client.request(5, true);
      assertThat(client.answer(5).status()).as("what was on its way is overlooked").isEqualTo("401");
      Awaitility.await().until(() -> server.budget().taken() == 0);
    }
  }

  @Test
  void cutsABodyThatStops() throws Exception {
    Answering reader = Answering.with(r -> Answering.text(201, "" + Answering.readAll(r.body()).length));
    try (HttpServer server = HttpServer.start(OPTIONS.withIdleTimeout(Duration.ofMillis(400)), reader);
        Http2Client client = Http2Client.greet(server)) {
      client.request(1, false, ":method: PUT").frame(Http2Client.DATA, 0, 1, new byte[10]);
      assertThat(client.answer(1).text()).contains("not a byte for 400 ms");
      assertThat(client.reset(1)).isEqualTo(NO_ERROR);
      assertThat(reader.failures()).hasOnlyElementsOfType(SlowPeerException.class).hasSize(1);
    }
  }

  @Test
  void tellsTheReaderThatThePeerHasGivenUp() throws Exception {
    CountDownLatch failed = new CountDownLatch(2);
    Answering reader = Answering.with(r -> {
      try {
        return Answering.text(201, "" + Answering.readAll(r.body()).length);
      } catch (IOException e) {
        failed.countDown();
        throw e;
      }
    });
    try (HttpServer server = HttpServer.start(OPTIONS, reader)) {
      try (Http2Client client = Http2Client.greet(server)) {
        client.request(1, false, ":method: PUT").frame(Http2Client.DATA, 0, 1, new byte[10]);
        client.request(3, false, ":method: PUT").frame(Http2Client.DATA, 0, 3, new byte[10]);
        Awaitility.await().until(() -> reader.asked().size() == 2);
        client.frame(Http2Client.RESET, 0, 1, new byte[] {0, 0, 0, CANCEL});
        Awaitility.await().until(() -> failed.getCount() == 1);
      }
      assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
      Awaitility.await().until(() -> server.budget().taken() == 0);
    }
  }

  @Test
  void writesNoMoreThanThePeersWindowAndGivesUpOnOneThatStaysShut() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Answering large = Answering.with(r -> new Reply.Bytes(200, new Headers(), new byte[asked.incrementAndGet() * 1_000_000]));
    try (HttpServer server = HttpServer.start(OPTIONS.withIdleTimeout(Duration.ofMillis(600)), large);
        Http2Client client = Http2Client.greet(server, 4, 1000)) {
      client.request(1, true);
      int body = 0;
      while (body < 1000) {
        body += client.next(Http2Client.DATA).payload().length;
      }
      assertThat(body).isEqualTo(1000);
      assertThat(client.reset(1)).isEqualTo(CANCEL);
      client.frame(Http2Client.WINDOW_UPDATE, 0, 0, new byte[] {0, 127, 0, 0});
      client.request(3, true).frame(Http2Client.WINDOW_UPDATE, 0, 3, new byte[] {0, 127, 0, 0});
      assertThat(client.answer(3).body()).hasSize(2_000_000);
    }
  }

  @Test
  void hangsUpOnPeersThatDoNothing() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS.withIdleTimeout(Duration.ofMillis(300)), TELLING);
        Http2Client silent = Http2Client.greet(server);
        Http2Client half = new Http2Client(server);
        Http2Client once = Http2Client.greet(server)) {
      half.send("PRI * HT".getBytes(StandardCharsets.US_ASCII));
      once.request(1, true);
      assertThat(once.answer(1).status()).isEqualTo("200");
      assertThat(silent.next(Http2Client.GOAWAY).error()).isEqualTo(NO_ERROR);
      assertThat(once.isEnded()).isTrue();
      assertThat(silent.isEnded()).isTrue();
      assertThat(half.isEnded()).isTrue();
    }
  }

  @Test
  void saysTwiceThatItIsLeavingAndFinishesWhatIsUnderWay() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    Answering slow = Answering.with(r -> {
      if (r.rawPath().equals("/slow")) {
        asked.countDown();
        finish.await();
      }
      return Answering.text(200, "done");
    });
    HttpServer server = HttpServer.start(OPTIONS, slow);
    try (Http2Client client = Http2Client.greet(server)) {
      client.request(1, true, ":path: /slow");
      asked.await();
      assertThat(server.isDraining()).isFalse();
      Thread closing = Thread.startVirtualThread(server::close);
      Frame first = client.next(Http2Client.GOAWAY);
      assertThat(first.number()).isEqualTo(Integer.MAX_VALUE);
      assertThat(first.error()).isEqualTo(NO_ERROR);
      assertThat(server.isDraining()).isTrue();
      client.request(3, true);
      assertThat(client.answer(3).text()).as("it was on its way").isEqualTo("done");
      Frame second = client.next(Http2Client.GOAWAY);
      assertThat(second.number()).isEqualTo(3);
      client.request(5, true);
      finish.countDown();
      assertThat(client.answer(1).text()).isEqualTo("done");
      assertThat(client.isEnded()).isTrue();
      assertThat(closing.join(Duration.ofSeconds(20))).isTrue();
      assertThat(slow.asked()).hasSize(2);
    }
  }

  @Test
  void speaksItInClearTextOnlyIfItIsToldTo() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS.withHttp2(true, false), TELLING); Http2Client client = new Http2Client(server)) {
      client.greet();
      assertThat(new String(client.raw().readNBytes(12), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 505");
    }
  }
}
