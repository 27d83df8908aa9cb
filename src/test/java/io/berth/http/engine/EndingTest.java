package io.berth.http.engine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.berth.http.Ending;
import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.http.Request;
import io.berth.http.RequestHandler;
import io.berth.oci.BlobContent;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The handler hears of the end of each exchange, once, with what really happened. */
final class EndingTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int LARGE = 300_000_000;

  @TempDir private Path folder;

  private final Recorder recorder = new Recorder();
  private HttpServer server;

  private record Ended(String method, String path, Ending ending) {}

  /** Answers by path, and keeps what it hears. */
  private final class Recorder implements RequestHandler {

    private final List<Ended> ended = new CopyOnWriteArrayList<>();
    private final Map<String, Integer> times = new ConcurrentHashMap<>();
    private final CountDownLatch release = new CountDownLatch(1);

    @Override
    public Reply immediate(Request request) {
      return request.rawPath().equals("/at-once") ? new Reply.Bytes(200, new Headers(), new byte[10]) : null;
    }

    @Override
    public Reply handle(Request request) {
      try {
        return switch (request.rawPath()) {
          case "/sink" -> {
            while (request.body().next() != null) {
              // only counted
            }
            yield new Reply.Empty(201, new Headers());
          }
          case "/file" ->
              new Reply.Blob(200, new Headers(), new BlobContent.InFile(FileChannel.open(file()), LARGE), 0, LARGE);
          case "/slow" -> {
            release.await();
            yield new Reply.Empty(204, new Headers());
          }
          case "/broken" -> throw new IllegalStateException("broken on purpose");
          default -> new Reply.Bytes(404, new Headers(), new byte[7]);
        };
      } catch (IOException e) {
        return new Reply.Empty(400, new Headers());
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void ended(Request request, Ending ending) {
      ended.add(new Ended(request.method(), request.rawPath(), ending));
      times.merge(request.id(), 1, Integer::sum);
    }
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.start(EngineOptions.defaults("127.0.0.1", 0).withDrainTimeout(Duration.ofMillis(100)), recorder);
  }

  @AfterEach
  void stop() {
    recorder.release.countDown();
    server.close();
    assertThat(recorder.times.values()).as("how often the end of each request was told").containsOnly(1);
  }

  @Test
  void anAnswerFromMemory() throws IOException {
    exchange("GET /at-once HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    Ended ended = only();
    assertThat(ended.ending()).matches(e -> e.status() == 200 && e.bytesSent() == 10 && e.bytesReceived() == 0 && e.whole());
    assertThat(ended.ending().nanos()).isBetween(1L, PATIENCE.toNanos());
  }

  @Test
  void theAnswerToHeadHasNoBytes() throws IOException {
    exchange("HEAD /at-once HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    assertThat(only().ending()).matches(e -> e.status() == 200 && e.bytesSent() == 0 && e.whole());
  }

  @Test
  void requestsOneBehindTheOther() throws IOException {
    exchange("GET /at-once HTTP/1.1\r\nHost: x\r\n\r\n".repeat(50) + "GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    await().atMost(PATIENCE).untilAsserted(() -> assertThat(recorder.ended).hasSize(51));
    assertThat(recorder.ended.getLast().ending()).matches(e -> e.status() == 404 && e.bytesSent() == 7 && e.whole());
  }

  @Test
  void aBodyIsCountedWithoutItsCoding() throws IOException {
    exchange("PUT /sink HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde"
        + "PUT /sink HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");

    await().atMost(PATIENCE)
        .untilAsserted(() -> assertThat(recorder.ended).extracting(e -> e.ending().bytesReceived()).containsExactly(5L, 7L));
    assertThat(recorder.ended).allMatch(e -> e.ending().status() == 201 && e.ending().whole());
  }

  @Test
  void aBodyThatBreaksOff() throws IOException {
    try (var socket = connect()) {
      socket.getOutputStream().write("PUT /sink HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabcde".getBytes(ISO_8859_1));
      await().atMost(PATIENCE).until(() -> server.bodyBytes() > 0);
    }

    assertThat(only().ending())
        .matches(e -> e.status() == Ending.NO_ANSWER && e.bytesReceived() == 5 && e.bytesSent() == 0 && !e.whole());
  }

  @Test
  void aClientThatDoesNotWait() throws IOException {
    try (var socket = connect()) {
      socket.getOutputStream().write("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(ISO_8859_1));
      await().atMost(PATIENCE).until(() -> server.connections() == 1);
    }

    assertThat(only().ending()).matches(e -> e.status() == Ending.NO_ANSWER && !e.whole());
    recorder.release.countDown(); // the answer comes too late, and is no second end
  }

  @Test
  void anAnswerThatIsNotTakenToItsEnd() throws IOException {
    try (var socket = connect()) {
      socket.getOutputStream().write("GET /file HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(ISO_8859_1));
      assertThat(socket.getInputStream().readNBytes(20_000_000)).hasSize(20_000_000);
    }

    assertThat(only().ending()).matches(e -> e.status() == 200 && e.bytesSent() > 19_000_000 && e.bytesSent() < LARGE && !e.whole());
  }

  @Test
  void norOneThatGoesOutEncrypted() throws Exception {
    server.close();
    TestCertificate certificate = TestCertificate.selfSigned(folder, "localhost");
    server =
        HttpServer.start(EngineOptions.defaults("127.0.0.1", 0).withTls(certificate.in(folder)).withDrainTimeout(Duration.ZERO), recorder);
    try (var socket = certificate.client(null).getSocketFactory().createSocket("127.0.0.1", server.address().getPort())) {
      socket.getOutputStream().write("GET /file HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(ISO_8859_1));
      assertThat(socket.getInputStream().readNBytes(20_000_000)).hasSize(20_000_000);
    }

    assertThat(only().ending()).matches(e -> e.status() == 200 && e.bytesSent() > 19_000_000 && e.bytesSent() < LARGE && !e.whole());
  }

  @Test
  void streamsOfOneConnection() throws Exception {
    server.close();
    EngineOptions options = EngineOptions.defaults("127.0.0.1", 0).withHttp2(false, true).withDrainTimeout(Duration.ZERO);
    server = HttpServer.start(options, recorder);
    try (var client = Http2Client.greet(server)) {
      for (int stream : List.of(1, 3, 5)) {
        client.frame(Http2Client.HEADERS, Http2Client.END_HEADERS | Http2Client.END_STREAM, stream,
            Http2Client.usual(":path: " + (stream == 5 ? "/slow" : "/at-once")));
      }
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(recorder.ended).hasSize(2));
      client.frame(Http2Client.RESET, 0, 5, new byte[] {0, 0, 0, 8});
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(recorder.ended).hasSize(3));
    }

    assertThat(recorder.ended).extracting(e -> e.ending().status()).containsExactly(200, 200, Ending.NO_ANSWER);
    assertThat(recorder.ended).extracting(e -> e.ending().bytesSent()).containsExactly(10L, 10L, 0L);
  }

  @Test
  void aHandlerThatBreaks() throws IOException {
    exchange("GET /broken HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    assertThat(only().ending()).matches(e -> e.status() == 500 && e.bytesSent() > 0 && e.whole());
  }

  @Test
  void aRequestThatIsRefusedBecauseOfItsForm() throws IOException {
    exchange("GET /\001 HTTP/1.1\r\nHost: x\r\n\r\n");
    exchange("GET /at-once HTTP/1.1\r\n\r\n");
    exchange("GET /" + "a".repeat(100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");

    await().atMost(PATIENCE)
        .untilAsserted(() -> assertThat(recorder.ended).extracting(e -> e.ending().status()).containsExactly(400, 400, 414));
    assertThat(recorder.ended).allMatch(e -> e.method().equals("-") && e.path().equals("-") && e.ending().bytesSent() > 0);
  }

  @Test
  void aServerThatEnds() throws IOException {
    try (var socket = connect()) {
      socket.getOutputStream().write("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(ISO_8859_1));
      await().atMost(PATIENCE).until(() -> server.connections() == 1);
      server.close();
    }

    assertThat(only().ending()).matches(e -> e.status() == Ending.NO_ANSWER && !e.whole());
  }

  private Ended only() {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(recorder.ended).hasSize(1));
    return recorder.ended.getFirst();
  }

  private Path file() throws IOException {
    Path file = folder.resolve("large");
    if (!Files.exists(file)) {
      try (var out = Files.newOutputStream(file)) {
        byte[] piece = new byte[1_000_000];
        for (int i : IntStream.range(0, LARGE / piece.length).toArray()) {
          piece[0] = (byte) i;
          out.write(piece);
        }
      }
    }
    return file;
  }

  private Socket connect() throws IOException {
    return new Socket(server.address().getAddress(), server.address().getPort());
  }

  private void exchange(String bytes) throws IOException {
    try (var socket = connect()) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
      InputStream in = socket.getInputStream();
      in.readAllBytes();
    }
  }
}
