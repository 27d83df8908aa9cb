package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.http.engine.RawClient.Answer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forms of requests that two readers could understand differently: refused, and nothing behind them is believed. */
class MalformedRequestsTest {

  private static final String BEHIND = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

  private final Answering handler =
      Answering.with(r -> Answering.text(200, r.rawPath() + "|" + r.rawQuery() + "|" + Answering.readAll(r.body()).length));
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.start(EngineOptions.defaults("127.0.0.1", 0), handler);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    // lengths
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "PUT / HTTP/1.0\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 6\r\n\r\nhello",
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5\r\n\r\nhello",
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\nhello",
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\nhello",
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x5\r\n\r\nhello",
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5 5\r\n\r\nhello",
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\nhello",
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\nhello",
    "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length : 5\r\n\r\nhello",
    // transfer codings
    "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "PUT / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    // lines and white space
    "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n folded\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n\tfolded\r\nY: b\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: h\r\nX: a\r\n Content-Length: 5\r\n\r\n",
    "GET / HTTP/1.1\r\n Host: h\r\nHost: h\r\n\r\n",
    "GET / HTTP/1.1\nHost: h\n\n",
    "GET / HTTP/1.1\r\nHost: h\r\nX: a\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nX: a\rY: b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\n: no name\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nX Y: z\r\n\r\n",
    "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
    " GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
    "GET /\rHTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /\u00e4 HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /\u0001 HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /\r\nHost: h\r\n\r\n",
    "G(T / HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET / http/1.1\r\nHost: h\r\n\r\n",
    // hosts
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: user@h\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h/path\r\n\r\n",
    // targets
    "GET v2/ HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET * HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET http:///v2/ HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET http://other/v2/ HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET http://user@h/v2/ HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET h:80 HTTP/1.1\r\nHost: h\r\n\r\n",
    // Netty lends these a body of eight bytes
    "GET / HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Key1: 1\r\nSec-WebSocket-Key2: 2\r\n\r\n12345678",
  })
  void refusesAndCloses(String request) throws IOException {
    expect(400, request);
  }

  @Test
  void refusesWhatItDoesNotKnow() throws IOException {
    expect(501, "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
    expect(505, "GET / HTTP/1.2\r\nHost: h\r\n\r\n");
    expect(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  }

  @Test
  void refusesHeadsThatAreTooLarge() throws IOException {
    expect(414, "GET /" + "x".repeat(16 * 1024) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    expect(414, "GET /" + "x".repeat(1_000_000));
    expect(431, "GET / HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(32 * 1024) + "\r\n\r\n");
    expect(431, "GET / HTTP/1.1\r\nHost: h\r\n" + "X: y\r\n".repeat(10_000) + "\r\n");
    expect(431, "GET / HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(1_000_000));
    try (RawClient client = new RawClient(server)) {
      assertThat(client.get("/" + "x".repeat(16 * 1024 - 50)).status()).isEqualTo(200);
    }
  }

  /** However the bytes are cut up on the way. */
  @Test
  void refusesFoldedLinesThatComeLate() throws Exception {
    for (List<String> parts : List.of(List.of("GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n", " folded\r\n\r\n"),
        List.of("GET / HTTP/1.1\r\nHost: h\r\nX: a\r", "\n\tfolded\r\n\r\n"),
        List.of("GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n ", "folded\r\n", "\r\n"))) {
      try (RawClient client = new RawClient(server)) {
        for (String part : parts) {
          client.send(part);
          Thread.sleep(30);
        }
        assertThat(client.read().status()).isEqualTo(400);
        assertThat(client.isEnded()).isTrue();
      }
    }
  }

  private void expect(int status, String request) throws IOException {
    try (RawClient client = new RawClient(server)) {
      try {
        client.send(request).send(BEHIND);
      } catch (IOException hungUp) {
        // the answer is there all the same
      }
      Answer answer = client.read();
      assertThat(answer.status()).as(request).isEqualTo(status);
      assertThat(answer.text()).startsWith("{\"errors\":[{\"code\":\"UNSUPPORTED\",\"message\":\"");
      assertThat(answer.header("Content-Type")).isEqualTo("application/json");
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(client.isEnded()).isTrue();
    }
    assertThat(handler.asked()).doesNotContain("GET /smuggled").doesNotContain("GET /").doesNotContain("PUT /");
  }

  @Test
  void answersWhatCameBeforeInTheSamePacket() throws IOException {
    try (RawClient client = new RawClient(server)) {
      client.send("GET /good HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n bad\r\n\r\n" + BEHIND);
      assertThat(client.read().status()).isEqualTo(200);
      assertThat(client.read().status()).isEqualTo(400);
      assertThat(client.isEnded()).isTrue();
      assertThat(handler.asked()).containsExactly("GET /good");
    }
  }

  @Test
  void readsTheFormsOfTargets() throws IOException {
    try (RawClient client = new RawClient(server)) {
      assertThat(client.get("http://h/v2/%2e%2e/x?y=1").text()).isEqualTo("/v2/%2e%2e/x|y=1|0");
      assertThat(client.get("HTTPS://H?y=http://z/").text()).isEqualTo("/|y=http://z/|0");
      assertThat(client.send("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").read().text()).isEqualTo("*||0");
      assertThat(client.send("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n").read().text()).isEqualTo("h:443||0");
      assertThat(client.send("TRACE /t HTTP/1.1\r\nHost: h\r\n\r\n").read().text()).isEqualTo("/t||0");
      assertThat(client.send("\r\nBREW /pot HTTP/1.1\r\nHost:\r\n\r\n").read().text()).isEqualTo("/pot||0");
      assertThat(handler.asked()).contains("CONNECT h:443", "TRACE /t", "BREW /pot");
    }
  }

  @Test
  void upgradesToNothing() throws IOException {
    try (RawClient client = new RawClient(server)) {
      String h2c = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n";
      assertThat(client.send("GET /a HTTP/1.1\r\nHost: h\r\n" + h2c).read().text()).isEqualTo("/a||0");
      String webSocket =
          "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n\r\n";
      assertThat(client.send("GET /b HTTP/1.1\r\nHost: h\r\n" + webSocket).read().text()).isEqualTo("/b||0");
    }
  }
}
