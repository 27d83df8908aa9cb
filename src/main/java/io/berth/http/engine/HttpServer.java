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
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening HTTP server: HTTP/1.1 and HTTP/2, in clear text or over TLS, on a port or on a Unix socket; several event loops that parse and
 * write, one virtual thread for each request that may block. It guarantees that the handler sees well-formed requests only, that bodies are
 * bounded in memory and asked for no earlier than they are read, and that every reply's content is closed.
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
  private final SocketAddress place;
  private final @Nullable SocketFile file;
  private boolean closed;

  private HttpServer(Engine engine, Vertx vertx, List<Listener> listeners, SocketAddress place, @Nullable SocketFile file) {
    this.engine = engine;
    this.vertx = vertx;
    this.listeners = listeners;
    this.place = place;
    this.file = file;
  }

  /**
   * Binds the port or the socket and begins to answer.
   *
   * @throws UnusableCertificateException with words for the operator if TLS can't be spoken
   * @throws IOException with words for the operator if the place can't be listened on
   */
  public static HttpServer start(EngineOptions options, RequestHandler handler) throws IOException {
    SocketAddress place = resolve(options.place());
    Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(options.eventLoops())
        .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
    Tls tls = null;
    boolean started = false;
    try {
      EngineOptions.Protocols protocols = options.protocols();
      tls = protocols.tls().isPresent() ? Tls.open(protocols.tls().get(), protocols.http2(), vertx) : null;
      HttpServer server = listen(new Engine(options, handler, tls), vertx, place);
      started = true;
      return server;
    } finally {
      if (!started) {
        if (tls != null) {
          tls.close();
        }
        stop(vertx);
      }
    }
  }

  private static HttpServer listen(Engine engine, Vertx vertx, SocketAddress place) throws IOException {
    EngineOptions options = engine.options();
    if (place instanceof UnixDomainSocketAddress socket) {
      if (!vertx.isNativeTransportEnabled()) {
        throw new IOException("Unix sockets need Linux on x86 or ARM, 64 bits: listen on a port");
      }
      SocketFile.clear(socket.getPath());
    }
    io.vertx.core.net.SocketAddress address = address(place);
    Queue<Listener> listeners = new ConcurrentLinkedQueue<>();
    try {
      await(vertx.deployVerticle(() -> {
        Listener listener = new Listener(engine, vertx, address);
        listeners.add(listener);
        return listener;
      }, new DeploymentOptions().setInstances(options.eventLoops())), START_TIMEOUT);
    } catch (ExecutionException e) {
      throw bindFailure(options, e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("listening on " + options.place() + " took too long", e);
    }
    if (!vertx.isNativeTransportEnabled()) {
      LOG.debug("no native transport here", vertx.unavailableNativeTransportCause());
    }
    List<Listener> all = List.copyOf(listeners);
    return switch (place) {
      case InetSocketAddress tcp ->
          new HttpServer(engine, vertx, all, new InetSocketAddress(tcp.getAddress(), all.getFirst().port()), null);
      default -> new HttpServer(engine, vertx, all, place, SocketFile.take(((UnixDomainSocketAddress) place).getPath()));
    };
  }

  private static io.vertx.core.net.SocketAddress address(SocketAddress place) {
    if (place instanceof InetSocketAddress tcp) {
      String host = tcp.getAddress().getHostAddress();
      // all listeners share the port, a random one too
      return tcp.getPort() == 0
          ? io.vertx.core.net.SocketAddress.sharedRandomPort(1, host)
          : io.vertx.core.net.SocketAddress.inetSocketAddress(tcp.getPort(), host);
    }
    return io.vertx.core.net.SocketAddress.domainSocketAddress(((UnixDomainSocketAddress) place).getPath().toString());
  }

  /**
   * Where the server listens, with the port that was chosen if it was left open.
   *
   * @throws IllegalStateException if that is a Unix socket
   */
  public InetSocketAddress address() {
    if (place instanceof InetSocketAddress tcp) {
      return tcp;
    }
    throw new IllegalStateException("there is no port on " + place);
  }

  /** What bodies hold at this moment. */
  BodyBudget budget() {
    return engine.budget();
  }

  /** The connections that are open. */
  public int connections() {
    return engine.peers().size();
  }

  /** The bytes that bodies of requests have in memory, or have asked for, at this moment. */
  public long bodyBytes() {
    return engine.budget().taken();
  }

  /** The bytes of answers that are in memory at this moment, but for small ones. */
  public long answerBytes() {
    return engine.answers().held();
  }

  /** The requests that are being answered. */
  public int requests() {
    return engine.crowd().requests();
  }

  /** The connections that were refused so far, because they were too many. */
  public long refusedConnections() {
    return engine.crowd().refusedConnections();
  }

  /** The requests that were refused so far, because they were too many. */
  public long refusedRequests() {
    return engine.crowd().refusedRequests();
  }

  /** The streams of events that are open. */
  public int followers() {
    return engine.followers().count();
  }

  /** The streams of events that were refused so far, because they were too many. */
  public long refusedFollowers() {
    return engine.followers().refused();
  }

  /** Room for another number of peers and requests from now on; what is there already stays, and connections keep what they were told. */
  public void capacity(EngineOptions.Capacity other) {
    engine.crowd().capacity(other);
  }

  /** Whether the server has begun to close: whoever asks for its readiness should be told no. */
  public boolean isDraining() {
    return engine.isDraining();
  }

  /**
   * Looks at the files of the certificate now, and not only when it is time to.
   *
   * @return whether what is in them is in use; false in clear text, too
   */
  public boolean reloadCertificate() {
    Tls tls = engine.tls();
    return tls != null && tls.reload();
  }

  /**
   * Looks at certificate, key and authorities as a start would.
   *
   * @throws UnusableCertificateException with words for the operator
   */
  public static void requireUsable(TlsOptions files) throws UnusableCertificateException {
    Vertx vertx = Vertx.vertx();
    try {
      var _ = Credentials.read(files).use(true, vertx);
    } finally {
      var _ = vertx.close();
    }
  }

  /**
   * Reads the files of a certificate, which may be others than before.
   *
   * @return what has them used; does nothing in clear text
   * @throws UnusableCertificateException with words for the operator
   */
  public Runnable prepareCertificate(TlsOptions files) throws UnusableCertificateException {
    Tls tls = engine.tls();
    return tls == null ? () -> {
    } : tls.prepare(files);
  }

  /**
   * Stops listening, closes idle connections, tells the peers of the others that it was the last time, lets active requests finish within the
   * drain timeout, and cuts off what is left. Does nothing the second time.
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
      Future<?> stopped = Future.join(listeners.stream().map(listener -> listener.shutdown(timeout)).toList());
      engine.peers().forEach(peer -> {
        boolean _ = peer.execute(peer::drain);
      });
      await(stopped, timeout);
    } catch (ExecutionException e) {
      LOG.warn("the server did not shut down cleanly", e.getCause());
    } catch (TimeoutException | InterruptedIOException e) {
      LOG.debug("requests were still active at the end of the drain timeout", e);
    }
    engine.peers().forEach(peer -> {
      boolean _ = peer.execute(peer::abort);
    });
    stop(vertx);
    if (engine.tls() != null) {
      engine.tls().close();
    }
    if (file != null) {
      file.close();
    }
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

  private static SocketAddress resolve(Place place) throws IOException {
    return switch (place) {
      case Place.UnixSocket(Path path) -> UnixDomainSocketAddress.of(path);
      case Place.Tcp(String host, int port) -> {
        try {
          yield new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (UnknownHostException e) {
          throw new IOException("unknown host: " + host, e);
        }
      }
    };
  }

  private static IOException bindFailure(EngineOptions options, Throwable cause) {
    String words = cause.getMessage() == null ? "" : cause.getMessage().toLowerCase(Locale.ROOT);
    if (words.contains("address already in use")) {
      return new BindException("address already in use: " + options.place());
    }
    if (words.contains("permission denied")) {
      return new BindException("permission denied: " + options.place());
    }
    return new IOException("can't listen on " + options.place() + (cause.getMessage() == null ? "" : ": " + cause.getMessage()), cause);
  }
}
