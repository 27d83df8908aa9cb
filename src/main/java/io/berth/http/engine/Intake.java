package io.berth.http.engine;

import io.berth.http.RequestBody;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a connection reads from its socket, and how much: the valve between the peer and memory.
 *
 * <p>Between bodies it reads on, in small pieces. When a body begins, it stops (what came with the head is kept) until the reader asks;
 * then it reads while the body has room and the {@link BodyBudget} has been asked first. All that arrives in one read becomes one piece,
 * whatever chunks it came in, so that readers get large pieces.
 *
 * <p>For the event loop only, but for the methods that say otherwise.
 */
final class Intake implements BodySupply, BodyBudget.Waiter {

  /** After an answer, this much of a body nobody wants is thrown away for the sake of the connection. */
  static final int DISCARD_LIMIT = 1 << 20;

  private static final int SMALL_READ = 16 * 1024;
  private static final int SMALL_PIECE = 4 * 1024;
  private static final int CHUNKS_HELD = 4;

  private final Connection connection;
  private final Channel channel;
  private final EngineOptions.Limits limits;
  private final BodyBudget budget;
  private final Queue<RequestBody> bodies = new ArrayDeque<>();
  private @Nullable ReceivedBody receiving;
  private @Nullable ByteBuffer piece;
  private int unseen;
  private int reserved;
  private boolean inLine;
  private boolean stopped;
  private boolean refused;
  private boolean malformed;
  private boolean lost;
  private int discardable;

  Intake(Connection connection, Channel channel, EngineOptions.Limits limits, BodyBudget budget) {
    this.connection = connection;
    this.channel = channel;
    this.limits = limits;
    this.budget = budget;
  }

  // What the decoder tells.

  /** A well-formed head has been decoded; its body, if any, follows. */
  void head(HttpRequest head, long length) {
    connection.headComplete();
    if (length == 0) {
      bodies.add(NoBody.NONE);
      return;
    }
    boolean expects =
        head.protocolVersion().equals(HttpVersion.HTTP_1_1) && head.headers().contains(HttpHeaderNames.EXPECT, "100-continue", true);
    receiving = new ReceivedBody(this, limits, budget, length, expects);
    bodies.add(receiving);
  }

  /** A malformed head has been decoded; nothing behind it counts. */
  void refused() {
    refused = true;
  }

  /** Bytes of the body have been decoded; they are copied. */
  void bodyBytes(ByteBuf bytes) {
    ReceivedBody body = receiving;
    int count = bytes.readableBytes();
    if (body == null) {
      return;
    }
    if (body.isDiscarded()) {
      body.received(count);
      discard(count);
      return;
    }
    while (bytes.isReadable()) {
      ByteBuffer into = piece != null ? piece : newPiece(body, bytes.readableBytes());
      if (into == null) {
        return;
      }
      int some = Math.min(bytes.readableBytes(), into.remaining());
      into.limit(into.position() + some);
      bytes.readBytes(into);
      into.limit(into.capacity());
      body.received(some);
      if (!into.hasRemaining()) {
        deliverPiece();
      }
    }
    unseen = Math.max(unseen - count, 0);
  }

  private @Nullable ByteBuffer newPiece(ReceivedBody body, int atLeast) {
    int size = (int) Math.max(atLeast, Math.min(Math.max(unseen, SMALL_PIECE), body.remaining()));
    int paid = Math.min(reserved, size);
    if (size > paid && !budget.takeUnasked(size - paid)) {
      body.fail(new IOException("too many bodies at once"));
      malformed = true;
      return null;
    }
    reserved -= paid;
    ByteBuffer fresh = ByteBuffer.allocate(size);
    piece = fresh;
    return fresh;
  }

  private void deliverPiece() {
    ByteBuffer full = piece;
    if (full != null && receiving != null) {
      piece = null;
      receiving.add(full.flip());
    }
  }

  /** The body has been decoded to its end. */
  void bodyEnded() {
    deliverPiece();
    if (receiving != null) {
      receiving.end();
      receiving = null;
    }
    returnReservation(0);
  }

  /** The body breaks the rules of its coding; where it ends can't be known any more. */
  void bodyMalformed() {
    deliverPiece();
    malformed = true;
    if (receiving != null) {
      receiving.fail(new IOException("the chunked coding of the body is malformed"));
    }
  }

  // What the socket tells.

