package io.berth.http.engine;

import java.time.Duration;

/**
 * How the engine listens and what it puts up with. Immutable; the limits bound what one stranger, or many, can take: sizes, memory, and
 * time without progress. The total time of a request is never limited.
 *
 * @param host the name or address to listen on
 * @param port the port to listen on, 0 for any free one
 * @param eventLoops the number of threads that parse and write
 * @param idleTimeout how long a peer whose turn it is may leave a connection without a byte: between requests, within a body, while an
 *     answer waits to be taken. The head of a request has to be complete within that time of its first byte. Time in which the server
 *     itself works does not count
 * @param minimumRate bytes a second that a body has to bring on average over {@code rateWindow}; 0 for no minimum
 * @param rateWindow the time spent waiting for the peer's body after which its rate is judged
 * @param maxRequestLineBytes longer request lines are answered 414
 * @param maxHeaderBytes longer header sections are answered 431
 * @param chunkBytes the most that is read from a socket at once, and the largest piece of a body
 * @param bodyBudget bytes of bodies that may be in memory, received or asked for, over all connections
 * @param drainTimeout how long {@link HttpServer#close} lets active requests finish
 */
public record EngineOptions(String host, int port, int eventLoops, Duration idleTimeout, long minimumRate, Duration rateWindow,
    int maxRequestLineBytes, int maxHeaderBytes, int chunkBytes, long bodyBudget, Duration drainTimeout) {

  public EngineOptions {
    require(port >= 0 && port <= 0xffff, "port", port);
    require(eventLoops > 0, "eventLoops", eventLoops);
    require(idleTimeout.isPositive(), "idleTimeout", idleTimeout);
    require(minimumRate >= 0, "minimumRate", minimumRate);
    require(rateWindow.isPositive(), "rateWindow", rateWindow);
    require(maxRequestLineBytes > 0, "maxRequestLineBytes", maxRequestLineBytes);
    require(maxHeaderBytes > 0, "maxHeaderBytes", maxHeaderBytes);
    require(chunkBytes > 0, "chunkBytes", chunkBytes);
    require(bodyBudget > 0, "bodyBudget", bodyBudget);
    require(!drainTimeout.isNegative(), "drainTimeout", drainTimeout);
  }

  /** What suits most servers, listening on {@code host} and {@code port}. */
  public static EngineOptions defaults(String host, int port) {
    return new EngineOptions(host, port, Runtime.getRuntime().availableProcessors(), Duration.ofSeconds(60), 1024, Duration.ofSeconds(30),
        16 * 1024, 32 * 1024, 256 * 1024, 96L * 1024 * 1024, Duration.ofSeconds(30));
  }

  /** With another number of event loops. */
  public EngineOptions withEventLoops(int loops) {
    return new EngineOptions(host, port, loops, idleTimeout, minimumRate, rateWindow, maxRequestLineBytes, maxHeaderBytes, chunkBytes,
        bodyBudget, drainTimeout);
  }

  /** With another idle timeout. */
  public EngineOptions withIdleTimeout(Duration timeout) {
    return new EngineOptions(host, port, eventLoops, timeout, minimumRate, rateWindow, maxRequestLineBytes, maxHeaderBytes, chunkBytes,
        bodyBudget, drainTimeout);
  }

  /** With another minimum rate of bodies, judged over another window. */
  public EngineOptions withMinimumRate(long bytesPerSecond, Duration window) {
    return new EngineOptions(host, port, eventLoops, idleTimeout, bytesPerSecond, window, maxRequestLineBytes, maxHeaderBytes, chunkBytes,
        bodyBudget, drainTimeout);
  }

  /** With other limits on the head of a request. */
  public EngineOptions withHeadLimits(int requestLineBytes, int headerBytes) {
    return new EngineOptions(host, port, eventLoops, idleTimeout, minimumRate, rateWindow, requestLineBytes, headerBytes, chunkBytes,
        bodyBudget, drainTimeout);
  }

  /** With another chunk size and another budget of bytes for all bodies together. */
  public EngineOptions withBodies(int bytesAtOnce, long budget) {
    return new EngineOptions(host, port, eventLoops, idleTimeout, minimumRate, rateWindow, maxRequestLineBytes, maxHeaderBytes, bytesAtOnce,
        budget, drainTimeout);
  }

  /** With another time for active requests to finish in. */
  public EngineOptions withDrainTimeout(Duration timeout) {
    return new EngineOptions(host, port, eventLoops, idleTimeout, minimumRate, rateWindow, maxRequestLineBytes, maxHeaderBytes, chunkBytes,
        bodyBudget, timeout);
  }

  private static void require(boolean fine, String name, Object value) {
    if (!fine) {
      throw new IllegalArgumentException(name + " can't be " + value);
    }
  }
}
