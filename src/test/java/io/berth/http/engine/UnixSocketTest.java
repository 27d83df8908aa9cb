package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
@Timeout(60)
class UnixSocketTest {

  private static final Answering HANDLER =
      Answering.with(r -> Answering.text(200, r.remote() + "|" + r.client() + "|" + Answering.readAll(r.body()).length));

  @TempDir Path folder;

  private static String ask(Path path, String request) throws IOException {
    try (SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      socket.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(10_000);
      while (socket.read(answer) >= 0) {
        // until the end
      }
      return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void listensOnAFileAndRemovesIt() throws Exception {
    Path path = folder.resolve("berth.sock");
    for (int i = 0; i < 2; i++) {
      try (HttpServer server = HttpServer.start(EngineOptions.defaults(new Place.UnixSocket(path)).withEventLoops(2), HANDLER)) {
        assertThat(Files.getPosixFilePermissions(path)).isEqualTo(PosixFilePermissions.fromString("rw-rw----"));
        for (int j = 0; j < 4; j++) {
          assertThat(ask(path, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")).startsWith("HTTP/1.1 200")
              .endsWith("|unix|3");
        }
        assertThatThrownBy(server::address).isInstanceOf(IllegalStateException.class);
      }
      assertThat(path).doesNotExist();
    }
  }

  @Test
  void believesWhatAProxyOnTheSocketSays() throws Exception {
    Path path = folder.resolve("berth.sock");
    try (HttpServer _ = HttpServer.start(EngineOptions.defaults(new Place.UnixSocket(path)), HANDLER)) {
      assertThat(ask(path, "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n"))
          .endsWith("|203.0.113.9|0");
    }
  }

  @Test
  void removesASocketOnWhichNobodyListens() throws Exception {
    Path path = folder.resolve("stale.sock");
    try (ServerSocketChannel crashed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      crashed.bind(UnixDomainSocketAddress.of(path));
    }
    assertThat(path).exists();
    try (HttpServer _ = HttpServer.start(EngineOptions.defaults(new Place.UnixSocket(path)), HANDLER)) {
      assertThat(ask(path, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void leavesWhatIsNotItsOwn() throws Exception {
    Path path = folder.resolve("busy.sock");
    EngineOptions options = EngineOptions.defaults(new Place.UnixSocket(path));
    try (HttpServer _ = HttpServer.start(options, HANDLER)) {
      assertThatThrownBy(() -> HttpServer.start(options, HANDLER)).isInstanceOf(BindException.class)
          .hasMessage("address already in use: somebody listens on " + path);
      assertThat(ask(path, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")).startsWith("HTTP/1.1 200");
    }
    Files.writeString(path, "precious");
    assertThatThrownBy(() -> HttpServer.start(options, HANDLER)).isInstanceOf(BindException.class).hasMessageContaining("no socket");
    assertThat(path).hasContent("precious");
    assertThatThrownBy(() -> HttpServer.start(EngineOptions.defaults(new Place.UnixSocket(folder.resolve("no/such/folder"))), HANDLER))
        .isInstanceOf(BindException.class).hasMessageContaining("there is no folder");
    assertThatThrownBy(() -> HttpServer.start(EngineOptions.defaults(new Place.UnixSocket(folder.resolve("x".repeat(200)))), HANDLER))
        .isInstanceOf(BindException.class).hasMessageContaining("at most 107 bytes");
  }
}
