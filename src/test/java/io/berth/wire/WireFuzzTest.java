package io.berth.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.BugDetectors;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Any bytes on a connection of a whole registry, HTTP/2 in clear text included: it answers in its own words or closes, never with a fault of its
 * own (5xx, but for what it does not speak), and lives on.
 */
final class WireFuzzTest {

  /** How long to wait for an answer that may never come, since the bytes ask for none. */
  private static final int MOMENT_MILLIS = 20;

  private static final int PATIENCE_MILLIS = 10_000;

  /** One registry for all inputs of this JVM, which ends with it. */
  private static final class Running {
    private static final TestServer SERVER = start();

    private static TestServer start() {
      try {
        Path folder = Files.createTempDirectory("berth-fuzz");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder)));
        return TestServer.start(folder, "http.h2c.enabled true");
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    private static void remove(Path folder) {
      SERVER.close();
      try (var files = Files.walk(folder)) {
        files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      } catch (IOException e) {
        // the system clears its temporary folder
      }
    }
  }

  @FuzzTest
  void connections(byte[] input) throws IOException {
    BugDetectors.allowNetworkConnections((_, port) -> port == Running.SERVER.address().getPort());
    String answer = answer(input);
    if (answer.startsWith("HTTP/1")) {
      assertThat(answer).doesNotContainPattern("(?m)^HTTP/1\\.[01] 50[02346-9]").doesNotContain("\tat ");
    }
    assertThat(isAlive()).isTrue();
  }

  private static boolean isAlive() throws IOException {
    try (var socket = new Socket()) {
      socket.connect(Running.SERVER.address());
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write("GET /v2/ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1).startsWith("HTTP/1.1 200 ");
    }
  }

  /** What comes back; the connection is ended from this side when nothing more comes for a moment. */
  private static String answer(byte[] input) throws IOException {
    var answer = new ByteArrayOutputStream();
    try (var socket = new Socket()) {
      socket.connect(Running.SERVER.address());
      socket.getOutputStream().write(input);
      socket.setSoTimeout(MOMENT_MILLIS);
      try {
        socket.getInputStream().transferTo(answer);
      } catch (SocketTimeoutException e) {
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.shutdownOutput();
        socket.getInputStream().transferTo(answer);
      }
    } catch (SocketException e) {
      // it has closed before it read all, which is its right
    }
    return answer.toString(StandardCharsets.ISO_8859_1);
  }
}
