package io.berth.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.berth.wire.Story.Request;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Sends one request over a connection of its own and reads what comes back, to the end. */
final class Wire {

  private static final int PATIENCE_MILLIS = 20_000;

  private final InetSocketAddress server;

  Wire(InetSocketAddress server) {
    this.server = server;
  }

  /** The bytes of a request, with the headers that every request needs. */
  static String bytes(Request request, Values values) {
    return switch (request) {
      case Request.Raw(String text) -> values.expand(text);
      case Request.Usual(String line, List<String> stated, String text) -> {
        String body = values.expand(text);
        var headers = new ArrayList<>(stated.stream().map(values::expand).toList());
        if (lacks(headers, "host")) {
          headers.add("Host: registry.example");
        }
        if (lacks(headers, "connection")) {
          headers.add("Connection: close");
        }
        boolean chunked = !lacks(headers, "transfer-encoding");
        if (!chunked && lacks(headers, "content-length") && (!body.isEmpty() || line.matches("(POST|PUT|PATCH) .*"))) {
          headers.add("Content-Length: " + body.length());
        }
        yield values.expand(line) + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\n\r\n" + (chunked ? chunks(body) : body);
      }
    };
  }

  private static boolean lacks(List<String> headers, String name) {
    return headers.stream().noneMatch(header -> header.toLowerCase(Locale.ROOT).startsWith(name + ":"));
  }

  /** A body in two chunks. */
  private static String chunks(String body) {
    int half = body.length() / 2;
    return Stream.of(body.substring(0, half), body.substring(half), "").filter(chunk -> !chunk.isEmpty())
        .map(chunk -> Integer.toHexString(chunk.length()) + "\r\n" + chunk + "\r\n").reduce("", String::concat) + "0\r\n\r\n";
  }

  /**
   * Sends, and reads the answers. If either side has said that the connection ends, it must then end, and nothing else may come before, but
   * where the last is a stream of events.
   *
   * @param answers the messages to wait for in each, if it is a stream
   */
  List<Response> exchange(String bytes, List<Integer> answers) throws IOException {
    try (var socket = new Socket()) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(server);
      Thread sender = Thread.startVirtualThread(() -> send(socket, bytes));
      InputStream in = new BufferedInputStream(socket.getInputStream());
      var responses = new ArrayList<Response>();
      for (int messages : answers) {
        responses.add(Response.read(in, bytes.startsWith("HEAD "), messages));
      }
      if (answers.isEmpty()) {
        sender.join();
      } else if (responses.getLast().isStream() && !bytes.startsWith("HEAD ")) {
        socket.shutdownOutput();
      } else if (bytes.contains("Connection: close\r\n") || responses.getLast().values("Connection").anyMatch("close"::equals)) {
        requireEnd(in, responses);
      }
      return responses;
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** A server that refuses may end the connection before it has all: that is no failure. */
  private static void send(Socket socket, String bytes) {
    try {
      OutputStream out = socket.getOutputStream();
      out.write(bytes.getBytes(ISO_8859_1));
      out.flush();
    } catch (IOException e) {
      // the answer tells
    }
  }

  private static void requireEnd(InputStream in, List<Response> responses) throws IOException {
    byte[] more;
    try {
      more = in.readAllBytes();
    } catch (SocketException reset) {
      return;
    }
    if (more.length > 0) {
      throw new IOException("behind the answer there is more: " + new String(more, ISO_8859_1) + "\nthe answer: " + responses.getLast());
    }
  }
}
