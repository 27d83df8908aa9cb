package io.berth.http.engine;

import io.berth.http.Origin;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts connections and requests, and says which are too many. To count costs the same however many there are; a word in the log comes once a
 * minute at most, since whoever floods a server would else flood its log. Safe for all threads.
 */
final class Crowd {

  private static final Logger LOG = LoggerFactory.getLogger(Crowd.class);
  private static final long MINUTE = 60_000_000_000L;

  private final Predicate<InetAddress> proxies;
  private final Map<String, Integer> perAddress = new ConcurrentHashMap<>();
  private final Map<String, Integer> asking = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong refusedConnections = new AtomicLong();
  private final AtomicLong refusedRequests = new AtomicLong();
  private final AtomicLong quietUntil = new AtomicLong(System.nanoTime());
  private volatile EngineOptions.Capacity capacity;

  Crowd(EngineOptions.Capacity capacity, Predicate<InetAddress> proxies) {
    this.capacity = capacity;
    this.proxies = proxies;
  }

  EngineOptions.Capacity capacity() {
    return capacity;
  }

  /** Other limits from now on. What is there already stays. */
  void capacity(EngineOptions.Capacity other) {
    capacity = other;
  }

  /** One more connection; false if it is one too many and has not been counted. Each that is counted must {@link #leave} once. */
  boolean enter(SocketAddress peer) {
    EngineOptions.Capacity most = capacity;
    if (connections.incrementAndGet() > most.connections()) {
      connections.decrementAndGet();
      refused("a connection is refused: {} are open, as many as http.limits.connections allows", most.connections());
      return false;
    }
    String client = client(peer);
    if (client != null && perAddress.merge(client, 1, Integer::sum) > most.connectionsPerAddress()) {
      leave(peer);
      refused(
          "a connection from {} is refused: it has as many open as http.limits.connectionsperaddress allows (is it a proxy? see http.trustedproxies)",
          client);
      return false;
    }
    return true;
  }

  /** A connection is gone. */
  void leave(SocketAddress peer) {
    connections.decrementAndGet();
    String client = client(peer);
    if (client != null) {
      perAddress.computeIfPresent(client, (_, count) -> count == 1 ? null : count - 1);
    }
  }

  private void refused(String words, Object about) {
    refusedConnections.incrementAndGet();
    tell(words, about);
  }

  /** One more request; false if it is one too many and has not been counted. Each that is counted must be {@link #answered} once. */
  boolean ask(SocketAddress peer) {
    EngineOptions.Capacity most = capacity;
    if (requests.incrementAndGet() > most.requests()) {
      requests.decrementAndGet();
      refusedRequests.incrementAndGet();
      tell("a request is refused: {} are being answered, as many as http.limits.requests allows", most.requests());
      return false;
    }
    String client = client(peer);
    if (client != null && asking.merge(client, 1, Integer::sum) > share(most)) {
      answered(peer);
      refusedRequests.incrementAndGet();
      tell(
          "a request from {} is refused: a quarter of what http.limits.requests allows are its own (is it a proxy? see http.trustedproxies)",
          client);
      return false;
    }
    return true;
  }

  /** What one client may have of all requests: by streams of HTTP/2 it could have them all. One for each connection in any case. */
  private static int share(EngineOptions.Capacity most) {
    return Math.min(most.requests(), Math.max(most.connectionsPerAddress(), most.requests() / 4));
  }

  /** A request is over. */
  void answered(SocketAddress peer) {
    requests.decrementAndGet();
    String client = client(peer);
    if (client != null) {
      asking.computeIfPresent(client, (_, count) -> count == 1 ? null : count - 1);
    }
  }

  private void tell(String words, Object about) {
    long now = System.nanoTime();
    long until = quietUntil.get();
    if (now - until >= 0 && quietUntil.compareAndSet(until, now + MINUTE)) {
      LOG.warn(words, about);
    }
  }

  /** Who counts as one client; {@code null} for one who is not counted, a proxy or a peer on a Unix socket. */
  @Nullable String client(SocketAddress peer) {
    return peer instanceof InetSocketAddress named && !proxies.test(named.getAddress()) ? Origin.network(named.getAddress()) : null;
  }

  /** The requests that are being answered. */
  int requests() {
    return requests.get();
  }

  /** The connections that were refused so far. */
  long refusedConnections() {
    return refusedConnections.get();
  }

  /** The requests that were refused so far, because they were too many. */
  long refusedRequests() {
    return refusedRequests.get();
  }
}
