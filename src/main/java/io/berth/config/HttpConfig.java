package io.berth.config;

import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the registry speaks to its clients.
 *
 * @param listen where to accept connections
 * @param prefix the path above {@code /v2/}; begins and ends with a slash
 * @param relativeUrls whether {@code Location} and {@code Link} leave out scheme and host
 * @param externalUrl scheme and host under which clients reach the registry; absent: as the request says
 * @param tls absent: clear text
 * @param http2 whether HTTP/2 is offered over TLS
 * @param h2c whether HTTP/2 is spoken in clear text
 * @param headers fields that every reply carries; names as the operator wrote them
 * @param drainTimeout how long running requests may take to end when the registry stops
 * @param trustedProxies whose {@code Forwarded} and {@code X-Forwarded-*} fields are believed
 * @param limits what strangers may take
 */
public record HttpConfig(ListenAddress listen, String prefix, boolean relativeUrls, Optional<URI> externalUrl, Optional<TlsConfig> tls,
    boolean http2, boolean h2c, Map<String, List<String>> headers, Duration drainTimeout, List<Cidr> trustedProxies, HttpLimits limits) {

  public HttpConfig {
    var copy = new LinkedHashMap<String, List<String>>();
    headers.forEach((name, values) -> copy.put(name, List.copyOf(values)));
    headers = Collections.unmodifiableMap(copy);
    trustedProxies = List.copyOf(trustedProxies);
  }

  /** Listening elsewhere. */
  public HttpConfig withListen(ListenAddress address) {
    return new HttpConfig(address, prefix, relativeUrls, externalUrl, tls, http2, h2c, headers, drainTimeout, trustedProxies, limits);
  }

  /** With TLS, or without. */
  public HttpConfig withTls(Optional<TlsConfig> other) {
    return new HttpConfig(listen, prefix, relativeUrls, externalUrl, other, http2, h2c, headers, drainTimeout, trustedProxies, limits);
  }

  /**
   * What strangers may take.
   *
   * @param idleTimeout how long a peer whose turn it is may stay silent
   * @param minimumRate bytes a second that a body has to bring on average; 0 for no minimum
   * @param maxHeaderBytes the longest head of a request
   * @param bodyBudget bytes of bodies that may be in memory over all connections
   * @param answerBudget bytes of answers that may be in memory over all connections
   * @param capacity how many connections and requests there may be
   * @param uploads unfinished uploads in all
   * @param uploadsPerUser unfinished uploads of one user, or of one address without credentials
   * @param rates how often one may ask
   */
  public record HttpLimits(Duration idleTimeout, long minimumRate, int maxHeaderBytes, long bodyBudget, long answerBudget,
      Capacity capacity, int uploads,
      int uploadsPerUser, RatesConfig rates) {}

  /**
   * How many connections and requests there may be at a time.
   *
   * @param connections open connections
   * @param connectionsPerAddress those of one client
   * @param requests requests that are being answered
   * @param streams requests on one connection of HTTP/2
   * @param resets requests on one connection of HTTP/2 that may be taken back within 30 seconds
   * @param followers streams of events that are open
   */
  public record Capacity(int connections, int connectionsPerAddress, int requests, int streams, int resets, int followers) {}
}
