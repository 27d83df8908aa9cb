package io.berth.auth;

import io.berth.oci.Json;
import io.berth.signing.Algorithm;
import io.berth.signing.CompactJws;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Tokens of this registry: JSON Web Tokens (RFC 7519) that its nodes sign with ES256 and that no one else can make. Nothing else is accepted:
 * no other algorithm, issuer, audience or use, no header that says more than which key it was, no key that a token brings along. Safe for any
 * thread.
 */
public final class Tokens implements Bearers {

  /** Where they are had: beside {@code /v2/}, where no repository can be. */
  public static final String PATH = "/token";

  private static final Set<String> HEADERS = Set.of("alg", "kid", "typ");
  /** How far the clocks of nodes may be apart. */
  private static final Duration SKEW = Duration.ofSeconds(60);

  private final NodeKeys keys;
  private final String service;
  private final InstantSource clock;
  private final Supplier<String> ids;
  private final KnownTokens known;

  /**
   * Tokens.
   *
   * @param service who issues them, and whom they are for
   * @param ids makes their identifiers
   */
  public Tokens(NodeKeys keys, String service, InstantSource clock, Supplier<String> ids) {
    this.keys = keys;
    this.service = service;
    this.clock = clock;
    this.known = new KnownTokens(clock);
    this.ids = ids;
  }

  @Override
  public String service() {
    return service;
  }

  @Override
  public Optional<String> url() {
    return Optional.empty();
  }

  @Override
  public String path() {
    return PATH;
  }

  @Override
  public Optional<Token> verify(String token) {
    return verify(token, Token.Use.ACCESS);
  }

  /** Writes and signs one. */
  String issue(Token token, Token.Use use) throws TokenText.TooLarge {
    long now = clock.instant().getEpochSecond();
    var claims = new LinkedHashMap<String, Object>();
    claims.put("iss", service);
    claims.put("sub", token.identity().name());
    claims.put("aud", service);
    claims.put("exp", token.expires().getEpochSecond());
    claims.put("nbf", now);
    claims.put("iat", now);
    claims.put("jti", ids.get());
    claims.putAll(TokenText.claims(token));
    return keys.sign(Json.write(claims).getBytes(StandardCharsets.UTF_8), use.typ());
  }

  /** What a token says, if it is one of ours, for that use, and its time is not over. May ask the metadata store for a key. */
  Optional<Token> verify(String text, Token.Use use) {
    Token recalled = use == Token.Use.ACCESS ? recall(text) : null;
    if (recalled != null) {
      return Optional.of(recalled);
    }
    Optional<CompactJws> jws = CompactJws.parse(text).filter(found -> isOurs(found, use));
    Optional<Token> token = jws.flatMap(found -> read(found.payload()));
    if (use == Token.Use.ACCESS) {
      token.ifPresent(found -> known.add(text, found));
    }
    return token;
  }

  @Override
  public @Nullable Token recall(String text) {
    return known.recall(text);
  }

  private boolean isOurs(CompactJws jws, Token.Use use) {
    return jws.algorithm() == Algorithm.ES256 && jws.headerNames().equals(HEADERS) && jws.header("typ").equals(Optional.of(use.typ()))
        && jws.header("kid").flatMap(keys::find).filter(jws::isSignedBy).isPresent();
  }

  private Optional<Token> read(JsonNode claims) {
    Instant now = clock.instant();
    Optional<Instant> expires = time(claims.path("exp"));
    Optional<Instant> begins = time(claims.path("nbf"));
    Optional<Instant> issued = time(claims.path("iat"));
    boolean isNow = expires.isPresent() && expires.get().isAfter(now) && !expires.get().isAfter(now.plus(NodeKeys.LONGEST).plus(SKEW))
        && begins.isPresent() && !begins.get().isAfter(now.plus(SKEW)) && issued.isPresent() && !issued.get().isAfter(now.plus(SKEW));
    return isNow && is(claims, "iss") && is(claims, "aud") ? TokenText.token(claims, expires.get()) : Optional.empty();
  }

  private boolean is(JsonNode claims, String name) {
    return claims.path(name).isString() && claims.path(name).asString().equals(service);
  }

  private static Optional<Instant> time(JsonNode seconds) {
    return seconds.isIntegralNumber() && seconds.canConvertToLong() && Math.abs(seconds.asLong()) < 1L << 40
        ? Optional.of(Instant.ofEpochSecond(seconds.asLong()))
        : Optional.empty();
  }
}
