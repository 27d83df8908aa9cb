package io.berth.auth;

import io.berth.oci.Json;
import io.berth.signing.CompactJws;
import io.berth.signing.InvalidKey;
import io.berth.signing.PublicKeySet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * An issuer of tokens that publishes its keys as OpenID Connect has it: a document below its URL tells where they are. They are fetched when they are
 * needed, kept for an hour, and fetched again, once a minute at most, for a token that names another one; while the issuer does not answer, those of the
 * last day go on. Redirections are not followed, answers are bounded in size and time, and nothing but https is spoken, except with this machine
 * where the operator says so. Safe for any thread; one of them fetches, the others wait for it.
 */
public final class Issuer {

  private static final Logger LOG = LoggerFactory.getLogger(Issuer.class);
  private static final Duration FRESH = Duration.ofHours(1);
  private static final Duration USABLE = Duration.ofDays(1);
  private static final Duration PAUSE = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int BYTES = 1 << 20;

  private final String url;
  private final boolean plain;
  private final InstantSource clock;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).followRedirects(HttpClient.Redirect.NEVER).build();
  private final ReentrantLock fetching = new ReentrantLock();
  private volatile PublicKeySet keys = PublicKeySet.NONE;
  private volatile Optional<Endpoints> endpoints = Optional.empty();
  private volatile Instant fetched = Instant.MIN;
  private volatile Instant tried = Instant.MIN;

  /**
   * Where people log in.
   *
   * @param authorization where their browsers are sent
   * @param token where what they come back with is redeemed
   */
  record Endpoints(URI authorization, URI token) {}

  /**
   * An issuer.
   *
   * @param url as it stands in its tokens
   * @param plain whether http is spoken if it is on this machine
   */
  public Issuer(String url, boolean plain, InstantSource clock) {
    this.url = url;
    this.plain = plain;
    this.clock = clock;
  }

  /** As it stands in its tokens. */
  String url() {
    return url;
  }

  /**
   * Whether it has signed the token.
   *
   * @throws Passwords.UnavailableException if its keys can't be had
   */
  boolean hasSigned(CompactJws token) {
    Instant now = clock.instant();
    boolean known = token.header("kid").map(keys::has).orElse(!keys.isEmpty());
    if (!known || now.isAfter(fetched.plus(FRESH))) {
      refresh();
    }
    if (keys.isEmpty() || isStale()) {
      throw new Passwords.UnavailableException("the keys of " + url + " can't be had", new IOException("no keys"));
    }
    return keys.haveSigned(token);
  }

  /**
   * Where people log in with it.
   *
   * @throws Passwords.UnavailableException if it does not say
   */
  Endpoints endpoints() {
    if (endpoints.isEmpty() || clock.instant().isAfter(fetched.plus(FRESH))) {
      refresh();
    }
    return endpoints.filter(_ -> !isStale())
        .orElseThrow(() -> new Passwords.UnavailableException(url + " does not say where people log in", null));
  }

  private boolean isStale() {
    return clock.instant().isAfter(fetched.plus(USABLE));
  }

  private void refresh() {
    fetching.lock();
    try {
      Instant now = clock.instant();
      if (now.isBefore(tried.plus(PAUSE))) {
        return;
      }
      tried = now;
      String base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
      JsonNode document = Json.parse(fetch(URI.create(base + "/.well-known/openid-configuration")));
      if (!document.path("issuer").asString("").equals(url)) {
        throw new IOException("it says that it is another issuer");
      }
      PublicKeySet next = PublicKeySet.parse(fetch(URI.create(document.path("jwks_uri").asString(""))));
      endpoints = endpoints(document);
      keys = next;
      fetched = now;
    } catch (IOException | InvalidKey | Json.InvalidJson | IllegalArgumentException e) {
      LOG.warn("the keys of {} could not be fetched: {}", url, e.toString());
    } finally {
      fetching.unlock();
    }
  }

  /** An issuer of jobs need not have any. A browser may be sent where we would not go ourselves, but not to another kind of place. */
  private Optional<Endpoints> endpoints(JsonNode document) throws IOException {
    String authorization = document.path("authorization_endpoint").asString("");
    String token = document.path("token_endpoint").asString("");
    if (authorization.isEmpty() || token.isEmpty()) {
      return Optional.empty();
    }
    URI browser = URI.create(authorization);
    boolean isPlain = plain && "http".equalsIgnoreCase(browser.getScheme()) && browser.getHost() != null && isHere(browser.getHost());
    if (!isPlain && !"https".equalsIgnoreCase(browser.getScheme()) || browser.getHost() == null || browser.getRawUserInfo() != null
        || browser.getRawFragment() != null) {
      throw new IOException("no URL to send a browser to");
    }
    return Optional.of(new Endpoints(browser, URI.create(token)));
  }

  private byte[] fetch(URI from) throws IOException {
    HttpResponse<byte[]> answer = send(from, HttpRequest.newBuilder(from).header("Accept", "application/json").GET());
    if (answer.statusCode() != 200) {
      throw new IOException(from + " answered " + answer.statusCode());
    }
    return answer.body();
  }

  /**
   * Sends a form to one of its endpoints, and gives what comes back with the status 200.
   *
   * @param authorization how this registry shows who it is; absent: not at all
   * @return nothing, if it refuses
   * @throws Passwords.UnavailableException if it does not answer, or says that it can't
   */
  Optional<byte[]> post(URI to, String form, Optional<String> authorization) {
    try {
      HttpRequest.Builder request = HttpRequest.newBuilder(to).header("Accept", "application/json")
          .header("Content-Type", "application/x-www-form-urlencoded").POST(HttpRequest.BodyPublishers.ofString(form));
      authorization.ifPresent(value -> request.header("Authorization", value));
      HttpResponse<byte[]> answer = send(to, request);
      if (answer.statusCode() >= 500) {
        throw new IOException(to + " answered " + answer.statusCode());
      }
      return answer.statusCode() == 200 ? Optional.of(answer.body()) : Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      throw new Passwords.UnavailableException("can't ask " + url + ": " + e, e);
    }
  }

  /** The time is that of the whole answer, however slowly it comes. */
  private HttpResponse<byte[]> send(URI to, HttpRequest.Builder request) throws IOException {
    requireSafe(to);
    CompletableFuture<HttpResponse<byte[]>> answer = http.sendAsync(request.timeout(PATIENCE).build(),
        HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), BYTES));
    try {
      return answer.get(2 * PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (TimeoutException e) {
      throw new IOException(to + " takes too long", e);
    } catch (ExecutionException e) {
      throw new IOException(to + ": " + e.getCause(), e);
    } finally {
      answer.cancel(true);
    }
  }

  /**
   * A document of the issuer's says where its keys are, and may not send us into the inside of this machine or its network. A name is resolved here and once more
   * for the connection, and may stand for something else by then, if the issuer is hostile and has the name. What comes of that is a connection and the beginning of a
   * handshake: no request is sent to whom has no certificate for the name. So http, which has none, is spoken with addresses only that need not be resolved.
   */
  private void requireSafe(URI from) throws IOException {
    String host = from.getHost();
    if (host == null || from.getRawUserInfo() != null) {
      throw new IOException("no URL to fetch keys from");
    }
    if (plain && "http".equalsIgnoreCase(from.getScheme()) && isHere(host)) {
      return;
    }
    if (!"https".equalsIgnoreCase(from.getScheme())) {
      throw new IOException(from.getScheme() + " is not spoken with " + host);
    }
    if (!host.equalsIgnoreCase(URI.create(url).getHost()) && isInside(host)) {
      throw new IOException(host + " is another host than the issuer's, and not a public one");
    }
  }

  /** Whether a host is this machine whatever names stand for: the same that the configuration wants of an issuer with http. */
  static boolean isHere(String host) {
    try {
      String literal = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
      return host.equals("localhost") || InetAddress.ofLiteral(literal).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isInside(String host) throws UnknownHostException {
    for (InetAddress address : InetAddress.getAllByName(host)) {
      if (address.isLoopbackAddress() || address.isLinkLocalAddress() || address.isSiteLocalAddress() || address.isAnyLocalAddress()
          || address.isMulticastAddress() || address.getAddress().length == 16 && (address.getAddress()[0] & 0xfe) == 0xfc) {
        return true;
      }
    }
    return false;
  }
}
