package io.berth.http.engine;

import io.berth.http.RequestBody;
import io.berth.http.SlowPeerException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A body on its way from the event loop, which adds pieces as they arrive, to one reader on a virtual thread. Every piece in here is
 * counted in the {@link BodyBudget}, and given back when the reader asks for the next one or the body is closed. Pieces that arrived
 * before the connection broke are handed out before the failure is.
 *
 * <p>The reader also judges the peer, since it knows when it is the peer that is waited for: {@link SlowPeerException} after the idle
 * timeout without a byte, or after a window of waiting in which too few came.
 *
 * <p>What is marked as the loop's is touched by the event loop only, {@link #next} by the reader only; the rest is under the lock.
 */
final class ReceivedBody implements RequestBody {

  /** The length of a chunked body. */
  static final long UNKNOWN_LENGTH = -1;

  private final BodySupply supply;
  private final EngineOptions.Limits limits;
  private final BodyBudget budget;
  private final long length;
  private final boolean expectsContinue;

  // the loop's
  private boolean asked;
  private boolean discarded;
  private long received;

  // under the lock
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition change = lock.newCondition();
  private final Deque<ByteBuffer> pieces = new ArrayDeque<>();
  private int held;
  private int resumeAt = -1;
  private long arrived;
  private boolean ended;
  private boolean closed;
  private boolean inLine;
  private @Nullable IOException failure;

  // the reader's
  private @Nullable ByteBuffer current;
  private boolean asking;
  private long waited;
  private long arrivedBefore;

  ReceivedBody(BodySupply supply, EngineOptions.Limits limits, BodyBudget budget, long length, boolean expectsContinue) {
    this.supply = supply;
    this.limits = limits;
    this.budget = budget;
    this.length = length;
    this.expectsContinue = expectsContinue;
    budget.enter();
  }

  @Override
  public OptionalLong declaredLength() {
    return length == UNKNOWN_LENGTH ? OptionalLong.empty() : OptionalLong.of(length);
  }

  @Override
  public @Nullable ByteBuffer next() throws IOException {
    supply.refuseOnLoop();
    giveBackCurrent();
    askOnce();
    lock.lock();
    try {
      long quiet = 0;
      while (pieces.isEmpty() && !ended && failure == null && !closed) {
        quiet += awaitChange(quiet);
        judge(quiet);
      }
      if (closed) {
        throw new IOException("the body is closed: its request has been answered");
      }
      current = pieces.poll();
      if (current == null && failure != null) {
        throw failure instanceof SlowPeerException slow ? slow : new IOException(failure.getMessage(), failure);
      }
      return current;
    } finally {
      lock.unlock();
    }
  }

  private void askOnce() {
    if (!asking) {
      asking = true;
      if (!isComplete()) {
        supply.ask(this);
      }
    }
  }

  private boolean isComplete() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  private void giveBackCurrent() {
    ByteBuffer done = current;
    if (done == null) {
      return;
    }
    current = null;
    boolean resume;
    lock.lock();
    try {
      if (closed) {
        return; // all of it has been given back
      }
      held -= done.capacity();
      resume = held <= resumeAt;
      if (resume) {
        resumeAt = -1;
      }
    } finally {
      lock.unlock();
    }
    budget.release(done.capacity());
    if (resume) {
      supply.resume();
    }
  }

  /** Waits for a change; the time spent is the peer's unless it went by in line for the budget. */
  @SuppressWarnings("WaitNotInLoop") // the loop is in next()
  private long awaitChange(long quiet) throws InterruptedIOException {
    boolean peersTurn = !inLine;
    long patience = Long.MAX_VALUE;
    if (peersTurn) {
      patience = Math.min(limits.idleTimeout().toNanos() - quiet, limits.rateWindow().toNanos() - waited);
    }
    long left;
    try {
      left = change.awaitNanos(patience);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for the body");
    }
    long spent = peersTurn ? patience - left : 0;
    waited += spent;
    return spent;
  }

