package io.berth.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A client of a registry, which keeps its connections. */
final class Asker implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String EVENTS = "text/event-stream";
  private static final String COMMENT = ": keep-alive\n\n";

  private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final InetSocketAddress server;

  Asker(InetSocketAddress server) {
    this.server = server;
  }

  static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(ISO_8859_1));
  }

  /**
   * Asks.
   *
   * @param headers each as {@code Name: value}
   * @param event the last that is waited for, if the answer is a stream of events
   */
  Answer ask(Optional<String> authorization, String method, String target, List<String> headers, String body, OptionalLong event) {
    HttpRequest.Builder request = HttpRequest
        .newBuilder(URI.create("http://" + server.getAddress().getHostAddress() + ":" + server.getPort() + target)).timeout(PATIENCE)
        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body, ISO_8859_1));
    authorization.ifPresent(value -> request.header("Authorization", value));
    headers.forEach(header -> request.header(header.split(": ", 2)[0], header.split(": ", 2)[1]));
    try {
      HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        boolean isStream = response.headers().firstValue("Content-Type").filter(EVENTS::equals).isPresent() && !method.equals("HEAD");
        return Answer.of(response.statusCode(), response.headers().map(),
            isStream ? events(in, event) : new String(in.readAllBytes(), ISO_8859_1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + target, e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What comes down to an event, which those may know of who may follow at all; or else the comment at the beginning. */
  private static String events(InputStream in, OptionalLong event) throws IOException {
    var text = new StringBuilder();
    byte[] some = new byte[8192];
    int from = event.isPresent() ? -1 : 0;
    while (from < 0 || text.indexOf("\n\n", from) < 0) {
      int read = in.read(some);
      if (read < 0 || text.indexOf(COMMENT, text.indexOf(COMMENT) + 1) > 0) {
        throw new EOFException("the stream ended, or had nothing more to say, behind: " + text);
      }
      text.append(new String(some, 0, read, ISO_8859_1));
      from = event.isPresent() ? text.indexOf("id: " + event.getAsLong() + "\n") : 0;
    }
    return text.toString();
  }

  @Override
  public void close() {
    client.close();
  }
}
