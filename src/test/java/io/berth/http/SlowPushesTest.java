package io.berth.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.http.engine.EngineOptions;
import io.berth.http.engine.HttpServer;
import io.berth.registry.Arrivals;
import io.berth.storage.fs.FsBlobStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Peers of many addresses that begin to push documents and do not end, over sockets, and others beside them. */
@Timeout(120)
final class SlowPushesTest {

  private static final int LIMIT = 4_000_000;
  private static final int CLIENTS = 40;
  private static final int EACH = 5;

  @TempDir Path folder;

  /** Room for four small ones and for two large ones; who finds none is refused at once. */
  private final Allowance arriving = new Allowance(4 * 64 * 1024, Duration.ZERO);
  private final Allowance complete = new Allowance(8_000_000, Duration.ZERO);
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final List<Socket> slow = new ArrayList<>();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    var names = new AtomicInteger();
    var bodies = new Bodies(new Arrivals(FsBlobStore.open(folder), () -> "a" + names.incrementAndGet()), arriving, complete);
    server = HttpServer.start(EngineOptions.defaults("127.0.0.1", 0).withDrainTimeout(Duration.ZERO), new RequestHandler() {

      @Override
      public @Nullable Reply immediate(Request request) {
        return null;
      }

      @Override
      public Reply handle(Request request) {
        begun.incrementAndGet();
        try (var document = bodies.read(request, LIMIT, "a manifest")) {
          return new Reply.Bytes(201, new Headers(), String.valueOf(document.bytes().length).getBytes(StandardCharsets.US_ASCII));
        } catch (RuntimeException e) {
          failed.incrementAndGet();
          return Problems.reply(e, request);
        }
      }
    });
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : slow) {
      socket.close();
    }
    server.close();
  }

  private Socket connect(int address) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0." + address), 0));
    socket.connect(server.address(), 20_000);
    socket.setSoTimeout(60_000);
    return socket;
  }

  private static void send(Socket socket, int declared, int bytes) throws IOException {
    socket.getOutputStream()
        .write(("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: " + declared + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(new byte[bytes]);
  }

  /** Pushes of so many bytes each that stop before the last. */
  private void stopBeforeTheLast(int bytes) throws IOException {
    for (int i = 0; i < CLIENTS * EACH; i++) {
      Socket socket = connect(10 + i / EACH);
      slow.add(socket);
      send(socket, bytes, bytes - 1);
    }
    Awaitility.await().until(() -> begun.get() >= CLIENTS * EACH);
  }

  private String answer(Socket socket) throws IOException {
    return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)).readLine();
  }

  private String push(int bytes) throws IOException {
    try (Socket socket = connect(2)) {
      send(socket, bytes, bytes);
      return answer(socket);
    }
  }

  /** All of them in the end, too, one after the other. */
  private void allAreServed() throws IOException {
    for (Socket socket : slow) {
      socket.getOutputStream().write(0);
      assertThat(answer(socket)).isEqualTo("HTTP/1.1 201 Created");
    }
    assertThat(failed).hasValue(0);
    Awaitility.await().until(() -> arriving.clients() + complete.clients() == 0);
  }

  @Test
  void manifestsThatStopBeforeTheirLastByteHoldNoRoom() throws IOException {
    stopBeforeTheLast(300_000);

    assertThat(complete.clients()).isZero();
    assertThat(push(LIMIT)).isEqualTo("HTTP/1.1 201 Created");
    assertThat(push(2000)).isEqualTo("HTTP/1.1 201 Created");
    allAreServed();
  }

  @Test
  void smallOnesThatStopHoldRoomThatNobodyWaitsFor() throws IOException {
    stopBeforeTheLast(50_000);

    assertThat(arriving.clients()).isPositive();
    assertThat(push(50_000)).isEqualTo("HTTP/1.1 201 Created");
    assertThat(push(LIMIT)).isEqualTo("HTTP/1.1 201 Created");
    allAreServed();
  }

  @Test
  void whatIsHeldComesBackWhenTheyGo() throws IOException {
    stopBeforeTheLast(50_000);
    for (Socket socket : slow) {
      socket.close();
    }

    Awaitility.await().until(() -> failed.get() == CLIENTS * EACH);
    assertThat(arriving.clients() + complete.clients()).isZero();
  }
}
