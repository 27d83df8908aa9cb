package io.berth.http.engine;

import io.berth.http.RequestBody;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One stream of HTTP/2: its exchange, and the valve between the peer and the memory for its body.
 *
 * <p>The valve is the stream's window. It begins small; what comes in it is unasked. When the reader asks, the window grows, and every byte of
 * that has been asked of the {@link BodyBudget} first. It grows to about what the peer sends in a second, so that a fast peer is never held
 * up, and a slow one holds little of the budget. Frames that arrive together become one piece.
 *
 * <p>For the event loop only, but for the methods that say otherwise.
 */
final class StreamCarrier implements Carrier, BodySupply, BodyBudget.Waiter {

  /** The window of a stream whose body nobody has asked for. */
  static final int FIRST_WINDOW = 16 * 1024;

  private static final int SMALL_PIECE = 4 * 1024;
  private static final int SLOWEST_WINDOW = 64 * 1024;
  private static final int LARGEST_WINDOW = 4 << 20;
  private static final long SECOND = 1_000_000_000;

  private final Http2Session session;
  private final Http2Stream stream;
  private final Http2Outlet outlet;
  private final EngineOptions.Limits limits;
  private final BodyBudget budget;
  private final List<ByteBuf> frames = new ArrayList<>();
  private @Nullable Exchange exchange;
  private @Nullable ReceivedBody body;
  private int framesBytes;
  private int window = SLOWEST_WINDOW / 2;
  private long widened = System.nanoTime();
  private int reserved;
  private boolean inLine;
  private boolean over;
  private int quietTicks;
  private boolean progress;

  StreamCarrier(Http2Session session, Http2Stream stream, EngineOptions.Limits limits, BodyBudget budget) {
    this.session = session;
    this.stream = stream;
    this.outlet = new Http2Outlet(session, stream.id());
    this.limits = limits;
    this.budget = budget;
  }

  /** The request begins. */
  Exchange begin(Http2Headers head, boolean whole, Listener listener, boolean encrypted) {
    RequestBody entity = NoBody.NONE;
    if (!whole) {
      CharSequence length = head.get(HttpHeaderNames.CONTENT_LENGTH);
      body = new ReceivedBody(this, limits, budget, length == null ? ReceivedBody.UNKNOWN_LENGTH : Long.parseLong(length.toString()),
          head.contains(HttpHeaderNames.EXPECT, "100-continue", true));
      entity = body;
    }
    Exchange begun = new Exchange(this, new Http2Message(head, encrypted), outlet, entity, listener);
    exchange = begun;
    return begun;
  }

  // What arrives.

  /**
   * A frame of the body.
   *
   * @return how many of its bytes are dealt with
   */
  int frame(ByteBuf data) {
    int bytes = data.readableBytes();
    ReceivedBody receiving = body;
    if (over || receiving == null) {
      return bytes;
    }
    int paid = Math.min(reserved, bytes);
    if (bytes > paid && !budget.takeUnasked(bytes - paid)) {
      receiving.fail(new IOException("too many bodies at once"));
      session.reset(stream, Http2Error.ENHANCE_YOUR_CALM);
      return bytes;
    }
    reserved -= paid;
    receiving.received(bytes);
    frames.add(data.retain());
    framesBytes += bytes;
    if (framesBytes >= limits.chunkBytes()) {
      gather();
    }
    return 0;
  }

  /** Nothing more came for now. */
  void arrived() {
    gather();
    adjust();
  }

  private void gather() {
    if (framesBytes == 0) {
      return;
    }
    ReceivedBody receiving = body;
    int spare = receiving == null ? 0 : (int) Math.min(SMALL_PIECE - framesBytes, receiving.remaining());
    ByteBuffer piece = ByteBuffer.allocate(framesBytes + (spare > 0 && budget.takeUnasked(spare) ? spare : 0));
    for (ByteBuf frame : frames) {
      piece.limit(piece.position() + frame.readableBytes());
      frame.readBytes(piece);
      frame.release();
    }
    frames.clear();
    framesBytes = 0;
    if (receiving != null) {
      receiving.add(piece.flip());
    }
  }

  /** The body is whole. */
  void ended() {
    gather();
    if (body != null) {
      body.end();
    }
    returnReservation();
  }

  /** The stream is closed, well or not. */
  void closed() {
    gather();
    if (body != null) {
      body.fail(new IOException("the stream was closed before the end of the body"));
    }
    if (exchange != null) {
      exchange.lost();
    }
    over = true;
    returnReservation();
  }

