package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.config.Cidr;
import io.berth.config.HttpConfig;
import io.berth.config.ListenAddress;
import io.berth.config.ServeConfig;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole registry as proxies and their clients see it. */
@Timeout(60)
class BehindAProxyTest {

  private static final String PUSH =
      "POST %s/v2/a/b/blobs/uploads/ HTTP/1.1\r\nHost: asked.example\r\nContent-Length: 0\r\n%sConnection: close\r\n\r\n";

  private static final String DELETE = "DELETE /v2/a/b/manifests/none HTTP/1.1\r\nHost: h\r\n%s\r\nConnection: close\r\n\r\n";

  @TempDir Path folder;

  private Wiring start(String prefix, boolean relative, String proxies) {
    HttpConfig defaults = ServeConfig.defaults().http();
    var http = new HttpConfig(new ListenAddress.Tcp("127.0.0.1", 0), prefix, relative, Optional.empty(), Optional.empty(), true, false,
        Map.of("Strict-Transport-Security", List.of("max-age=63072000"), "X-Content-Type-Options", List.of("nosniff")),
        defaults.drainTimeout(),
        proxies.isEmpty() ? List.of() : List.of(Cidr.parse(proxies)), defaults.limits());
    return Wiring.start(ServeConfig.defaults().withData(folder.resolve("data")).withHttp(http));
  }

  private static String ask(Wiring berth, String request) throws IOException {
    URI url = URI.create(berth.url());
    try (var socket = new Socket(url.getHost(), url.getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private static String push(Wiring berth, String prefix, String... lines) throws IOException {
    String answer = ask(berth, PUSH.formatted(prefix, String.join("", List.of(lines).stream().map(line -> line + "\r\n").toList())));
    assertThat(answer).startsWith("HTTP/1.1 202");
    return answer.lines().filter(line -> line.startsWith("Location: ")).findFirst().orElseThrow().substring("Location: ".length());
  }

  @Test
  void everythingLiesBelowThePrefix() throws Exception {
    try (Wiring berth = start("/registry/", true, "")) {
      assertThat(push(berth, "/registry")).startsWith("/registry/v2/a/b/blobs/uploads/");
      assertThat(ask(berth, PUSH.formatted("", ""))).startsWith("HTTP/1.1 404");
      for (int i = 0; i < 3; i++) {
        String manifest = "{\"schemaVersion\":2,\"manifests\":[]}";
        assertThat(ask(berth, "PUT /registry/v2/a/b/manifests/t" + i + " HTTP/1.1\r\nHost: h\r\nContent-Type: "
            + "application/vnd.oci.image.index.v1+json\r\nContent-Length: " + manifest.length() + "\r\nConnection: close\r\n\r\n"
            + manifest))
            .startsWith("HTTP/1.1 201").contains("Location: /registry/v2/a/b/manifests/sha256:");
      }
      assertThat(ask(berth, "GET /registry/v2/a/b/tags/list?n=2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))
          .contains("Link: </registry/v2/a/b/tags/list?n=2&last=t1>; rel=\"next\"");
      assertThat(
          ask(berth, "GET /registry/v2/a/b/tags/list?n=2 HTTP/1.1\r\nHost: h\r\nX-Forwarded-Prefix: /x\r\nConnection: close\r\n\r\n"))
          .contains("Link: </registry/v2/");
    }
  }

  @Test
  void aProxyThatIsTrustedIsBelieved() throws Exception {
    try (Wiring berth = start("/", false, "127.0.0.0/8")) {
      assertThat(push(berth, "", "X-Forwarded-Proto: https", "X-Forwarded-Host: r.example", "X-Forwarded-Prefix: /images",
          "X-Forwarded-For: 203.0.113.9")).startsWith("https://r.example/images/v2/a/b/blobs/uploads/");
      assertThat(ask(berth, DELETE.formatted("X-Forwarded-For: 203.0.113.9"))).startsWith("HTTP/1.1 404");
    }
    assertThat(Files.readString(folder.resolve("data/audit/audit-00000001.jsonl"))).contains("\"address\":\"203.0.113.9\"");
  }

  @Test
  void anyoneElseIsNot() throws Exception {
    try (Wiring berth = start("/", false, "10.0.0.0/8")) {
      assertThat(
          push(berth, "", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil", "X-Forwarded-Prefix: /evil", "X-Forwarded-For: 6.6.6.6",
              "Forwarded: for=6.6.6.6;host=evil"))
          .startsWith("http://asked.example/v2/a/b/blobs/uploads/");
      assertThat(ask(berth, DELETE.formatted("X-Forwarded-For: 6.6.6.6"))).startsWith("HTTP/1.1 404");
    }
    assertThat(Files.readString(folder.resolve("data/audit/audit-00000001.jsonl"))).contains("\"address\":\"127.0.0.1\"");
  }

  @Test
  void everyReplyCarriesTheFieldsOfTheOperator() throws Exception {
    try (Wiring berth = start("/", true, "")) {
      for (String request : List.of("GET /v2/ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
          "GET /nowhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")) {
        assertThat(ask(berth, request)).containsOnlyOnce("Strict-Transport-Security: max-age=63072000")
            .containsOnlyOnce("X-Content-Type-Options");
      }
    }
  }
}
