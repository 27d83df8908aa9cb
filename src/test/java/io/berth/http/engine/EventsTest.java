package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.berth.http.engine.RawClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of events, from the first byte to the last, however they end. */
@Timeout(120)
class EventsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final EngineOptions OPTIONS = EngineOptions.defaults("127.0.0.1", 0).withHttp2(true, true);
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String LIFE = ": keep-alive\n\n";

  @TempDir Path folder;

  private final Told told = new Told();
  private final Told second = new Told();
  private final Answering handler = Answering.with(r -> switch (r.rawPath()) {
    case "/other" -> Answering.text(200, "other");
    case "/second" -> second.reply();
    default -> told.reply();
  });
  private HttpServer server;

  private void start(EngineOptions options) throws IOException {
    server = HttpServer.start(options, handler);
  }

  @AfterEach
  void everythingIsLetGo() {
    try {
      await().atMost(PATIENCE)
          .until(() -> told.isClosed() && server.followers() == 0 && server.requests() == 0 && server.answerBytes() == 0);
    } finally {
      server.close();
    }
  }

  private static String events(RawClient client) throws IOException {
    assertThat(client.readHead().header("Transfer-Encoding")).isEqualTo("chunked");
    return client.readChunk();
  }

  @Test
  void sendsEachMessageWhenItComes() throws Exception {
    start(OPTIONS);
    try (RawClient client = new RawClient(server)) {
      Answer head = client.send(GET).readHead();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("Content-Type")).isEqualTo("text/event-stream");
      assertThat(head.has("Content-Length")).isFalse();
      assertThat(client.readChunk()).as("a sign of life before the first message").isEqualTo(LIFE);
      told.tell("data: one\n\n");
      assertThat(client.readChunk()).isEqualTo("data: one\n\n");
      told.tell("data: two\n\n");
      assertThat(client.readChunk()).isEqualTo("data: two\n\n");
      told.end();
      assertThat(client.readChunk()).isEmpty();
      assertThat(client.get("/other").text()).as("the next answer of the connection").isEqualTo("other");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Connection: keep-alive\r\n"})
  void endsTheConnectionOfWhoDoesNotKnowChunks(String wish) throws Exception {
    start(OPTIONS);
    try (RawClient client = new RawClient(server)) {
      Answer head = client.send("GET / HTTP/1.0\r\nHost: h\r\n" + wish + "\r\n").readHead();
      assertThat(head.has("Transfer-Encoding")).isFalse();
      assertThat(head.header("Connection")).isEqualTo("close");
      told.tell("data: one\n\n").end();
      assertThat(client.readRest()).isEqualTo(LIFE + "data: one\n\n");
    }
  }

  @Test
  void sendsFramesToWhoSpeaksHttp2() throws Exception {
    start(OPTIONS);
    try (Http2Client client = Http2Client.greet(server)) {
      client.request(1, true);
      assertThat(text(client)).isEqualTo(LIFE);
      told.tell("data: one\n\n");
      assertThat(text(client)).isEqualTo("data: one\n\n");
      client.request(3, true, ":path: /other");
      assertThat(client.answer(3).text()).as("beside it").isEqualTo("other");
      told.tell("data: two\n\n").end();
      Http2Client.Answer rest = client.answer(1);
      assertThat(rest.text()).isEqualTo("data: two\n\n");
    }
  }

  private static String text(Http2Client client) throws IOException {
    return new String(client.next(Http2Client.DATA).payload(), StandardCharsets.UTF_8);
  }

  @Test
  void sendsEachMessageEncryptedToo() throws Exception {
    try (RawClient client = encrypted(OPTIONS)) {
      assertThat(events(client.send(GET))).isEqualTo(LIFE);
      told.tell("data: one\n\n");
      assertThat(client.readChunk()).isEqualTo("data: one\n\n");
      told.end();
      assertThat(client.readChunk()).isEmpty();
    }
  }

  private RawClient encrypted(EngineOptions options) throws Exception {
    TestCertificate certificate = TestCertificate.selfSigned(folder, "localhost");
    start(options.withTls(certificate.in(folder)));
    SSLSocket socket =
        (SSLSocket) certificate.client(null).getSocketFactory().createSocket("127.0.0.1", server.address().getPort());
    return new RawClient(socket);
  }

  @Test
  void asksNothingForAHead() throws Exception {
    start(OPTIONS);
    try (RawClient client = new RawClient(server)) {
      Answer head = client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n").readHead();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("Content-Type")).isEqualTo("text/event-stream");
      assertThat(head.has("Content-Length")).isFalse();
      assertThat(client.get("/other").text()).isEqualTo("other");
      assertThat(told.asked()).isZero();
    }
  }

  @Test
  void saysNowAndThenThatItIsThere() throws Exception {
    start(OPTIONS.withIdleTimeout(Duration.ofSeconds(1)));
    try (RawClient client = new RawClient(server)) {
      assertThat(events(client.send(GET))).isEqualTo(LIFE);
      for (int i = 0; i < 8; i++) { // longer than the idle timeout
        assertThat(client.readChunk()).isEqualTo(LIFE);
      }
      told.tell("data: one\n\n");
      assertThat(Stream.of(client.readChunk(), client.readChunk())).contains("data: one\n\n");
    }
  }

  @Test
  void sendsALargeMessageWhole() throws Exception {
    start(OPTIONS);
    String large = "data: " + "x".repeat(1_000_000) + "\n\n";
    try (RawClient client = new RawClient(server)) {
      told.tell(large).end();
      StringBuilder all = new StringBuilder(events(client.send(GET)));
      for (String chunk = client.readChunk(); !chunk.isEmpty(); chunk = client.readChunk()) {
        assertThat(chunk.length()).as("what is on its way at a time").isLessThanOrEqualTo(16 * 1024);
        all.append(chunk);
      }
      assertThat(all).hasToString(LIFE + large);
    }
  }

  @Test
  void endsAtOnceWhenThePeerIsGone() throws Exception {
    start(OPTIONS);
    try (RawClient client = new RawClient(server)) {
      assertThat(events(client.send(GET))).isEqualTo(LIFE);
      client.vanish();
    }
    await().atMost(PATIENCE.dividedBy(2)).until(told::isClosed); // long before the next sign of life
  }

  @Test
  void endsAtOnceWhenThePeerHasClosed() throws Exception {
    start(OPTIONS);
    try (RawClient client = new RawClient(server)) {
      assertThat(events(client.send(GET))).isEqualTo(LIFE);
      client.leave();
    }
    await().atMost(PATIENCE.dividedBy(2)).until(told::isClosed);
  }

  @Test
  void endsAtOnceWhenThePeerTakesItsStreamBack() throws Exception {
    start(OPTIONS);
    try (Http2Client client = Http2Client.greet(server)) {
      client.request(1, true);
      assertThat(text(client)).isEqualTo(LIFE);
      client.frame(Http2Client.RESET, 0, 1, new byte[] {0, 0, 0, 8});
      await().atMost(PATIENCE).until(told::isClosed);
      client.request(3, true, ":path: /other");
      assertThat(client.answer(3).text()).isEqualTo("other");
    }
  }

  @Test
  void givesUpAPeerThatDoesNotRead() throws Exception {
    start(OPTIONS.withIdleTimeout(Duration.ofSeconds(1)));
    try (RawClient client = new RawClient(server.address(), 4096)) {
      assertThat(events(client.send(GET))).isEqualTo(LIFE);
      overwhelm();
      assertThat(server.answerBytes()).as("one message at a time").isLessThanOrEqualTo(1 << 20);
      await().atMost(PATIENCE).until(told::isClosed);
    }
  }

  @Test
  void givesUpAPeerThatDoesNotReadWhatIsEncrypted() throws Exception {
    try (RawClient client = encrypted(OPTIONS.withIdleTimeout(Duration.ofSeconds(1)))) {
      assertThat(events(client.send(GET))).isEqualTo(LIFE);
      overwhelm();
      assertThat(server.answerBytes()).isLessThanOrEqualTo(1 << 20);
      await().atMost(PATIENCE).until(told::isClosed);
    }
  }

  @Test
  void givesUpAStreamWhosePeerMakesNoRoom() throws Exception {
    start(OPTIONS.withIdleTimeout(Duration.ofSeconds(1)));
    try (Http2Client client = Http2Client.greet(server, 4, 100)) {
      client.request(1, true);
      overwhelm();
      client.reset(1);
      assertThat(told.asked()).as("how many messages were wanted").isLessThan(10);
    }
  }

  /** So much that no buffer of any system takes it. */
  private void overwhelm() {
    for (int i = 0; i < 100; i++) {
      told.tell(new byte[1 << 20]);
    }
  }

  @Test
  void givesUpAPeerThatTakesCrumbs() throws Exception {
    start(OPTIONS.withIdleTimeout(Duration.ofSeconds(2)));
    try (Http2Client client = Http2Client.greet(server, 4, 100)) {
      client.request(1, true);
      told.tell(new byte[1 << 20]);
      int crumbs = 0;
      while (!told.isClosed()) {
        client.frame(Http2Client.WINDOW_UPDATE, 0, 1, new byte[] {0, 0, 0, 10});
        Http2Client.Frame next = client.next();
        crumbs += next.type() == Http2Client.DATA ? 1 : 0;
      }
      assertThat(crumbs).isPositive();
    }
  }

  @Test
  void endsWhereThereIsNoRoomForTheNextMessage() throws Exception {
    start(OPTIONS.withAnswers(1 << 20));
    try (Http2Client first = Http2Client.greet(server, 4, 100); RawClient client = new RawClient(server)) {
      first.request(1, true);
      told.tell(new byte[900_000]);
      await().atMost(PATIENCE).until(() -> server.answerBytes() >= 900_000);
      client.send("GET /second HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(events(client)).isEqualTo(LIFE);
      second.tell("data: small\n\n");
      assertThat(client.readChunk()).as("small ones are not counted").isEqualTo("data: small\n\n");
      second.tell(new byte[900_001]);
      assertThat(client.readChunk()).as("the end, in order").isEmpty();
      await().atMost(PATIENCE).until(second::isClosed);
    }
  }

  @Test
  void breaksOffWhenTheSourceFails() throws Exception {
    start(OPTIONS);
    try (RawClient client = new RawClient(server)) {
      assertThat(events(client.send(GET))).isEqualTo(LIFE);
      told.fail();
      assertThat(client.isEnded()).as("without a last chunk").isTrue();
    }
  }

  @Test
  void endsInOrderWhenTheServerDoes() throws Exception {
    start(OPTIONS.withDrainTimeout(Duration.ofMinutes(10)));
    try (RawClient client = new RawClient(server)) {
      assertThat(events(client.send(GET))).isEqualTo(LIFE);
      Thread closing = Thread.startVirtualThread(server::close);
      assertThat(client.readChunk()).isEmpty();
      assertThat(client.isEnded()).isTrue();
      closing.join();
    }
  }

  @Test
  void endsStreamsInOrderWhenTheServerDoes() throws Exception {
    start(OPTIONS.withDrainTimeout(Duration.ofMinutes(10)));
    try (Http2Client client = Http2Client.greet(server)) {
      client.request(1, true);
      assertThat(text(client)).isEqualTo(LIFE);
      Thread closing = Thread.startVirtualThread(server::close);
      assertThat(client.answer(1).text()).isEmpty();
      assertThat(client.isEnded()).isTrue();
      closing.join();
    }
  }
}
