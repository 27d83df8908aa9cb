package io.berth.http.engine;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import io.vertx.core.Context;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpServerRequest;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/1 connection: its requests one after the other, its end, and the watch over a peer that does nothing.
 *
 * <p>A connection that is closed while the peer may still be sending is closed in two steps (RFC 9112, section 9.6): our side first, so that
 * the peer sees the answer and then its end, and the whole a little later, since closing at once would send a reset that can overtake the
 * answer.
 *
 * <p>A connection that turns out to speak HTTP/2 is handed over to a {@link Http2Session}.
 *
 * <p>For the event loop only, but for {@link #execute} and {@link #remote}.
 */
final class Connection implements Carrier, Peer {

  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
  private static final AttributeKey<Connection> KEY = AttributeKey.valueOf(Connection.class.getName());
  private static final String SOCKET_SIDE = "socketSide";
  private static final String TLS = "tls";
  private static final String DECODER = "httpDecoder";
  private static final long LINGER_MILLIS = 2_000;
  private static final int LINGER_BYTES = Intake.DISCARD_LIMIT;
  private static final int TICKS = 4;

  private final Engine engine;
  private final Listener listener;
  private final Channel channel;
  private final Context context;
  private final SocketAddress remote;
  private final Intake intake;

  private @Nullable Exchange exchange;
  private @Nullable Exchange postponed;
  private @Nullable FileRegion file;
  private long fileBytes;
  private @Nullable Http2Session http2;
  private boolean headBegun;
  private boolean progress;
  private int quietTicks;
  private long outboundMark;
  private @Nullable Future<?> watch;
  private boolean closing;
  private boolean aborted;
  private boolean lingering;
  private int lingered;

  private Connection(Listener listener, Channel channel, Context context) {
    this.engine = listener.engine();
    this.listener = listener;
    this.channel = channel;
    this.context = context;
    this.remote = Remotes.of(channel);
    this.intake = new Intake(this, channel, engine.options().limits(), engine.budget());
  }

  /** Takes over a connection before its first byte is read. */
  static void open(Listener listener, ChannelPipeline pipeline, Context context, Http1ServerConfig limits) {
    Channel channel = pipeline.channel();
    Connection connection = new Connection(listener, channel, context);
    channel.attr(KEY).set(connection);
    var _ = channel.config().setRecvByteBufAllocator(new ReadSizes(connection::readSize));
    pipeline.addFirst(SOCKET_SIDE, new SocketSide(connection, connection.intake));
    pipeline.replace(DECODER, DECODER, new RequestDecoder(limits, connection.intake, connection));
    Engine engine = listener.engine();
    Tls tls = engine.tls();
    if (tls != null) {
      pipeline.addAfter(SOCKET_SIDE, TLS, tls.handler(channel.alloc()));
    }
    EngineOptions.Protocols protocols = engine.options().protocols();
    if (tls != null ? protocols.http2() : protocols.h2c()) {
      pipeline.addBefore(DECODER, null, new FirstBytes(connection, tls != null));
    }
    engine.peers().add(connection);
    connection.scheduleTick();
  }

  /** The connection of a channel that {@link #open} has seen. */
  static Connection of(Channel channel) {
    return channel.attr(KEY).get();
  }

  @Override
  public SocketAddress remote() {
    return remote;
  }

  @Override
  public Optional<X509Certificate> certificate() {
    return Tls.certificate(channel);
  }

  @Override
  public boolean execute(Runnable task) {
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
  void handle(HttpServerRequest request) {
    file = null;
    fileBytes = 0;
    Http1Message message = new Http1Message(request, engine.tls() != null);
    Exchange next = new Exchange(this, message, message, intake.nextBody(), listener);
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

  @Override
  public boolean isLast(@Nullable ReceivedBody body) {
    if (engine.isDraining() || intake.isBroken()) {
      return true;
    }
    return body != null
        && (body.isFailed() || intake.isReceiving(body) && (body.awaitsContinue() || exceedsDiscard(body)));
  }

  private static boolean exceedsDiscard(ReceivedBody body) {
    return body.declaredLength().isPresent() && body.remaining() > Intake.DISCARD_LIMIT;
  }

  @Override
  public void done(Exchange answered, @Nullable ReceivedBody body, boolean last) {
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

  @Override
  public long fileBytesSent() {
    return file == null ? fileBytes : fileBytes + file.transferred();
  }

  // HTTP/2.

  /** How much the next read may bring. */
  private int readSize() {
    return http2 == null ? intake.readSize() : http2.readSize();
  }

  /** Whether this request, which has no body, asks for HTTP/2 in a way that can be granted (RFC 7540, section 3.2). */
  boolean grantsUpgrade(HttpRequest head) {
    return engine.options().protocols().h2c() && engine.tls() == null && !engine.isDraining() && exchange == null && intake.isIdle()
        && Upgrade.settings(head) != null;
  }

  /** Grants it. The decoder of HTTP/1 is on the pipeline no more when this returns. */
  void upgrade(HttpRequest head) {
    Http2Settings settings = Objects.requireNonNull(Upgrade.settings(head));
    var _ = channel.pipeline().context(SOCKET_SIDE).writeAndFlush(Upgrade.answer());
    becomeHttp2().upgraded(head, settings);
  }

  /** From here on the connection speaks HTTP/2. What has not been decoded goes to the session. */
  Http2Session becomeHttp2() {
    engine.peers().remove(this);
    if (watch != null) {
      watch.cancel(false);
    }
    Http2Session session = Http2Session.create(listener, remote, engine.tls() != null);
    http2 = session;
    ChannelPipeline pipeline = channel.pipeline();
    for (String name : pipeline.names()) {
      ChannelHandler handler = pipeline.get(name);
      if (handler != null && !name.equals(TLS) && !name.equals(DECODER) && !(handler instanceof FirstBytes)) {
        pipeline.remove(handler);
      }
    }
    pipeline.addLast(session);
    pipeline.remove(DECODER); // at last, so that it hands what it has left to the session
    session.begin();
    return session;
  }

  // The end.

  /** Closes when all that is written is sent. */
  void close() {
    if (!closing) {
      closing = true;
      var _ = channel.close();
    }
  }

  /** An idle connection is closed by Vert.x, which knows; a busy one with the answer under way. */
  @Override
  public void drain() {}

  @Override
  public void abort() {
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
    engine.peers().remove(this);
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
    long period = Math.max(engine.options().limits().idleTimeout().toMillis() / TICKS, 1);
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

  private long outboundMark() {
    return outboundMark(channel);
  }

  /** A number that changes as the peer takes what is written; 0 if nothing waits to be taken. */
  static long outboundMark(Channel channel) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    if (out == null || out.isEmpty() && out.totalPendingWriteBytes() == 0) {
      return 0;
    }
    long mark = (System.identityHashCode(out.current()) * 31L + out.totalPendingWriteBytes()) * 31 + out.currentProgress();
    return mark == 0 ? 1 : mark;
  }
}
