package io.berth.http.engine;

import io.berth.http.RequestHandler;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening HTTP server: HTTP/1.1 in clear text, several event loops that parse and write, one virtual thread for each request that may
 * block. It guarantees that the handler sees well-formed requests only, that bodies are bounded in memory and asked for no earlier than
 * they are read, and that every reply's content is closed.
 *
 * <p>Safe for all threads; {@link #close} blocks and may not be called by a request handler.
 */
public final class HttpServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
  private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  private final Engine engine;
  private final Vertx vertx;
  private final List<Listener> listeners;
  private final InetSocketAddress address;
  private boolean closed;

  private HttpServer(Engine engine, Vertx vertx, List<Listener> listeners, InetSocketAddress address) {
    this.engine = engine;
    this.vertx = vertx;
    this.listeners = listeners;
    this.address = address;
  }

  /**
   * Binds the port and begins to answer.
   *
   * @throws IOException with words for the operator if the address can't be listened on
   */
  public static HttpServer start(EngineOptions options, RequestHandler handler) throws IOException {
    InetAddress host = resolve(options.host());
    Engine engine = new Engine(options, handler);
    Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(options.eventLoops())
        .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
    Queue<Listener> listeners = new ConcurrentLinkedQueue<>();
    boolean started = false;
    try {
      await(vertx.deployVerticle(() -> {
        Listener listener = new Listener(engine, vertx, host.getHostAddress());
        listeners.add(listener);
        return listener;
      }, new DeploymentOptions().setInstances(options.eventLoops())), START_TIMEOUT);
      started = true;
    } catch (ExecutionException e) {
      throw bindFailure(options, e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("listening on " + place(options) + " took too long", e);
    } finally {
      if (!started) {
        stop(vertx);
      }
    }
    if (!vertx.isNativeTransportEnabled()) {
      LOG.debug("no native transport here", vertx.unavailableNativeTransportCause());
    }
    List<Listener> all = List.copyOf(listeners);
    return new HttpServer(engine, vertx, all, new InetSocketAddress(host, all.getFirst().port()));
  }

  /** Where the server listens, with the port that was chosen if it was left open. */
  public InetSocketAddress address() {
    return address;
  }

  /** What bodies hold at this moment. */
  BodyBudget budget() {
    return engine.budget();
  }

  /** The connections that are open. */
  public int connections() {
    return engine.connections().size();
  }

  /** The bytes that bodies of requests have in memory, or have asked for, at this moment. */
  public long bodyBytes() {
    return engine.budget().taken();
  }

  /**
   * Stops listening, closes idle connections, lets active requests finish within the drain timeout, and cuts off what is left. Does nothing
   * the second time.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    engine.drain();
    Duration timeout = engine.options().drainTimeout();
    try {
      await(Future.join(listeners.stream().map(listener -> listener.shutdown(timeout)).toList()), timeout);
    } catch (ExecutionException e) {
      LOG.warn("the server did not shut down cleanly", e.getCause());
    } catch (TimeoutException | InterruptedIOException e) {
      LOG.debug("requests were still active at the end of the drain timeout", e);
    }
    engine.connections().forEach(connection -> connection.execute(connection::abort));
    stop(vertx);
  }

  private static void stop(Vertx vertx) {
    try {
      await(vertx.close(), STOP_TIMEOUT);
    } catch (ExecutionException | TimeoutException | InterruptedIOException e) {
      LOG.warn("the event loops did not stop cleanly", e);
    }
  }

  private static <T> void await(Future<T> future, Duration timeout) throws ExecutionException, TimeoutException, InterruptedIOException {
    try {
      var _ = future.toCompletionStage().toCompletableFuture().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while starting or stopping the server");
    }
  }

  private static InetAddress resolve(String host) throws IOException {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new IOException("unknown host: " + host, e);
    }
  }

  private static IOException bindFailure(EngineOptions options, Throwable cause) {
    String words = cause.getMessage() == null ? "" : cause.getMessage().toLowerCase(Locale.ROOT);
    if (words.contains("address already in use")) {
      return new BindException("address already in use: " + place(options));
    }
    if (words.contains("permission denied")) {
      return new BindException("permission denied: " + place(options));
    }
    return new IOException("can't listen on " + place(options) + (cause.getMessage() == null ? "" : ": " + cause.getMessage()), cause);
  }

  private static String place(EngineOptions options) {
    return options.host() + ":" + options.port();
  }
}
