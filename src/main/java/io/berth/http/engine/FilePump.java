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
 * takes slowly makes the reader wait; who takes nothing costs one piece. All pieces of a server are counted in its {@link AnswerBudget}.
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
  private final AnswerBudget.Share share;
  private volatile boolean stopped;
  private int allowed = 1;

  FilePump(Exchange exchange, BlobContent.InFile file, boolean last, AnswerBudget budget) {
    this.exchange = exchange;
    this.file = file;
    this.last = last;
    this.shared = exchange.outlet().pieces();
    this.share = budget.file(exchange::giveUp);
  }

  /** Sends {@code length} bytes from {@code offset}, at least one. For the event loop, once. */
  void start(long offset, long length) {
    exchange.pumped(this);
    Thread.startVirtualThread(() -> read(offset, length));
  }

  /** Nobody wants more. */
  void stop() {
    stopped = true;
    share.leave();
    own.release();
  }

  private void read(long offset, long length) {
    long from = offset;
    long end = offset + length;
    while (from < end) {
      own.acquireUninterruptibly();
      shared.acquireUninterruptibly();
      int most = (int) Math.min(PIECE, end - from);
      int some = stopped ? 0 : share.take(most);
      if (some == 0 || !send(from, some, from + some == end)) {
        shared.release();
        return;
      }
      from += some;
    }
  }

  /** Reads a piece and has it sent; false if that is the end. */
  private boolean send(long from, int length, boolean whole) {
    try {
      ByteBuf piece = piece(from, length);
      if (exchange.execute(() -> send(piece, whole))) {
        return true;
      }
      piece.release();
    } catch (IOException e) {
      if (!stopped) {
        LOG.error("the file for request {} can't be read", exchange.id(), e);
        boolean _ = exchange.execute(exchange::failed);
      }
    }
    share.taken(length);
    return false;
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
    int length = piece.readableBytes();
    if (exchange.isOver()) {
      piece.release();
      giveBack(length);
    } else if (whole) {
      exchange.outlet().end(piece, well -> ended(well, length));
    } else {
      exchange.outlet().write(piece, well -> taken(well, length));
    }
  }

  private void giveBack(int length) {
    share.taken(length);
    shared.release();
  }

  private void taken(boolean well, int length) {
    giveBack(length);
    if (!well) {
      exchange.failed();
      return;
    }
    exchange.wrote(length);
    if (allowed < PIECES_UNDER_WAY) {
      allowed++;
      own.release(2);
    } else {
      own.release();
    }
  }

  private void ended(boolean well, int length) {
    giveBack(length);
    if (well) {
      exchange.sent(last);
    } else {
      exchange.failed();
    }
  }
}
