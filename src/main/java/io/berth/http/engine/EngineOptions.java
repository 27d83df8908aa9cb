package io.berth.http.engine;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How the engine listens and what it puts up with. Immutable.
 *
 * @param place where it listens
 * @param eventLoops the number of threads that parse and write
 * @param limits what one stranger, or many, can take
 * @param capacity how many of them there may be
 * @param protocols what is spoken
 * @param proxies whether a peer's word about its client is believed; peers on a Unix socket always are
 * @param drainTimeout how long {@link HttpServer#close} lets active requests finish
 */
public record EngineOptions(Place place, int eventLoops, Limits limits, Capacity capacity, Protocols protocols,
    Predicate<InetAddress> proxies, Duration drainTimeout) {

  /**
   * The limits bound sizes, memory, and time without progress. The total time of a request is never limited.
   *
   * @param idleTimeout how long a peer whose turn it is may leave a connection without a byte: between requests, within a body, while an
   *     answer waits to be taken. The head of a request has to be complete within that time of its first byte. Time in which the server
   *     itself works does not count
   * @param minimumRate bytes a second that a body has to bring on average over {@code rateWindow}; 0 for no minimum
   * @param rateWindow the time spent waiting for the peer's body after which its rate is judged
   * @param maxRequestLineBytes longer request lines are answered 414
   * @param maxHeaderBytes longer header sections are answered 431
   * @param chunkBytes the most that is read from a socket at once, and the largest piece of a body
   * @param bodyBudget bytes of bodies that may be in memory, received or asked for, over all connections
   * @param answerBudget bytes of answers that may be in memory, over all connections
   */
  public record Limits(Duration idleTimeout, long minimumRate, Duration rateWindow, int maxRequestLineBytes, int maxHeaderBytes,
      int chunkBytes, long bodyBudget, long answerBudget) {

    public Limits {
      require(idleTimeout.isPositive(), "idleTimeout", idleTimeout);
      require(minimumRate >= 0, "minimumRate", minimumRate);
      require(rateWindow.isPositive(), "rateWindow", rateWindow);
      require(maxRequestLineBytes > 0, "maxRequestLineBytes", maxRequestLineBytes);
      require(maxHeaderBytes > 0, "maxHeaderBytes", maxHeaderBytes);
      require(chunkBytes > 0, "chunkBytes", chunkBytes);
      require(bodyBudget > 0, "bodyBudget", bodyBudget);
      require(answerBudget > 0, "answerBudget", answerBudget);
    }
  }

  /**
   * How many of what there may be at a time. A running server takes other numbers ({@link HttpServer#capacity}).
   *
   * @param connections open connections; one more is closed at once, without a word: to say something would take a TLS handshake first
   * @param connectionsPerAddress those of one client: an IPv4 address, or the 64 bits of an IPv6 address that name a network. Proxies whose word
   *     is believed speak for many clients and are not counted, nor are peers on a Unix socket
   * @param requests requests that are being answered; one more is answered 503, unless its answer is at hand
   * @param streams requests at a time on one connection of HTTP/2
   * @param resets requests on one connection of HTTP/2 that its peer may take back, or have us refuse, within 30 seconds; one more ends it
   * @param followers streams of events that are open, which do not count as requests; one more is answered 503, or 429 where a quarter are the
   *     client's own
   */
  public record Capacity(int connections, int connectionsPerAddress, int requests, int streams, int resets, int followers) {

    /** What suits most servers. */
    public static final Capacity DEFAULT = new Capacity(10_000, 1_000, 10_000, 100, 400, 1_000);

    public Capacity {
      require(connections > 0, "connections", connections);
      require(connectionsPerAddress > 0, "connectionsPerAddress", connectionsPerAddress);
      require(requests > 0, "requests", requests);
      require(streams > 0, "streams", streams);
      require(resets > 0, "resets", resets);
      require(followers > 0, "followers", followers);
    }
  }

  /**
   * HTTP/1.1 always is.
   *
   * @param tls absent: clear text
   * @param http2 whether HTTP/2 is offered over TLS
   * @param h2c whether HTTP/2 is spoken in clear text, to those who begin with it and to those who ask for the upgrade
   */
  public record Protocols(Optional<TlsOptions> tls, boolean http2, boolean h2c) {}

  public EngineOptions {
    require(eventLoops > 0, "eventLoops", eventLoops);
    require(!drainTimeout.isNegative(), "drainTimeout", drainTimeout);
  }

  /** What suits most servers, in clear text on {@code host} and {@code port}. */
  public static EngineOptions defaults(String host, int port) {
    return defaults(new Place.Tcp(host, port));
  }

  /** What suits most servers, in clear text. */
  public static EngineOptions defaults(Place place) {
    var limits =
        new Limits(Duration.ofSeconds(60), 1024, Duration.ofSeconds(30), 16 * 1024, 32 * 1024, 256 * 1024, 96L << 20, 64L << 20);
    return new EngineOptions(place, Runtime.getRuntime().availableProcessors(), limits, Capacity.DEFAULT,
        new Protocols(Optional.empty(), true, false), _ -> false, Duration.ofSeconds(30));
  }

  /** With another number of event loops. */
  public EngineOptions withEventLoops(int loops) {
    return new EngineOptions(place, loops, limits, capacity, protocols, proxies, drainTimeout);
  }

  /** With other limits. */
  public EngineOptions withLimits(Limits others) {
    return new EngineOptions(place, eventLoops, others, capacity, protocols, proxies, drainTimeout);
  }

  /** With another idle timeout. */
  public EngineOptions withIdleTimeout(Duration timeout) {
    return withLimits(new Limits(timeout, limits.minimumRate, limits.rateWindow, limits.maxRequestLineBytes, limits.maxHeaderBytes,
        limits.chunkBytes, limits.bodyBudget, limits.answerBudget));
  }

  /** With another minimum rate of bodies, judged over another window. */
  public EngineOptions withMinimumRate(long bytesPerSecond, Duration window) {
    return withLimits(new Limits(limits.idleTimeout, bytesPerSecond, window, limits.maxRequestLineBytes, limits.maxHeaderBytes,
        limits.chunkBytes, limits.bodyBudget, limits.answerBudget));
  }

  /** With other limits on the head of a request. */
  public EngineOptions withHeadLimits(int requestLineBytes, int headerBytes) {
    return withLimits(new Limits(limits.idleTimeout, limits.minimumRate, limits.rateWindow, requestLineBytes, headerBytes,
        limits.chunkBytes, limits.bodyBudget, limits.answerBudget));
  }

  /** With another chunk size and another budget of bytes for all bodies together. */
  public EngineOptions withBodies(int bytesAtOnce, long budget) {
    return withLimits(new Limits(limits.idleTimeout, limits.minimumRate, limits.rateWindow, limits.maxRequestLineBytes,
        limits.maxHeaderBytes, bytesAtOnce, budget, limits.answerBudget));
  }

  /** With another budget of bytes for all answers together. */
  public EngineOptions withAnswers(long budget) {
    return withLimits(new Limits(limits.idleTimeout, limits.minimumRate, limits.rateWindow, limits.maxRequestLineBytes,
        limits.maxHeaderBytes, limits.chunkBytes, limits.bodyBudget, budget));
  }

  /** With room for another number of peers and requests. */
  public EngineOptions withCapacity(Capacity other) {
    return new EngineOptions(place, eventLoops, limits, other, protocols, proxies, drainTimeout);
  }

  /** Speaking TLS. */
  public EngineOptions withTls(TlsOptions tls) {
    return withProtocols(new Protocols(Optional.of(tls), protocols.http2, protocols.h2c));
  }

  /** With HTTP/2 over TLS, and in clear text, or without. */
  public EngineOptions withHttp2(boolean overTls, boolean inClear) {
    return withProtocols(new Protocols(protocols.tls, overTls, inClear));
  }

  private EngineOptions withProtocols(Protocols others) {
    return new EngineOptions(place, eventLoops, limits, capacity, others, proxies, drainTimeout);
  }

  /** Believing other proxies. */
  public EngineOptions withProxies(Predicate<InetAddress> trusted) {
    return new EngineOptions(place, eventLoops, limits, capacity, protocols, trusted, drainTimeout);
  }

  /** With another time for active requests to finish in. */
  public EngineOptions withDrainTimeout(Duration timeout) {
    return new EngineOptions(place, eventLoops, limits, capacity, protocols, proxies, timeout);
  }

  private static void require(boolean fine, String name, Object value) {
    if (!fine) {
      throw new IllegalArgumentException(name + " can't be " + value);
    }
  }
}