  // The window.

  private void adjust() {
    ReceivedBody receiving = body;
    if (over || inLine || receiving == null || !receiving.isAsked() || !stream.state().remoteSideOpen()) {
      return;
    }
    int limit = budget.share(LARGEST_WINDOW);
    int open = session.window(stream);
    int target = Math.clamp(window, budget.least(), limit);
    if (open > target / 2) {
      return;
    }
    int least = Math.min(target, limit / 2);
    int room = receiving.room(limit, least);
    // no more than will come, but never a few bytes only: Netty tells of those when there are more of them
    long wanted = Math.min(Math.min(target, room), Math.max(receiving.remaining(), budget.least())) - open;
    if (room < least || wanted <= 0) {
      return;
    }
    pace(limit);
    int some = budget.takeSome((int) wanted);
    if (some == wanted || some >= budget.least()) {
      widen(some);
      return;
    }
    budget.release(some);
    if (budget.take(budget.least(), this)) {
      widen(budget.least());
    } else {
      inLine = true;
      receiving.inLine(true);
    }
  }

  /** Whoever used up the window within a second gets a larger one next time, whoever took longer a smaller one. */
  private void pace(int limit) {
    long now = System.nanoTime();
    boolean quick = now - widened < SECOND;
    widened = now;
    window = quick ? Math.min(window * 2, Math.max(limit, SLOWEST_WINDOW)) : Math.max(window / 2, SLOWEST_WINDOW);
  }

  private void widen(int bytes) {
    reserved += bytes;
    session.widen(stream, bytes);
  }

  private void returnReservation() {
    int surplus = reserved;
    reserved = 0;
    budget.release(surplus);
  }

  @Override
  public void granted(int bytes) {
    try {
      session.loop().execute(() -> {
        inLine = false;
        if (over || body == null || !stream.state().remoteSideOpen()) {
          budget.release(bytes);
        } else {
          body.inLine(false);
          widen(bytes);
        }
      });
    } catch (RejectedExecutionException _) {
      budget.release(bytes);
    }
  }

  // What the reader of the body asks, on its own thread.

  @Override
  public void ask(ReceivedBody asking) {
    boolean _ = execute(() -> {
      if (over || asking.isAsked()) {
        return;
      }
      if (asking.wantsContinue() && exchange != null) {
        exchange.sendContinue();
      }
      asking.asked();
      adjust();
    });
  }

  @Override
  public void resume() {
    boolean _ = execute(this::adjust);
  }

  @Override
  public void refuseOnLoop() {
    if (session.loop().inEventLoop()) {
      throw new IllegalStateException("a body can't be read on the event loop");
    }
  }

  // What the exchange asks.

  @Override
  public SocketAddress remote() {
    return session.remote();
  }

  @Override
  public Optional<X509Certificate> certificate() {
    return session.certificate();
  }

  @Override
  public boolean execute(Runnable task) {
    return session.execute(task);
  }

  /** A stream has one answer, and other streams are none of its business. */
  @Override
  public boolean isLast(@Nullable ReceivedBody received) {
    return false;
  }

  @Override
  public void done(Exchange answered, @Nullable ReceivedBody received, boolean last) {
    over = true;
    returnReservation();
    if (stream.state() == Http2Stream.State.HALF_CLOSED_LOCAL) {
      session.reset(stream, Http2Error.NO_ERROR); // the answer is whole, and the rest of the body unwanted (RFC 9113, section 8.1)
    }
  }

  @Override
  public long fileBytesSent() {
    return 0; // no file goes by the kernel here
  }

  @Override
  public void abort() {
    session.reset(stream, Http2Error.INTERNAL_ERROR);
  }

  // The watch.

  /** The peer has made room. */
  void windowGrew() {
    progress = true;
  }

  /**
   * One tick of the watch has gone by.
   *
   * @param moving whether bytes go out on the connection
   * @return for how many ticks in a row the peer has not taken what waits for it
   */
  int tick(boolean moving) {
    boolean stalled = outlet.underWay() > 0 && !progress && !moving;
    progress = false;
    quietTicks = stalled ? quietTicks + 1 : 0;
    return quietTicks;
  }

  /** Ends a stream whose answer nobody takes. */
  void giveUp() {
    session.reset(stream, Http2Error.CANCEL);
  }
}