  /** How much the next read may bring. */
  int readSize() {
    ReceivedBody body = receiving;
    if (body == null || !body.isAsked() || body.isDiscarded()) {
      return SMALL_READ;
    }
    int most = Math.min(limits.chunkBytes(), body.room(limit(), budget.least()));
    if (reserved < most) {
      reserved += budget.takeSome(most - reserved);
    }
    return Math.max(reserved, budget.least());
  }

  /** A read brought {@code bytes}, which are about to be decoded. */
  void arriving(int bytes) {
    unseen = bytes;
  }

  /** They have been decoded. */
  void arrived() {
    deliverPiece();
    adjust();
  }

  /** A series of reads is over. */
  void readsDone() {
    deliverPiece(); // the read that ended a handshake went by unannounced
    returnReservation(budget.least());
    adjust();
  }

  /** The connection is gone. */
  void lost() {
    lost = true;
    deliverPiece();
    if (receiving != null) {
      receiving.fail(new IOException("the connection was closed before the end of the body"));
      receiving = null;
    }
    returnReservation(0);
    for (RequestBody body : bodies) {
      if (body instanceof ReceivedBody undispatched) {
        undispatched.close();
      }
    }
    bodies.clear();
  }

  // What the connection asks.

  /** The body of the next request to be handled. */
  RequestBody nextBody() {
    RequestBody next = bodies.poll();
    return next == null ? NoBody.NONE : next;
  }

  /** Whether bytes of this body are still to come. */
  boolean isReceiving(RequestBody body) {
    return receiving == body;
  }

  /** Whether the peer may be sending what nobody will look at. */
  boolean hasUnreadInput() {
    return refused || malformed || receiving != null;
  }

  /** Whether no request waits to be handled. */
  boolean isIdle() {
    return bodies.isEmpty() && receiving == null && !isBroken();
  }

  /** Whether the connection can't be used for another request. */
  boolean isBroken() {
    return refused || malformed;
  }

  /** Throws away the rest of a body that has been answered. */
  void discardRest(ReceivedBody body) {
    body.discarded();
    discardable = DISCARD_LIMIT;
    returnReservation(0);
    adjust();
  }

  private void discard(int count) {
    discardable -= count;
    if (discardable < 0) {
      connection.close();
    }
  }

  // What the reader of a body asks, on its own thread.

  /** The reader's first read. */
  @Override
  public void ask(ReceivedBody body) {
    connection.execute(() -> {
      if (lost || body.isAsked()) {
        return;
      }
      if (body.wantsContinue()) {
        connection.sendContinue();
      }
      body.asked();
      body.inLine(inLine);
      adjust();
    });
  }

  /** The body has room again. */
  @Override
  public void resume() {
    connection.execute(this::adjust);
  }

  /** A body can't be waited for on the thread that brings it. */
  @Override
  public void refuseOnLoop() {
    if (channel.eventLoop().inEventLoop()) {
      throw new IllegalStateException("a body can't be read on the event loop");
    }
  }

  @Override
  public void granted(int bytes) {
    try {
      channel.eventLoop().execute(() -> {
        inLine = false;
        reserved += bytes;
        ReceivedBody body = receiving;
        if (body == null || lost) {
          returnReservation(0);
        } else {
          body.inLine(false);
          adjust();
        }
      });
    } catch (RejectedExecutionException _) {
      budget.release(bytes);
    }
  }

  // The valve.

  /** Opens or closes the valve. */
  void adjust() {
    if (lost) {
      return;
    }
    if (isOpen()) {
      if (stopped) {
        stopped = false;
        channel.config().setAutoRead(true);
      }
    } else if (!stopped || channel.config().isAutoRead()) {
      stopped = true;
      channel.config().setAutoRead(false);
    }
  }

  private boolean isOpen() {
    if (connection.isLingering()) {
      return connection.lingersOn();
    }
    if (malformed) {
      return false;
    }
    ReceivedBody body = receiving;
    if (body == null || body.isDiscarded()) {
      return true;
    }
    if (!body.isAsked() || inLine) {
      return false;
    }
    if (body.room(limit(), budget.least()) < budget.least()) {
      returnReservation(0);
      return false;
    }
    if (reserved >= budget.least()) {
      return true;
    }
    returnReservation(0);
    if (budget.take(budget.least(), this)) {
      reserved = budget.least();
      return true;
    }
    inLine = true;
    body.inLine(true);
    return false;
  }

  private int limit() {
    return budget.share(CHUNKS_HELD * limits.chunkBytes());
  }

  private void returnReservation(int keep) {
    if (reserved > keep) {
      int surplus = reserved - keep;
      reserved = keep;
      budget.release(surplus);
    }
  }
}
