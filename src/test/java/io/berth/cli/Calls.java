package io.berth.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A client that sends what it is told, byte for byte, over one connection, and reads one answer for each request. */
final class Calls implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket;
  private final InputStream in;
  private final String host;

  /** What came back. */
  record Answer(int status, List<String> fields, String body) {
    Optional<String> field(String name) {
      return fields.stream().filter(field -> field.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
          .map(field -> field.substring(name.length() + 1).strip()).findFirst();
    }
  }

  Calls(String url) throws IOException {
    URI server = URI.create(url);
    this.socket = new Socket(server.getHost(), server.getPort());
    socket.setSoTimeout(PATIENCE_MILLIS);
    this.in = new BufferedInputStream(socket.getInputStream());
    this.host = server.getAuthority();
  }

  Answer get(String target, String... fields) throws IOException {
    return call("GET", target, "", fields);
  }

  Answer call(String method, String target, String body, String... fields) throws IOException {
    send(method, target, body, fields);
    return answer(method.equals("HEAD"));
  }

  void send(String method, String target, String body, String... fields) throws IOException {
    var head = new StringBuilder(method).append(' ').append(target).append(" HTTP/1.1\r\nHost: ").append(host).append("\r\n");
    for (String field : fields) {
      head.append(field).append("\r\n");
    }
    if (!body.isEmpty() || List.of("POST", "PUT", "PATCH").contains(method)) {
      head.append("Content-Length: ").append(body.length()).append("\r\n");
    }
    raw(head.append("\r\n").append(body).toString());
  }

  void raw(String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
    socket.getOutputStream().flush();
  }

  Answer answer(boolean head) throws IOException {
    String status = line();
    var fields = new ArrayList<String>();
    for (String field = line(); !field.isEmpty(); field = line()) {
      fields.add(field);
    }
    var answer = new Answer(Integer.parseInt(status.substring(9, 12)), fields, "");
    int length = head ? 0 : answer.field("Content-Length").map(Integer::parseInt).orElse(0);
    return new Answer(answer.status, fields, new String(in.readNBytes(length), ISO_8859_1));
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the connection ended");
      }
      line.append((char) c);
    }
    return line.toString().strip();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
