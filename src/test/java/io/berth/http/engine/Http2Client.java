package io.berth.http.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A socket that speaks HTTP/2 in clear text, frame by frame, as badly as it is told to. */
final class Http2Client implements AutoCloseable {

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RESET = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int ACK = 1;
  static final int END_HEADERS = 4;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);

  /** One frame. */
  record Frame(int type, int flags, int stream, byte[] payload) {

    boolean is(int flag) {
      return (flags & flag) != 0;
    }

    /** The error of a RESET, the increment of a WINDOW_UPDATE. */
    int number() {
      return ByteBuffer.wrap(payload).getInt();
    }

    /** The error of a GOAWAY. */
    int error() {
      return ByteBuffer.wrap(payload).getInt(4);
    }
  }

  /** An answer that has come to its end. */
  record Answer(Http2Headers head, byte[] body) {

    String status() {
      return head.status().toString();
    }

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /** Connects and says nothing. */
  Http2Client(HttpServer server) throws IOException {
    this(new Socket(server.address().getAddress(), server.address().getPort()));
  }

  private Http2Client(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(20_000);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out = socket.getOutputStream();
  }

  /** Connects, says that it speaks HTTP/2, and hears what the server says about itself. */
  static Http2Client greet(HttpServer server, int... settings) throws IOException {
    Http2Client client = new Http2Client(server);
    client.greet(settings);
    return client;
  }

  /** The same from another address of this machine. */
  static Http2Client greetFrom(InetAddress own, HttpServer server, int... settings) throws IOException {
    Http2Client client = new Http2Client(new Socket(server.address().getAddress(), server.address().getPort(), own, 0));
    client.greet(settings);
    return client;
  }

  void greet(int... settings) throws IOException {
    send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    ByteBuffer payload = ByteBuffer.allocate(settings.length * 3);
    for (int i = 0; i < settings.length; i += 2) {
      payload.putShort((short) settings[i]).putInt(settings[i + 1]);
    }
    frame(SETTINGS, 0, 0, payload.array());
    frame(SETTINGS, ACK, 0);
  }

  Http2Client send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  /** Sends a frame. */
  Http2Client frame(int type, int flags, int stream, byte... payload) throws IOException {
    return send(bytes(type, flags, stream, payload));
  }

  static byte[] bytes(int type, int flags, int stream, byte... payload) {
    return ByteBuffer.allocate(9 + payload.length).put((byte) (payload.length >> 16)).putShort((short) payload.length).put((byte) type)
        .put((byte) flags).putInt(stream).put(payload).array();
  }

  /** Begins a request. Fields are {@code name: value}; those that are missing of the usual four are added. */
  Http2Client request(int stream, boolean whole, String... fields) throws IOException {
    return frame(HEADERS, END_HEADERS | (whole ? END_STREAM : 0), stream, usual(fields));
  }

  static byte[] usual(String... fields) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (String usual : new String[] {":method: GET", ":scheme: http", ":path: /", ":authority: h"}) {
      String name = usual.substring(0, usual.indexOf(": "));
      if (Arrays.stream(fields).noneMatch(field -> field.startsWith(name + ": ") || field.equals("-" + name))) {
        block.writeBytes(literal(usual));
      }
    }
    for (String field : fields) {
      if (!field.startsWith("-")) {
        block.writeBytes(literal(field));
      }
    }
    return block.toByteArray();
  }

  /** A field, neither indexed nor compressed (RFC 7541, section 6.2.2). */
  private static byte[] literal(String field) {
    int colon = Math.max(field.indexOf(": ", 1), 0);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(0);
    string(bytes, field.substring(0, colon));
    string(bytes, field.substring(colon + 2));
    return bytes.toByteArray();
  }

  private static void string(ByteArrayOutputStream into, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    if (bytes.length < 127) {
      into.write(bytes.length);
    } else {
      into.write(127);
      int rest = bytes.length - 127;
      while (rest >= 128) {
        into.write(rest & 127 | 128);
        rest >>= 7;
      }
      into.write(rest);
    }
    into.writeBytes(bytes);
  }

  /** The next frame, whatever it is. */
  Frame next() throws IOException {
    int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    byte[] payload = new byte[length];
    in.readFully(payload);
    return new Frame(type, flags, stream, payload);
  }

  /** The next frame of a type; others are skipped, but heads are decoded, since one depends on the other. */
  Frame next(int type) throws IOException {
    Frame frame = next();
    while (frame.type != type) {
      if (frame.type == HEADERS) {
        head(frame);
      }
      frame = next();
    }
    return frame;
  }

  Http2Headers head(Frame frame) throws IOException {
    ByteBuf block = Unpooled.wrappedBuffer(frame.payload);
    try {
      return decoder.decodeHeaders(frame.stream, block);
    } catch (io.netty.handler.codec.http2.Http2Exception e) {
      throw new IOException(e);
    }
  }

  /** The answer on a stream; frames of others are skipped, and windows are left as they are. */
  Answer answer(int stream) throws IOException {
    Http2Headers head = null;
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      Frame frame = next();
      if (frame.type == HEADERS) {
        Http2Headers decoded = head(frame);
        head = frame.stream == stream ? decoded : head;
      } else if (frame.type == GOAWAY && frame.error() != 0 || frame.type == RESET && frame.stream == stream) {
        throw new EOFException((frame.type == RESET ? "reset " + frame.number() : "goaway " + frame.error()) + " instead of an answer");
      } else if (frame.type == DATA && frame.stream == stream) {
        body.writeBytes(frame.payload);
      }
      if (frame.stream == stream && (frame.type == HEADERS || frame.type == DATA) && frame.is(END_STREAM)) {
        return new Answer(head, body.toByteArray());
      }
    }
  }

  /** With which error the server ends a stream. */
  int reset(int stream) throws IOException {
    Frame frame = next(RESET);
    while (frame.stream != stream) {
      frame = next(RESET);
    }
    return frame.number();
  }

  /** Waits for the end of the connection, whichever way it comes. */
  boolean isEnded() {
    try {
      while (true) {
        next();
      }
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException ended) {
      return true;
    }
  }

  InputStream raw() {
    return in;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
