package io.berth.http.engine;

import io.berth.http.Ending;
import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.http.RequestHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.WebSocketServerConfig;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on one event loop. All listeners of a server share its place; Vert.x deals new connections out to them in turn, and speaks HTTP/1 in
 * clear text with them. What else may be spoken, {@link Connection} puts before that. For its event loop only, but for {@link #port} and
 * {@link #shutdown}.
 */
final class Listener extends VerticleBase {

  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final int BACKLOG = 4096;

  private final Engine engine;
  private final SocketAddress place;
  private final Http1ServerConfig limits;
  private final RequestIds ids = new RequestIds();
  private final ReplyWriter writer = new ReplyWriter();
  private final HttpServer server;
  private @Nullable LoopTurns turns;

  Listener(Engine engine, Vertx vertx, SocketAddress place) {
    this.engine = engine;
    this.place = place;
    EngineOptions.Limits bounds = engine.options().limits();
    this.limits = new Http1ServerConfig().setMaxInitialLineLength(bounds.maxRequestLineBytes()).setMaxHeaderSize(bounds.maxHeaderBytes())
        .setMaxChunkSize(bounds.chunkBytes());
    this.server = vertx.createHttpServer(protocol());
  }

  private HttpServerConfig protocol() {
    HttpServerConfig config = new HttpServerConfig().setVersions(HttpVersion.HTTP_1_0, HttpVersion.HTTP_1_1).setHttp1Config(limits)
        .setStrictThreadMode(true).setHandle100ContinueAutomatically(false);
    config.getTcpConfig().setAcceptBacklog(BACKLOG);
    config.setWebSocketConfig(new WebSocketServerConfig().setUsePerFrameCompression(false).setUsePerMessageCompression(false));
    return config;
  }

  @Override
  public Future<?> start() {
    return server.connectionHandler(this::connected).requestHandler(Listener::accept).invalidRequestHandler(this::refuse)
        .exceptionHandler(e -> LOG.debug("connection failed", e)).listen(place);
  }

  int port() {
    return server.actualPort();
  }

  /** Stops listening, lets requests finish within the timeout, closes connections. */
  Future<Void> shutdown(Duration timeout) {
    return server.shutdown(timeout);
  }

  Engine engine() {
    return engine;
  }

  RequestHandler handler() {
    return engine.handler();
  }

  Predicate<InetAddress> proxies() {
    return engine.options().proxies();
  }

  RequestIds ids() {
    return ids;
  }

  ReplyWriter writer() {
    return writer;
  }

  /** The turns of the loop, which is known when there is a connection. */
  LoopTurns turns() {
    return Objects.requireNonNull(turns);
  }

  private void connected(HttpConnection connection) {
    Channel channel = channel(connection);
    java.net.SocketAddress peer = Remotes.of(channel);
    if (!engine.crowd().enter(peer)) {
      var _ = channel.config().setOption(ChannelOption.SO_LINGER, 0); // a reset leaves nothing behind, here neither
      var _ = channel.close();
      return;
    }
    var _ = channel.closeFuture().addListener(_ -> engine.crowd().leave(peer));
    SendQueue.bound(channel);
    if (turns == null) {
      turns = new LoopTurns((SingleThreadEventLoop) channel.eventLoop());
    }
    Context context = Objects.requireNonNull(Vertx.currentContext());
    Connection.open(this, channel.pipeline(), context, limits);
  }

  private static void accept(HttpServerRequest message) {
    Connection.of(channel(message.connection())).handle(message);
  }

  /** An answer that the handler is not asked for. The words are ours, and plain. */
  Reply.Bytes refusal(int status, String code, String words) {
    byte[] body = ("{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"" + words + "\"}]}").getBytes(StandardCharsets.UTF_8);
    Headers fields = new Headers().add("Content-Type", "application/json");
    try {
      handler().complete(fields);
    } catch (RuntimeException e) {
      LOG.error("an answer has less fields than it should", e);
    }
    return new Reply.Bytes(status, fields, body);
  }

  /** Answers a request whose form is wrong. Vert.x closes the connection of such a request behind the answer. */
  private void refuse(HttpServerRequest message) {
    Channel channel = channel(message.connection());
    if (!channel.isActive()) {
      return;
    }
    Throwable cause = message.decoderResult().cause();
    int status = 400;
    String words = "the request is malformed";
    if (cause instanceof RefusedRequestException refused) {
      status = refused.status();
      words = String.valueOf(refused.getMessage());
    } else if (cause instanceof TooLongHttpLineException) {
      status = 414;
      words = "the request target is too long";
    } else if (cause instanceof TooLongHttpHeaderException) {
      status = 431;
      words = "the header fields are too large";
    }
    Reply.Bytes refusal = refusal(status, "UNSUPPORTED", words);
    writer.refuse(new Http1Message(message, engine.tls() != null), refusal);
    var request = new RefusedRequest(message, Connection.of(channel).remote(), RequestIds.text(ids.nextHigh(), ids.nextLow()));
    try {
      handler().ended(request, new Ending(status, 0, refusal.body().length, 0, true, false));
    } catch (RuntimeException | Error e) {
      LOG.error("the end of a refused request could not be reported", e);
    }
  }

  private static Channel channel(HttpConnection connection) {
    return ((HttpServerConnection) connection).channelHandlerContext().channel();
  }
}
