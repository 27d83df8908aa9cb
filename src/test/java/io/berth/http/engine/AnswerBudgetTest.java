package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.oci.BlobContent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The memory that answers take on their way out, and who is served when others take theirs slowly. */
@Timeout(120)
class AnswerBudgetTest {

  private static final int KIB = 1024;
  private static final Duration LONG = Duration.ofHours(1);
  private static final EngineOptions OPTIONS = EngineOptions.defaults("127.0.0.1", 0).withHttp2(true, true)
      .withDrainTimeout(Duration.ZERO);

  @TempDir Path folder;

  private static InetAddress address(int number) {
    return InetAddress.ofLiteral("127.0.0." + number);
  }

  /** A blob at {@code /}, and a list of 100,000 bytes, made anew each time, at {@code /list}. */
  private static Answering serving(Path file) {
    return Answering.with(r -> {
      if (r.rawPath().equals("/list")) {
        return Answering.text(200, "x".repeat(100_000));
      }
      FileChannel channel = FileChannel.open(file);
      return new Reply.Blob(200, new Headers(), new BlobContent.InFile(channel, channel.size()), 0, channel.size());
    });
  }

  private Path noise(int bytes) throws IOException {
    byte[] noise = new byte[bytes];
    new Random(1).nextBytes(noise);
    return Files.write(folder.resolve("blob"), noise);
  }