  private void judge(long quiet) {
    if (pieces.isEmpty() && !ended && failure == null && quiet >= limits.idleTimeout().toNanos()) {
      failure = new SlowPeerException("the body stopped: not a byte for " + seconds(limits.idleTimeout()));
      return;
    }
    if (waited < limits.rateWindow().toNanos()) {
      return;
    }
    long rate = (long) ((arrived - arrivedBefore) * 1e9 / waited);
    if (rate < limits.minimumRate() && !ended && failure == null) {
      failure = new SlowPeerException("the body is too slow: " + rate + " bytes a second, " + limits.minimumRate() + " are the least");
    }
    waited = 0;
    arrivedBefore = arrived;
  }

  private static String seconds(Duration time) {
    return time.toMillis() < 1000 ? time.toMillis() + " ms" : time.toSeconds() + " s";
  }

  // From here on: the event loop.

  /** Marks that the reader wants bytes. */
  void asked() {
    asked = true;
  }

  boolean isAsked() {
    return asked;
  }

  /** Marks that nobody wants the rest. */
  void discarded() {
    discarded = true;
  }

  boolean isDiscarded() {
    return discarded;
  }

  /** Counts bytes that came over the wire. */
  void received(int bytes) {
    received += bytes;
  }

  /** The bytes still to come, as declared; as many as can be if the length is unknown. */
  long remaining() {
    return length == UNKNOWN_LENGTH ? Long.MAX_VALUE : length - received;
  }

  /** The bytes that have arrived. */
  long receivedBytes() {
    return received;
  }

  /** Whether the peer waits for {@code 100 Continue}, as far as can be known. */
  boolean awaitsContinue() {
    return expectsContinue && !asked && received == 0;
  }

  /** Whether {@code 100 Continue} has to be sent when the reader asks. */
  boolean wantsContinue() {
    return expectsContinue && received == 0;
  }

  /** How many more bytes may be in here; if fewer than {@code least}, the intake is resumed when half are gone. */
  int room(int limit, int least) {
    lock.lock();
    try {
      int room = Math.max(limit - held, 0);
      if (room < least) {
        resumeAt = Math.max(limit / 2, 0);
      }
      return room;
    } finally {
      lock.unlock();
    }
  }

  /** Adds a piece, whose capacity is taken from the budget already. */
  void add(ByteBuffer piece) {
    boolean kept;
    lock.lock();
    try {
      arrived += piece.remaining();
      kept = !closed && !appended(piece);
      if (kept) {
        pieces.add(piece);
        held += piece.capacity();
      }
      change.signal();
    } finally {
      lock.unlock();
    }
    if (!kept) {
      budget.release(piece.capacity());
    }
  }

  /** Copies a piece into the free space of the one before it, so that a trickle does not become a heap of crumbs. */
  private boolean appended(ByteBuffer piece) {
    ByteBuffer before = pieces.peekLast();
    if (before == null || before.capacity() - before.limit() < piece.remaining()) {
      return false;
    }
    int end = before.limit();
    before.limit(end + piece.remaining());
    before.put(end, piece, 0, piece.remaining());
    return true;
  }

  /** The last piece has been added. */
  void end() {
    lock.lock();
    try {
      ended = true;
      change.signal();
    } finally {
      lock.unlock();
    }
  }

  /** No more will come, though more was to come. */
  void fail(IOException reason) {
    lock.lock();
    try {
      if (failure == null && !ended) {
        failure = reason;
        change.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  boolean isFailed() {
    lock.lock();
    try {
      return failure != null;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the body stands in line for the budget, so that the time is not the peer's. */
  void inLine(boolean waits) {
    lock.lock();
    try {
      inLine = waits;
      change.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Drops what is in here and gives it back. Whoever reads on gets an exception. */
  void close() {
    int dropped;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      pieces.clear();
      dropped = held;
      held = 0;
      change.signal();
    } finally {
      lock.unlock();
    }
    budget.leave();
    budget.release(dropped);
  }
}
