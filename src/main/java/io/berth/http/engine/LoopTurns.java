package io.berth.http.engine;

import io.netty.channel.SingleThreadEventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/**
 * The pieces of files that may be on their way to one event loop at a time. To encrypt and write one takes as long as to answer many requests, and a loop
 * does all that it was handed before it looks at its sockets again: without a bound, a crowd of downloads that begin at once would keep everybody else
 * waiting for the whole of it. A turn that was used comes back when the loop is about to look. Safe for all threads; {@link #take} blocks,
 * and is for virtual threads.
 */
final class LoopTurns {

  /** One that is written and one that is read meanwhile. */
  static final int TURNS = 2;

  private final SingleThreadEventLoop loop;
  private final Semaphore turns = new Semaphore(TURNS, true);

  LoopTurns(SingleThreadEventLoop loop) {
    this.loop = loop;
  }

  /** Waits for a turn. */
  void take() {
    turns.acquireUninterruptibly();
  }

  /** The loop has done what the turn was for. */
  void used() {
    try {
      loop.executeAfterEventLoopIteration(turns::release);
    } catch (RejectedExecutionException _) {
      turns.release();
    }
  }

  /** Nothing was handed to the loop. */
  void giveBack() {
    turns.release();
  }
}
