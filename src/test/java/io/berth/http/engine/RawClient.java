package io.berth.http.engine;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A socket that says exactly what it is told to, and takes answers apart. */
final class RawClient implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  RawClient(HttpServer server) throws IOException {
    this(server.address(), 0);
  }

  /** A client whose system takes no more than {@code window} bytes before they are read; 0 for as many as it likes. */
  RawClient(InetSocketAddress address, int window) throws IOException {
    this(new Socket(), address, window);
  }

  /** A client that comes from a certain address of this machine. */
  static RawClient from(InetAddress own, InetSocketAddress address) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(own, 0));
    return new RawClient(socket, address, 0);
  }

  private RawClient(Socket socket, InetSocketAddress address, int window) throws IOException {
    if (window > 0) {
      socket.setReceiveBufferSize(window);
    }
    this(connected(socket, address));
  }

  private static Socket connected(Socket socket, InetSocketAddress address) throws IOException {
    socket.connect(address, PATIENCE_MILLIS);
    return socket;
  }

  /** A client on a socket that is connected, and perhaps speaks TLS. */
  RawClient(Socket connected) throws IOException {
    socket = connected;
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  /** One answer. Header names are in lower case. */
  record Answer(int status, Map<String, List<String>> headers, byte[] body) {

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    String header(String name) {
      List<String> values = headers.get(name.toLowerCase(Locale.ROOT));
      return values == null ? "" : String.join(", ", values);
    }

    boolean has(String name) {
      return headers.containsKey(name.toLowerCase(Locale.ROOT));
    }
  }

  RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  RawClient send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  /** A request without a body, and its answer. */
  Answer get(String target) throws IOException {
    return send("GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n").read();
  }

  Answer read() throws IOException {
    Answer head = readHead();
    return new Answer(head.status(), head.headers(), readBody(head));
  }

  /** Reads the body behind a head. */
  byte[] readBody(Answer head) throws IOException {
    int length = head.has("content-length") ? Integer.parseInt(head.header("content-length")) : 0;
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException(body.length + " of " + length + " bytes");
    }
    return body;
  }

  /** Reads the head of an answer and nothing of a body. */
  Answer readHead() throws IOException {
    String status = readLine();
    Map<String, List<String>> headers = new TreeMap<>();
    for (String line = readLine(); !line.isEmpty(); line = readLine()) {
      int colon = line.indexOf(':');
      headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    return new Answer(Integer.parseInt(status.substring(9, 12)), headers, new byte[0]);
  }

  /** The next chunk of a body; empty at its end. */
  String readChunk() throws IOException {
    byte[] chunk = in.readNBytes(Integer.parseInt(readLine(), 16));
    String behind = readLine();
    if (!behind.isEmpty()) {
      throw new IOException("a chunk goes on: " + behind);
    }
    return new String(chunk, StandardCharsets.UTF_8);
  }

  /** All that comes until the end of the connection. */
  String readRest() throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  private String readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection ended after: " + line.toString(StandardCharsets.ISO_8859_1));
      }
      line.write(b);
    }
    return line.toString(StandardCharsets.ISO_8859_1).strip();
  }

  /** Whether nothing arrives within a moment. */
  boolean isSilentFor(int millis) throws IOException {
    socket.setSoTimeout(millis);
    try {
      in.mark(1);
      int b = in.read();
      in.reset();
      return b < 0;
    } catch (java.net.SocketTimeoutException e) {
      return true;
    } finally {
      socket.setSoTimeout(PATIENCE_MILLIS);
    }
  }

  /** Waits for the end of the connection, whichever way it comes. */
  boolean isEnded() {
    try {
      return in.read() < 0;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  /** Goes away in order. */
  void leave() throws IOException {
    socket.close();
  }

  /** Goes away with a reset. */
  void vanish() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