  /** More than the buffers of two kernels have room for. */
  private Path large() throws IOException {
    Path file = folder.resolve("large");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      var _ = channel.write(ByteBuffer.allocate(1), 32 << 20);
    }
    return file;
  }

  /** Peers of several clients that let their windows shut. */
  private static List<Http2Client> shut(HttpServer server, int clients, int each) throws IOException {
    List<Http2Client> shut = new ArrayList<>();
    for (int i = 0; i < clients * each; i++) {
      Http2Client client = Http2Client.greetFrom(address(2 + i / each), server, 4, 0);
      shut.add(client);
      client.request(1, true);
    }
    return shut;
  }

  private static void closeAll(List<? extends AutoCloseable> clients) throws Exception {
    for (AutoCloseable client : clients) {
      client.close();
    }
  }

  private static byte[] download(HttpServer server) throws IOException {
    try (Http2Client reader = Http2Client.greet(server, 4, 10_000_000)) {
      reader.frame(Http2Client.WINDOW_UPDATE, 0, 0, new byte[] {0, 0x7f, 0, 0});
      reader.request(1, true);
      return reader.answer(1).body();
    }
  }

  /** Forty peers of ten clients, and one who wants the same file. */
  @Test
  void servesWhoReadsWhileManyDoNot() throws Exception {
    Path file = noise(3_000_000);
    List<Http2Client> shut = List.of();
    try (HttpServer server = HttpServer.start(OPTIONS.withAnswers(20 * 16 * KIB).withIdleTimeout(Duration.ofSeconds(3)), serving(file))) {
      shut = shut(server, 10, 4);
      Awaitility.await().until(() -> server.answerBytes() > 9 * 16 * KIB);
      assertThat(download(server)).isEqualTo(Files.readAllBytes(file));
      assertThat(server.answerBytes()).isLessThanOrEqualTo(10L * 16 * KIB);
    } finally {
      closeAll(shut);
    }
  }

  /** Nobody is given up in this one: who has a quarter waits for himself alone. */
  @Test
  void servesOthersWhileOneClientDoesNotRead() throws Exception {
    Path file = noise(3_000_000);
    List<Http2Client> shut = List.of();
    try (HttpServer server = HttpServer.start(OPTIONS.withAnswers(32 * 16 * KIB).withIdleTimeout(LONG), serving(file))) {
      shut = shut(server, 1, 40);
      Awaitility.await().until(() -> server.answerBytes() == 4 * 16 * KIB);
      assertThat(download(server)).isEqualTo(Files.readAllBytes(file));
      Awaitility.await().until(() -> server.answerBytes() == 4 * 16 * KIB);
      assertThat(server.requests()).isEqualTo(40);
    } finally {
      closeAll(shut);
    }
  }

  /** Each takes a byte now and then, so that none of them is ever silent for long. */
  @Test
  void endsDownloadsThatTrickleWhenOthersWait() throws Exception {
    Path file = noise(300_000);
    List<Http2Client> trickling = List.of();
    try (HttpServer server = HttpServer.start(OPTIONS.withAnswers(8 * 16 * KIB).withIdleTimeout(Duration.ofSeconds(6)), serving(file))) {
      trickling = shut(server, 4, 1);
      Awaitility.await().until(() -> server.answerBytes() == 4 * 16 * KIB);
      List<Thread> crumbs = new ArrayList<>();
      for (Http2Client each : trickling) {
        crumbs.add(Thread.startVirtualThread(() -> takeCrumbs(each)));
      }
      assertThat(download(server)).isEqualTo(Files.readAllBytes(file));
      for (Http2Client each : trickling) {
        assertThat(each.reset(1)).isNotZero();
      }
      crumbs.forEach(Thread::interrupt);
    } finally {
      closeAll(trickling);
    }
  }

  private static void takeCrumbs(Http2Client client) {
    try {
      while (true) {
        client.frame(Http2Client.WINDOW_UPDATE, 0, 1, new byte[] {0, 0, 0, 1});
        Thread.sleep(10);
      }
    } catch (IOException | InterruptedException over) {
      // it has been given up
    }
  }

  /** Over TLS, from as many clients, and nobody is given up: so all of the room for pieces stays taken. */
  @Test
  void servesListsWhileSlowDownloadsHoldAllTheirRoom() throws Exception {
    TestCertificate certificate = TestCertificate.selfSigned(folder, "localhost");
    EngineOptions options = OPTIONS.withTls(certificate.in(folder)).withAnswers(1024 * KIB).withIdleTimeout(LONG);
    List<SSLSocket> slow = new ArrayList<>();
    try (HttpServer server = HttpServer.start(options, serving(large()));
        HttpClient other = HttpClient.newBuilder().sslContext(certificate.client(null)).version(HttpClient.Version.HTTP_1_1).build()) {
      for (int i = 0; i < 32; i++) {
        slow.add(slowDownload(server, certificate.client(null), address(2 + i)));
      }
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> server.answerBytes() > (512 - 16) * KIB);
      HttpRequest list = HttpRequest.newBuilder(URI.create("https://localhost:" + server.address().getPort() + "/list")).build();
      for (int i = 0; i < 20; i++) {
        HttpResponse<byte[]> answer = other.send(list, HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).hasSize(100_000);
      }
      assertThat(server.answerBytes()).as("held by the slow ones, still").isGreaterThan((512 - 16) * KIB);
      assertThat(server.requests()).isGreaterThanOrEqualTo(32);
    } finally {
      closeAll(slow);
    }
  }

  private static SSLSocket slowDownload(HttpServer server, SSLContext trusting, InetAddress own) throws IOException {
    SSLSocket socket = (SSLSocket) trusting.getSocketFactory().createSocket();
    socket.bind(new InetSocketAddress(own, 0));
    socket.setReceiveBufferSize(4 * KIB);
    socket.connect(server.address(), 20_000);
    socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** A client that asks for lists and reads nothing: some are in memory, others are refused, and other clients do not notice. */
  @Test
  void makesNoMoreAnswersInMemoryThanThereIsRoomFor() throws Exception {
    try (HttpServer server = HttpServer.start(OPTIONS.withAnswers(1_600_000), serving(folder));
        Http2Client greedy = Http2Client.greet(server, 4, 0);
        RawClient same = new RawClient(server);
        RawClient other = RawClient.from(address(2), server.address())) {
      for (int i = 0; i < 50; i++) {
        greedy.request(2 * i + 1, true, ":path: /list");
      }
      int refused = 0;
      for (int i = 0; i < 50; i++) {
        refused += greedy.head(greedy.next(Http2Client.HEADERS)).status().toString().equals("503") ? 1 : 0;
      }
      assertThat(refused).isEqualTo(48);
      assertThat(server.answerBytes()).isEqualTo(200_000);
      assertThat(same.get("/list").status()).isEqualTo(503);
      assertThat(other.get("/list").body()).hasSize(100_000);

      for (int i = 0; i < 50; i++) {
        greedy.frame(Http2Client.RESET, 0, 2 * i + 1, new byte[] {0, 0, 0, 8});
      }
      Awaitility.await().until(() -> server.answerBytes() == 0);
      assertThat(same.get("/list").body()).hasSize(100_000);
    }
  }
}
