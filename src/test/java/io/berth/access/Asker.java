package io.berth.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** A client of a registry, with one connection, which it keeps as long as it can. For one thread. */
final class Asker implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 30_000;
  private static final String EVENTS = "text/event-stream";
  private static final String COMMENT = ": keep-alive\n\n";

  private final InetSocketAddress server;
  private Socket socket = new Socket();
  private InputStream in = InputStream.nullInputStream();

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
    var lines = new ArrayList<>(List.of(method + " " + target + " HTTP/1.1", "Host: registry.example"));
    authorization.ifPresent(value -> lines.add("Authorization: " + value));
    lines.addAll(headers);
    if (!body.isEmpty() || !method.equals("GET") && !method.equals("HEAD")) {
      lines.add("Content-Length: " + body.length());
    }
    try {
      connect();
      socket.getOutputStream().write((String.join("\r\n", lines) + "\r\n\r\n" + body).getBytes(ISO_8859_1));
      return answer(method.equals("HEAD"), event);
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + target, e);
    }
  }

  private void connect() throws IOException {
    if (!socket.isConnected() || socket.isClosed()) {
      socket = new Socket();
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(server);
      in = new BufferedInputStream(socket.getInputStream());
    }
  }

  private Answer answer(boolean toHead, OptionalLong event) throws IOException {
    int status = Integer.parseInt(line().substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
    Map<String, List<String>> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    boolean isStream = headers.getOrDefault("content-type", List.of()).contains(EVENTS);
    String body = "";
    if (isStream && !toHead) {
      body = events(event);
    } else if (!toHead && headers.containsKey("content-length")) {
      body = new String(in.readNBytes(Integer.parseInt(headers.get("content-length").getFirst())), ISO_8859_1);
    }
    if (isStream || headers.getOrDefault("connection", List.of()).contains("close")) {
      socket.close();
    }
    return Answer.of(status, headers, body);
  }

  /** What comes down to an event, which those may know of who may follow at all; or else the comment at the beginning. */
  private String events(OptionalLong event) throws IOException {
    var text = new StringBuilder();
    int from = event.isPresent() ? -1 : 0;
    while (from < 0 || text.indexOf("\n\n", from) < 0) {
      text.append(new String(in.readNBytes(Integer.parseInt(line(), 16)), ISO_8859_1));
      if (!line().isEmpty() || text.indexOf(COMMENT, text.indexOf(COMMENT) + 1) > 0) {
        throw new EOFException("the stream ended, or had nothing more to say, behind: " + text);
      }
      from = event.isPresent() ? text.indexOf("id: " + event.getAsLong() + "\n") : 0;
    }
    return text.toString();
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection ended behind: " + line);
      }
      line.append((char) b);
    }
    return line.substring(0, line.length() - 1);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
