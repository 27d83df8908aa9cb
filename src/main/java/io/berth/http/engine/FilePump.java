package io.berth.http.engine;

import io.berth.oci.BlobContent;
import io.netty.buffer.ByteBuf;
import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a part of a file where the kernel can't copy it: over TLS, and in the frames of HTTP/2. A virtual thread reads it in pieces, the event
 * loop writes them, and only a few are between file and peer at any time: one at first, and one more each time the peer has taken one. Who
 * takes slowly makes the reader wait; who takes nothing costs one piece.
 */
final class FilePump {

  private static final Logger LOG = LoggerFactory.getLogger(FilePump.class);
  private static final int PIECE = 128 * 1024;
  private static final int PIECES_UNDER_WAY = 4;

  private final Exchange exchange;
  private final BlobContent.InFile file;
  private final boolean last;
  private final Semaphore own = new Semaphore(1);
  private final Semaphore shared;
  private volatile boolean stopped;
  private int allowed = 1;

  FilePump(Exchange exchange, BlobContent.InFile file, boolean last) {
    this.exchange = exchange;
    this.file = file;
    this.last = last;
    this.shared = exchange.outlet().pieces();
  }

  /** Sends {@code length} bytes from {@code offset}, at least one. For the event loop, once. */
  void start(long offset, long length) {
    exchange.pumped(this);
    Thread.startVirtualThread(() -> read(offset, length));
  }

  /** Nobody wants more. */
  void stop() {
    stopped = true;
    own.release();
  }

  private void read(long offset, long length) {
    try {
      long from = offset;
      long end = offset + length;
      while (from < end) {
        own.acquireUninterruptibly();
        shared.acquireUninterruptibly();
        if (stopped) {
          shared.release();
          return;
        }
        ByteBuf piece = piece(from, (int) Math.min(PIECE, end - from));
        from += piece.readableBytes();
        boolean whole = from == end;
        if (!exchange.execute(() -> send(piece, whole))) {
          piece.release();
          shared.release();
          return;
        }
      }
    } catch (IOException e) {
      shared.release();
      if (!stopped) {
        LOG.error("the file for request {} can't be read", exchange.id(), e);
        boolean _ = exchange.execute(exchange::failed);
      }
    }
  }

  private ByteBuf piece(long from, int length) throws IOException {
    ByteBuf piece = exchange.outlet().buffer(length);
    boolean fine = false;
    try {
      while (piece.readableBytes() < length) {
        int missing = length - piece.readableBytes();
        if (piece.writeBytes(file.channel(), from + piece.readableBytes(), missing) < 0) {
          throw new EOFException("the file is shorter than its blob");
        }
      }
      fine = true;
      return piece;
    } finally {
      if (!fine) {
        piece.release();
      }
    }
  }

  private void send(ByteBuf piece, boolean whole) {
    if (exchange.isOver()) {
      piece.release();
      shared.release();
    } else if (whole) {
      exchange.outlet().end(piece, this::ended);
    } else {
      exchange.outlet().write(piece, this::taken);
    }
  }

  private void taken(boolean well) {
    shared.release();
    if (!well) {
      exchange.failed();
      return;
    }
    exchange.wrote(PIECE); // all but the last are of this size
    if (allowed < PIECES_UNDER_WAY) {
      allowed++;
      own.release(2);
    } else {
      own.release();
    }
  }

  private void ended(boolean well) {
    shared.release();
    if (well) {
      exchange.sent(last);
    } else {
      exchange.failed();
    }
  }
}
