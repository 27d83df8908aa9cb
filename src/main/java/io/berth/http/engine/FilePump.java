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
 * loop writes them ({@link LoopTurns}), and only a few are between file and peer at any time: a small one at first, and more and larger ones as the
 * peer takes them soon, once it has taken more than the kernel would have for one that reads nothing. Who takes slowly makes the reader wait,
 * and costs one small piece. All pieces of a server are counted in its {@link PieceBudget}, and come back however the exchange ends.
 */
final class FilePump {

  private static final Logger LOG = LoggerFactory.getLogger(FilePump.class);
  private static final int PIECE = 128 * 1024;
  private static final int LEAST_PIECE = 16 * 1024;
  private static final int AHEAD = 2 * SendQueue.BYTES; // with what the peer's own kernel takes
  private static final int PIECES_UNDER_WAY = 4;
  private static final long SECOND = 1_000_000_000;

  private final Exchange exchange;
  private final BlobContent.InFile file;
  private final boolean last;
  private final Semaphore own = new Semaphore(1);
  private final Semaphore shared;
  private final LoopTurns turns;
  private final PieceBudget.Share share;
  private volatile boolean stopped;
  private volatile int size = LEAST_PIECE;
  private int allowed = 1; // from here on, for the event loop
  private int underWay;
  private long mark;
  private long gone;

  FilePump(Exchange exchange, BlobContent.InFile file, boolean last, PieceBudget budget) {
    this.exchange = exchange;
    this.file = file;
    this.last = last;
    this.shared = exchange.outlet().pieces();
    this.turns = exchange.turns();
    this.share = budget.file(exchange.countedAs(), exchange::giveUp);
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
    long end = offset + length;
    for (long from = offset; from < end;) {
      own.acquireUninterruptibly();
      shared.acquireUninterruptibly();
      int some = 0;
      boolean sent = false;
      try {
        some = stopped ? 0 : share.take((int) Math.min(size, end - from));
        sent = some > 0 && hand(from, some, from + some == end);
      } catch (IOException | RuntimeException | Error e) { // the memory for a piece may fail, too
        failed(e);
      } finally {
        if (!sent) {
          giveBack(some);
        }
      }
      if (!sent) {
        return;
      }
      from += some;
    }
  }

  /** Reads a piece and hands it to the event loop, when it is its turn; false if the loop has ended for good. */
  private boolean hand(long from, int length, boolean whole) throws IOException {
    boolean handed = false;
    turns.take();
    try {
      ByteBuf piece = piece(from, length);
      handed = exchange.execute(() -> {
        turns.used();
        send(piece, whole);
      });
      if (!handed) {
        piece.release();
      }
      return handed;
    } finally {
      if (!handed) {
        turns.giveBack();
      }
    }
  }

  private void failed(Throwable e) {
    if (!stopped) {
      LOG.error("the file for request {} can't be sent", exchange.id(), e);
      boolean _ = exchange.execute(exchange::failed);
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
    int length = piece.readableBytes();
    if (exchange.isOver()) {
      piece.release();
      giveBack(length);
      return;
    }
    if (underWay++ == 0) {
      mark = System.nanoTime();
    }
    Outlet.Sent once = new Outlet.Sent() {
      private boolean told;

      @Override
      public void sent(boolean well) {
        if (!told) {
          told = true;
          gone(length, well, whole);
        }
      }
    };
    try {
      if (whole) {
        exchange.outlet().end(piece, once);
      } else {
        exchange.outlet().write(piece, once);
      }
    } catch (RuntimeException | Error e) {
      LOG.error("the file for request {} can't be sent", exchange.id(), e);
      once.sent(false);
    }
  }

  private void giveBack(int length) {
    if (length > 0) {
      share.taken(length);
    }
    shared.release();
  }

  /** A piece has been taken, or will not be. */
  private void gone(int length, boolean well, boolean whole) {
    underWay--;
    giveBack(length);
    if (!well) {
      exchange.failed();
    } else if (whole) {
      exchange.sent(last);
    } else {
      exchange.wrote(length);
      gone += length;
      pace();
    }
  }

  /** Who takes a piece within a second has more of them, and larger ones, under way; who does not has fewer, so that little is held for him. */
  private void pace() {
    long now = System.nanoTime();
    boolean quick = now - mark < SECOND;
    mark = now;
    if (quick && gone <= AHEAD) {
      own.release(); // the kernel has taken it, of the peer nothing is known yet
    } else if (quick) {
      size = Math.min(size * 2, PIECE);
      own.release(allowed < PIECES_UNDER_WAY ? 2 : 1);
      allowed = Math.min(allowed + 1, PIECES_UNDER_WAY);
    } else {
      size = Math.max(size / 2, LEAST_PIECE);
      own.release(allowed > 1 ? 0 : 1);
      allowed = Math.max(allowed - 1, 1);
    }
  }
}
