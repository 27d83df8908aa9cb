package io.berth.http.engine;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import io.vertx.core.Context;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpServerRequest;
import java.net.SocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/1 connection: its requests one after the other, its end, and the watch over a peer that does nothing.
 *
 * <p>A connection that is closed while the peer may still be sending is closed in two steps (RFC 9112, section 9.6): our side first, so
 * that the peer sees the answer and then its end, and the whole a little later, since closing at once would send a reset that can
 * overtake the answer.
 *
 * <p>For the event loop only, but for {@link #execute} and {@link #remote}.
 */
final class Connection {

  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
  private static final AttributeKey<Connection> KEY = AttributeKey.valueOf(Connection.class.getName());
  private static final String SOCKET_SIDE = "socketSide";
  private static final long LINGER_MILLIS = 2_000;
  private static final int LINGER_BYTES = Intake.DISCARD_LIMIT;
  private static final int TICKS = 4;

  private final Engine engine;
  private final Channel channel;
  private final Context context;
  private final SocketAddress remote;
  private final Intake intake;

  private @Nullable Exchange exchange;
  private @Nullable Exchange postponed;
  private @Nullable FileRegion file;
  private long fileBytes;
  private boolean headBegun;
  private boolean progress;
  private int quietTicks;
  private long outboundMark;
  private @Nullable Future<?> watch;
  private boolean closing;
  private boolean aborted;
  private boolean lingering;
  private int lingered;

  private Connection(Engine engine, Channel channel, Context context) {
    this.engine = engine;
    this.channel = channel;
    this.context = context;
    this.remote = channel.remoteAddress();
    this.intake = new Intake(this, channel, engine.options(), engine.budget());
  }

  /** Takes over a connection before its first byte is read. */
  static void open(Engine engine, ChannelPipeline pipeline, Context context, Http1ServerConfig limits) {
    Channel channel = pipeline.channel();
    Connection connection = new Connection(engine, channel, context);
    channel.attr(KEY).set(connection);
    var _ = channel.config().setRecvByteBufAllocator(new ReadSizes(connection.intake));
    pipeline.addFirst(SOCKET_SIDE, new SocketSide(connection, connection.intake));
    pipeline.replace("httpDecoder", "httpDecoder", new RequestDecoder(limits, connection.intake));
    engine.connections().add(connection);
    connection.scheduleTick();
  }

  /** The connection of a channel that {@link #open} has seen. */
  static Connection of(Channel channel) {
    return channel.attr(KEY).get();
  }

  SocketAddress remote() {
    return remote;
  }

  /** Runs something on the event loop; false if that has ended for good. */
  boolean execute(Runnable task) {
    try {
      context.runOnContext(_ -> task.run());
      return true;
    } catch (RejectedExecutionException e) {
      LOG.debug("the event loop is gone", e);
      return false;
    }
  }

  // Requests.

  /**
   * Handles the next request, once the peer has taken enough of the answers before it: who asks and asks without reading must not fill the
   * memory. Vert.x hands out the requests of a connection one by one, so all that follow wait as well.
   */
  void handle(HttpServerRequest message, Listener listener) {
    file = null;
    fileBytes = 0;
    Exchange next = new Exchange(this, message, intake.nextBody(), listener);
    exchange = next;
    if (channel.isWritable()) {
      next.run();
    } else {
      postponed = next;
    }
  }

  /** The peer has taken something, or no longer does. */
  void writabilityChanged() {
    Exchange next = postponed;
    if (next != null && channel.isWritable()) {
      postponed = null;
      execute(next::run);
    }
  }

  /** Whether the answer to a request with this body must be the connection's last. */
  boolean isLast(@Nullable ReceivedBody body) {
    if (engine.isDraining() || intake.isBroken()) {
      return true;
    }
    return body != null
        && (body.isFailed() || intake.isReceiving(body) && (body.awaitsContinue() || exceedsDiscard(body)));
  }

  private static boolean exceedsDiscard(ReceivedBody body) {
    return body.declaredLength().isPresent() && body.remaining() > Intake.DISCARD_LIMIT;
  }

  /** The answer has been written, and its body closed. */
  void done(Exchange answered, @Nullable ReceivedBody body, boolean last) {
    if (exchange == answered) {
      exchange = null;
    }
    progress = true;
    if (last) {
      close();
    } else if (body != null && intake.isReceiving(body)) {
      intake.discardRest(body);
      var _ = channel.eventLoop().schedule(() -> giveUp(body), LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void giveUp(ReceivedBody body) {
    if (intake.isReceiving(body)) {
      close();
    }
  }

  void sendContinue() {
    if (exchange != null) {
      exchange.sendContinue();
    }
  }

  /** A part of a file is about to be sent; Vert.x sends large ones in several, one after the other. */
  void sendingFile(FileRegion region) {
    fileBytes = fileBytesSent();
    file = region;
  }

  /** How much of this request's file has been sent. */
  long fileBytesSent() {
    return file == null ? fileBytes : fileBytes + file.transferred();
  }

  // The end.

  /** Closes when all that is written is sent. */
  void close() {
    if (!closing) {
      closing = true;
      var _ = channel.close();
    }
  }

  /** Closes at once, whatever is under way. */
  void abort() {
    aborted = true;
    ChannelHandlerContext side = channel.pipeline().context(SOCKET_SIDE);
    if (side != null) {
      var _ = side.close();
    }
  }

  /** Begins a close in two steps if one is called for. */
  boolean linger(ChannelPromise promise) {
    if (aborted || lingering || !channel.isActive() || !intake.hasUnreadInput() || !(channel instanceof DuplexChannel duplex)) {
      return false;
    }
    lingering = true;
    channel.closeFuture().addListener(_ -> {
      var _ = promise.trySuccess();
    });
    var _ = duplex.shutdownOutput();
    var _ = channel.eventLoop().schedule(this::abort, LINGER_MILLIS, TimeUnit.MILLISECONDS);
    intake.adjust();
    return true;
  }

  boolean isLingering() {
    return lingering;
  }

  /** Counts what was thrown away. */
  void lingered(int bytes) {
    lingered += bytes;
  }

  /** Whether more may be thrown away; if not, the peer has to wait for the second step. */
  boolean lingersOn() {
    return lingered < LINGER_BYTES;
  }

  /** The connection is gone. */
  void lost() {
    engine.connections().remove(this);
    if (watch != null) {
      watch.cancel(false);
    }
    intake.lost();
    if (postponed != null) {
      postponed.abandon();
      postponed = null;
    }
    if (exchange != null) {
      exchange.lost();
    }
  }

  // The watch: four ticks without a byte, when it is the peer's turn, are the idle timeout.

  /** Something came in. Only the first byte of a head counts as progress: the head has to be whole within the timeout. */
  void bytesArrived() {
    if (!headBegun) {
      headBegun = true;
      progress = true;
    }
  }

  /** A head has been decoded. */
  void headComplete() {
    headBegun = false;
    progress = true;
  }

  private void scheduleTick() {
    long period = Math.max(engine.options().idleTimeout().toMillis() / TICKS, 1);
    watch = channel.eventLoop().schedule(this::tick, period, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    quietTicks = isQuiet() ? quietTicks + 1 : 0;
    progress = false;
    if (quietTicks >= TICKS) {
      abort();
    } else if (channel.isActive()) {
      scheduleTick();
    }
  }

  private boolean isQuiet() {
    long mark = outboundMark();
    boolean stalled = mark != 0 && mark == outboundMark;
    outboundMark = mark;
    if (mark != 0) {
      return stalled;
    }
    return exchange == null && !progress;
  }

  /** A number that changes as the peer takes what is written; 0 if nothing waits to be taken. */
  private long outboundMark() {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    if (out == null || out.isEmpty() && out.totalPendingWriteBytes() == 0) {
      return 0;
    }
    long mark = (System.identityHashCode(out.current()) * 31L + out.totalPendingWriteBytes()) * 31 + out.currentProgress();
    return mark == 0 ? 1 : mark;
  }
}
