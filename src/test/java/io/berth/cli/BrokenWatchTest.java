package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code berth tag watch} with a registry whose connections break. */
class BrokenWatchTest {

  @TempDir private Path folder;

  private static String change(int sequence) {
    return "id: %1$d\nevent: change\ndata: {\"sequence\":%1$d,\"time\":\"t\",\"changes\":[{\"tag\":\"a\",\"kind\":\"moved\",\"to\":\"d%1$d\"}]}\n\n"
        .formatted(sequence);
  }

  @Test
  @Timeout(60)
  void aWatchGoesOnWhereItBrokeAndEndsWhenItIsRefused() throws Exception {
    var resumed = new CopyOnWriteArrayList<String>();
    HttpServer registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry.createContext("/v2/app/tags/", exchange -> {
      try (exchange) {
        resumed.add(exchange.getRequestURI().getRawQuery() + " " + exchange.getRequestHeaders().getFirst("Last-Event-ID"));
        String body = switch (resumed.size()) {
          case 1 -> change(8) + change(9) + change(10).substring(0, 30);
          case 3 -> change(10);
          default -> "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no longer\"}]}";
        };
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(List.of(200, 503, 200, 403).get(resumed.size() - 1), bytes.length);
        exchange.getResponseBody().write(bytes);
      }
    });
    registry.start();
    var out = new StringWriter();
    var err = new StringWriter();
    try {
      int status = Berth.command().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute("tag", "watch",
          "127.0.0.1:" + registry.getAddress().getPort() + "/app", "--since", "7", "--authfile",
          Files.writeString(folder.resolve("nobody.json"), "{}").toString());

      assertThat(status).isEqualTo(1);
    } finally {
      registry.stop(0);
    }
    assertThat(resumed).containsExactly("watch=7 7", "watch=9 9", "watch=9 9", "watch=10 10");
    assertThat(out.toString().lines().map(line -> line.replaceAll(" +", " "))).containsExactly("t 8 moved a d8 -", "t 9 moved a d9 -",
        "t 10 moved a d10 -");
    assertThat(err.toString()).contains("answered 503", "trying again", "answered 403: no longer");
  }
}
