package io.berth.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client against answers as registries of all kinds give them, written out by hand. */
final class RegistryClientTest {

  private final List<String> seen = new CopyOnWriteArrayList<>();
  private ServerSocket server;
  private Target target;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    target = Target.parse("127.0.0.1:" + server.getLocalPort());
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  /** Gives these answers, one for each request, over as many connections as the client opens. */
  private void answering(String... answers) {
    Thread.ofVirtual().start(() -> {
      int next = 0;
      while (next < answers.length) {
        try (Socket socket = server.accept()) {
          var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
          String request = request(in);
          while (request != null && next < answers.length) {
            seen.add(request);
            String answer = answers[next++].replace("HOST", target.authority());
            socket.getOutputStream().write(answer.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            request = answer.contains("close") ? null : request(in);
          }
        } catch (IOException e) {
          return;
        }
      }
    });
  }

  private static String request(BufferedReader in) throws IOException {
    String first = in.readLine();
    int length = 0;
    for (String line = first; line != null && !line.isEmpty(); line = in.readLine()) {
      length = line.startsWith("Content-Length: ") ? Integer.parseInt(line.substring(16)) : length;
    }
    for (int i = 0; i < length; i++) {
      int _ = in.read();
    }
    return first;
  }

  private Request get() {
    return Request.of(target, "GET", "/v2/", "GET of the version");
  }

  @Test
  void aContentMayHaveALengthOrChunksOrEndWithTheConnection() throws IOException {
    answering("HTTP/1.1 200 OK\ncontent-length: 5\n\nhello", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nhel\n2;x=y\nlo\n0\n\n",
        "HTTP/1.1 200 OK\nConnection: close\n\nhello", "HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nContent-Length: 5\n\nhello");

    try (var client = new RegistryClient(target)) {
      for (int i = 0; i < 4; i++) {
        Answer answer = client.require(get(), 100);
        assertThat(answer.text()).as("answer " + i).isEqualTo("hello");
        assertThat(answer.length()).isEqualTo(5);
      }
    }
  }

  @Test
  void anErrorSaysWhatTheServerSaid() {
    answering("HTTP/1.1 500 Internal Server Error\nContent-Length: 4\n\nouch");

    try (var client = new RegistryClient(target)) {
      assertThatThrownBy(() -> client.require(get())).isInstanceOf(UnexpectedAnswer.class)
          .hasMessage("GET of the version answered 500: ouch");
    }
  }

  @Test
  void aLocationMayBeAbsoluteOrRelative() throws IOException {
    String created = "HTTP/1.1 201 Created\nContent-Length: 0\n\n";
    answering("HTTP/1.1 202 Accepted\nLocation: http://HOST/up/1?state=x\nContent-Length: 0\n\n", created,
        "HTTP/1.1 202 Accepted\nLocation: /up/2\nContent-Length: 0\n\n", "HTTP/1.1 204 No Content\nLocation: /up/3\n\n", created);
    Blob blob = Blob.of("content");

    try (var client = new RegistryClient(target)) {
      client.pushBlob("a", blob);
      client.pushBlobInChunks("a", blob, 100);
    }

    assertThat(seen).containsExactly("POST /v2/a/blobs/uploads/ HTTP/1.1", "PUT /up/1?state=x&digest=" + blob.digest() + " HTTP/1.1",
        "POST /v2/a/blobs/uploads/ HTTP/1.1", "PATCH /up/2 HTTP/1.1", "PUT /up/3?digest=" + blob.digest() + " HTTP/1.1");
  }

  @Test
  void aLocationOnAnotherHostIsNotFollowed() {
    answering("HTTP/1.1 202 Accepted\nLocation: http://192.0.2.1/up\nContent-Length: 0\n\n");

    try (var client = new RegistryClient(target)) {
      assertThatThrownBy(() -> client.pushBlob("a", Blob.of("content"))).hasMessageContaining("another host");
    }
    assertThat(seen).hasSize(1);
  }

  @Test
  void aMountThatBecomesAnUploadIsCancelled() throws IOException {
    answering("HTTP/1.1 202 Accepted\nLocation: /up/1\nContent-Length: 0\n\n", "HTTP/1.1 204 No Content\n\n",
        "HTTP/1.1 201 Created\nContent-Length: 0\n\n");

    try (var client = new RegistryClient(target)) {
      assertThat(client.mounted("a", Blob.of("content"), "b")).isFalse();
      assertThat(client.mounted("a", Blob.of("content"), "b")).isTrue();
    }
    assertThat(seen.get(1)).isEqualTo("DELETE /up/1 HTTP/1.1");
  }
}
