package io.berth.http.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection that speaks HTTP/2: its streams, its end, and the watch over a peer that does nothing. Netty does the frames, the compression
 * of heads and the windows; this class says how wide the windows are and hands requests over.
 *
 * <p>For the event loop only, but for {@link #execute}, {@link #remote} and {@link #buffer}.
 */
final class Http2Session extends Http2ConnectionHandler implements Peer {

  private static final Logger LOG = LoggerFactory.getLogger(Http2Session.class);
  private static final int CONNECTION_WINDOW = 16 << 20;
  private static final int PIECES = 32;
  private static final int SMALL_READ = 16 * 1024;
  private static final int TICKS = 4;
  private static final long LAST_CALL_MILLIS = 200;

  private final Listener listener;
  private final Engine engine;
  private final SocketAddress remote;
  private final boolean encrypted;
  private final Http2Connection.PropertyKey key;
  private final DefaultHttp2LocalFlowController windows;
  private final Set<StreamCarrier> touched = new LinkedHashSet<>();
  private @Nullable ChannelHandlerContext context;
  private @Nullable Future<?> watch;
  private final Semaphore pieces = new Semaphore(PIECES);
  private boolean reading;
  private int readSize = SMALL_READ;
  private boolean progress = true;
  private int quietTicks;
  private long outboundMark;
  private boolean draining;

  Http2Session(Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings, Listener listener,
      SocketAddress remote, boolean encrypted) {
    super(decoder, encoder, settings);
    this.listener = listener;
    this.engine = listener.engine();
    this.remote = remote;
    this.encrypted = encrypted;
    this.key = connection().newKey();
    this.windows = (DefaultHttp2LocalFlowController) connection().local().flowController();
  }

  /** A session that begins when it is added to the pipeline. */
  static Http2Session create(Listener listener, SocketAddress remote, boolean encrypted) {
    return new Http2Setup(listener, remote, encrypted).build();
  }

  /** The session is on the pipeline, and nothing of it has been read. */
  void begin() {
    try {
      Http2Stream all = connection().connectionStream();
      windows.windowUpdateRatio(all, 0.5f);
      windows.incrementWindowSize(all, CONNECTION_WINDOW - windows.initialWindowSize(all));
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
    connection().addListener(new Http2ConnectionAdapter() {
      @Override
      public void onStreamClosed(Http2Stream stream) {
        StreamCarrier carrier = stream.getProperty(key);
        if (carrier != null) {
          progress = true;
          touched.remove(carrier);
          carrier.closed();
        }
      }
    });
    engine.peers().add(this);
    scheduleTick();
    if (engine.isDraining()) {
      drain();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) throws Exception {
    context = added;
    super.handlerAdded(added);
  }

  private ChannelHandlerContext context() {
    if (context == null) {
      throw new IllegalStateException("the session is not on a pipeline");
    }
    return context;
  }

  SocketAddress remote() {
    return remote;
  }

  Optional<X509Certificate> certificate() {
    return Tls.certificate(context().channel());
  }

  EventLoop loop() {
    return context().channel().eventLoop();
  }

  @Override
  public boolean execute(Runnable task) {
    try {
      loop().execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      LOG.debug("the event loop is gone", e);
      return false;
    }
  }

  // What arrives.

  /** The request with which the connection was upgraded; its body is empty. */
  void upgraded(HttpRequest head, Http2Settings settings) {
    try {
      onHttpServerUpgrade(settings);
      head(connection().stream(1), Upgrade.head(head), true);
      flush(context());
    } catch (Http2Exception e) {
      onError(context(), false, e);
    }
  }

  /** A head, or what follows a body. */
  void head(Http2Stream stream, Http2Headers head, boolean end) {
    StreamCarrier begun = stream.getProperty(key);
    if (begun != null) {
      begun.ended();
      return;
    }
    String flaw = Http2Head.flaw(head);
    if (flaw != null) {
      LOG.debug("a request from {} is malformed: {}", remote, flaw);
      reset(stream, Http2Error.PROTOCOL_ERROR);
      return;
    }
    StreamCarrier carrier = new StreamCarrier(this, stream, engine.options().limits(), engine.budget());
    stream.setProperty(key, carrier);
    progress = true;
    Exchange exchange = carrier.begin(head, end, listener, encrypted);
    if (head.path() != null && head.path().length() > engine.options().limits().maxRequestLineBytes()) {
      exchange.refuse(414, "the request target is too long");
    } else {
      exchange.run();
    }
  }

  /** A frame of a body; returns how many bytes of it are dealt with. */
  int data(Http2Stream stream, ByteBuf data, boolean end) {
    StreamCarrier carrier = stream.getProperty(key);
    if (carrier == null) {
      return data.readableBytes();
    }
    int dealtWith = carrier.frame(data);
    touched.add(carrier);
    if (end) {
      carrier.ended();
    }
    return dealtWith;
  }

  /** The peer has made room, on a stream or on all. */
  void windowGrew(@Nullable Http2Stream stream) {
    for (StreamCarrier carrier : stream == null ? carriers() : carriers(stream)) {
      carrier.windowGrew();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) throws Exception {
    if (message instanceof ByteBuf bytes) {
      int read = bytes.readableBytes();
      int most = engine.options().limits().chunkBytes();
      readSize = read >= readSize ? Math.min(readSize * 2, Math.max(most, SMALL_READ)) : Math.max(read, SMALL_READ);
    }
    reading = true;
    super.channelRead(from, message);
    for (StreamCarrier carrier : List.copyOf(touched)) {
      carrier.arrived();
    }
    touched.clear();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) throws Exception {
    reading = false;
    super.channelReadComplete(from);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) throws Exception {
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) != null) {
      super.exceptionCaught(from, cause);
    } else {
      LOG.debug("connection failed", cause);
      abort();
    }
  }

  /** How much the next read may bring: as much as the last ones did. */
  int readSize() {
    return readSize;
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) throws Exception {
    engine.peers().remove(this);
    if (watch != null) {
      watch.cancel(false);
    }
    super.channelInactive(from);
  }

  // What streams ask.

  ChannelPromise promise() {
    return context().newPromise();
  }

  /** A buffer of the kind that is quickest to send. Any thread. */
  ByteBuf buffer(int bytes) {
    Channel channel = context().channel();
    return encrypted ? channel.alloc().heapBuffer(bytes) : channel.alloc().directBuffer(bytes);
  }

  /** What all answers of the connection may have of files in memory. Any thread. */
  Semaphore pieces() {
    return pieces;
  }

  void writeHead(int stream, Http2Headers head, boolean end, ChannelPromise promise) {
    var _ = encoder().writeHeaders(context(), stream, head, 0, end, promise);
    flushSoon();
  }

  void writeData(int stream, ByteBuf data, boolean end, ChannelPromise promise) {
    var _ = encoder().writeData(context(), stream, data, 0, end, promise);
    flushSoon();
  }

  /** Ends a stream from our side. */
  void reset(Http2Stream stream, Http2Error why) {
    if (stream.state() != Http2Stream.State.CLOSED) {
      var _ = encoder().writeRstStream(context(), stream.id(), why.code(), context().newPromise());
      flushSoon();
    }
  }

  /** The bytes that the peer may send on a stream before it hears of us. */
  int window(Http2Stream stream) {
    return windows.windowSize(stream);
  }

  /** Lets the peer send so many bytes more on a stream. */
  void widen(Http2Stream stream, int bytes) {
    try {
      int consumed = Math.min(bytes, windows.unconsumedBytes(stream));
      windows.consumeBytes(stream, consumed);
      if (bytes > consumed) {
        windows.incrementWindowSize(stream, bytes - consumed);
      }
      flushSoon();
    } catch (Http2Exception e) {
      onError(context(), true, e);
    }
  }

  private void flushSoon() {
    if (!reading) {
      flush(context());
    }
  }

  // The end, and the watch.

  /** Two words (RFC 9113, section 6.8): one at once, and the last one when what is on its way has come in. */
  @Override
  public void drain() {
    if (draining || !context().channel().isActive()) {
      return;
    }
    draining = true;
    var _ = goAway(context(), Integer.MAX_VALUE, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, promise());
    flush(context());
    var _ = loop().schedule(this::leave, LAST_CALL_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Refuses new streams, and closes when the others are done. */
  private void leave() {
    if (context().channel().isActive()) {
      var _ =
          goAway(context(), connection().remote().lastStreamCreated(), Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, promise());
      flush(context());
      var _ = context().channel().close();
    }
  }

  @Override
  public void abort() {
    var _ = context().close();
  }

  private void scheduleTick() {
    long period = Math.max(engine.options().limits().idleTimeout().toMillis() / TICKS, 1);
    watch = loop().schedule(this::tick, period, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    long mark = Connection.outboundMark(context().channel());
    boolean stuck = mark != 0 && mark == outboundMark;
    boolean moving = mark != 0 && !stuck;
    outboundMark = mark;
    boolean idle = connection().numActiveStreams() == 0 && !progress;
    progress = false;
    quietTicks = stuck || idle ? quietTicks + 1 : 0;
    if (quietTicks >= TICKS) {
      if (idle && !stuck) {
        leave();
      }
      abort();
      return;
    }
    for (StreamCarrier carrier : carriers()) {
      if (carrier.tick(moving) >= TICKS) {
        carrier.giveUp();
      }
    }
    if (context().channel().isActive()) {
      scheduleTick();
    }
  }

  private List<StreamCarrier> carriers() {
    List<StreamCarrier> carriers = new ArrayList<>();
    try {
      connection().forEachActiveStream(stream -> {
        carriers.addAll(carriers(stream));
        return true;
      });
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
    return carriers;
  }

  private List<StreamCarrier> carriers(Http2Stream stream) {
    StreamCarrier carrier = stream.getProperty(key);
    return carrier == null ? List.of() : List.of(carrier);
  }
}
