package io.berth.bench;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection that is written and read with blocking calls by one platform thread. It opens itself when it is needed and again after an
 * error, sends one request at a time and reads the answer whole.
 *
 * <p>Hand-written because a load generator must not be what is measured. Prototypes that took turns at a static file of 1.5 KB on loopback, with 16
 * connections on two busy cores, did a median of 110,000 requests a second with blocking calls on platform threads, 115,000 with one selector loop and
 * 75,000 with blocking calls on virtual threads, which pay a poll and a switch for each read. Platform threads are the simpler of the two that are
 * fast enough; workloads read from top to bottom. The finished client reached 0.7 to 1.0 of wrk's rate, turn by turn, at 5 microseconds of processor
 * time for a request against wrk's 2.6.
 *
 * <p>For one thread, but for {@link #abort} and {@link #busyNanos}.
 */
final class HttpConnection implements AutoCloseable {

  private static final byte[] NOTHING = {};
  private static final int ERROR_TEXT = 512;
  private static final int LARGEST_WRITE = 1 << 20;

  private final InetSocketAddress address;
  private final ByteBuffer out = ByteBuffer.allocateDirect(64 << 10);
  private final ByteBuffer in = ByteBuffer.allocateDirect(256 << 10);
  private final byte[] head = new byte[16 << 10];

  private volatile @Nullable SocketChannel channel;
  private volatile boolean aborted;
  private volatile long busySince;

  HttpConnection(InetSocketAddress address) {
    this.address = address;
    in.limit(0);
  }

  /**
   * Sends a request and reads its answer.
   *
   * @param keep how much of a successful answer's content to keep
   */
  Answer send(Request request, int keep) throws IOException {
    busySince = System.nanoTime();
    try {
      SocketChannel open = connected();
      IOException broken = written(open, request);
      if (broken == null) {
        return receive(open, request.bodilessAnswer(), keep);
      }
      try { // the server may have said why it stopped reading
        return receive(open, request.bodilessAnswer(), keep);
      } catch (IOException e) {
        broken.addSuppressed(e);
        throw broken;
      } finally {
        close();
      }
    } catch (IOException e) {
      close();
      throw e;
    } finally {
      busySince = 0;
    }
  }

  private SocketChannel connected() throws IOException {
    SocketChannel open = channel;
    if (open == null) {
      open = SocketChannel.open(address);
      open.setOption(StandardSocketOptions.TCP_NODELAY, true);
      in.clear().limit(0);
      channel = open;
    }
    if (aborted) {
      throw new IOException("aborted");
    }
    return open;
  }

  private @Nullable IOException written(SocketChannel open, Request request) {
    Payload body = request.body();
    try {
      out.clear().put(request.head());
      long sent = 0;
      if (body.size() <= out.remaining()) {
        while (sent < body.size()) {
          ByteBuffer part = body.part(sent, out.remaining());
          sent += part.remaining();
          out.put(part);
        }
      }
      writeAll(open, out.flip());
      while (sent < body.size()) {
        ByteBuffer part = body.part(sent, LARGEST_WRITE);
        sent += part.remaining();
        writeAll(open, part);
      }
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  private static void writeAll(SocketChannel open, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      int _ = open.write(bytes);
    }
  }

  private Answer receive(SocketChannel open, boolean bodiless, int keep) throws IOException {
    AnswerHead answer = readHead(open);
    while (answer.status() < 200) { // 100 Continue and the like
      answer = readHead(open);
    }
    long length = answer.length();
    byte[] kept = NOTHING;
    boolean untilEnd = false;
    if (bodiless || answer.status() == 204 || answer.status() == 304) {
      length = Math.max(0, length);
    } else {
      int wanted = answer.status() >= 300 ? ERROR_TEXT : keep;
      var keeper = wanted == 0 ? null : new ByteArrayOutputStream();
      untilEnd = !answer.chunked() && length < 0;
      if (answer.chunked()) {
        length = readChunks(open, keeper, wanted);
      } else {
        length = readContent(open, untilEnd ? Long.MAX_VALUE : length, untilEnd, keeper, wanted);
      }
      kept = keeper == null ? NOTHING : keeper.toByteArray();
    }
    if (answer.closes() || untilEnd) {
      close();
    }
    return new Answer(answer.status(), answer.location(), length, kept);
  }

  /** Leaves what follows the head in {@code in}. */
  private AnswerHead readHead(SocketChannel open) throws IOException {
    while (true) {
      int available = Math.min(in.remaining(), head.length);
      in.get(in.position(), head, 0, available);
      int end = AnswerHead.end(head, available);
      if (end > 0) {
        in.position(in.position() + end);
        return AnswerHead.parse(head, end);
      }
      if (available == head.length) {
        throw new IOException("the head of the answer is longer than " + head.length + " bytes");
      }
      in.compact();
      boolean ended = open.read(in) < 0;
      in.flip();
      if (ended) {
        throw new EOFException("the server closed the connection");
      }
    }
  }

  private long readContent(SocketChannel open, long length, boolean endIsFine, @Nullable ByteArrayOutputStream keeper, int wanted)
      throws IOException {
    long left = length;
    while (left > 0) {
      if (!in.hasRemaining() && !refilled(open)) {
        if (endIsFine) {
          break;
        }
        throw new EOFException("the server closed the connection within the content");
      }
      int taken = Math.toIntExact(Math.min(left, in.remaining()));
      if (keeper != null && keeper.size() < wanted) {
        byte[] bytes = new byte[Math.min(taken, wanted - keeper.size())];
        in.get(in.position(), bytes);
        keeper.writeBytes(bytes);
      }
      in.position(in.position() + taken);
      left -= taken;
    }
    return length - left;
  }

  private long readChunks(SocketChannel open, @Nullable ByteArrayOutputStream keeper, int wanted) throws IOException {
    long length = 0;
    while (true) {
      long size = chunkSize(readLine(open));
      if (size == 0) {
        while (!readLine(open).isEmpty()) {
          // a trailer field, which nobody needs
        }
        return length;
      }
      length += readContent(open, size, false, keeper, wanted);
      if (!readLine(open).isEmpty()) {
        throw new IOException("a chunk of the answer is longer than it says");
      }
    }
  }

  private static long chunkSize(String line) throws IOException {
    int semicolon = line.indexOf(';');
    String digits = (semicolon < 0 ? line : line.substring(0, semicolon)).strip();
    try {
      return Long.parseUnsignedLong(digits, 16);
    } catch (NumberFormatException e) {
      throw new IOException("the answer has a chunk of the size '" + digits + "'", e);
    }
  }

  private String readLine(SocketChannel open) throws IOException {
    int length = 0;
    while (true) {
      if (!in.hasRemaining() && !refilled(open)) {
        throw new EOFException("the server closed the connection within the content");
      }
      byte next = in.get();
      if (next == '\n') {
        boolean pair = length > 0 && head[length - 1] == '\r';
        return new String(head, 0, pair ? length - 1 : length, StandardCharsets.ISO_8859_1);
      }
      if (length == head.length) {
        throw new IOException("a line of the answer is longer than " + head.length + " bytes");
      }
      head[length++] = next;
    }
  }

  private boolean refilled(SocketChannel open) throws IOException {
    in.clear();
    boolean more = open.read(in) >= 0;
    in.flip();
    return more;
  }

  /** For how long the present request has been under way; 0 between requests. Any thread may ask. */
  long busyNanos() {
    long since = busySince;
    return since == 0 ? 0 : System.nanoTime() - since;
  }

  /** Lets a request that is under way fail, from another thread. */
  void abort() {
    close();
  }

  /** Lets the request that is under way and all later ones fail, from another thread. */
  void abortForGood() {
    aborted = true;
    close();
  }

  @Override
  public void close() {
    SocketChannel open = channel;
    channel = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException _) {
        // it is gone either way
      }
    }
  }
}
