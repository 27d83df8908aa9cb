package io.berth.auth;

import io.berth.policy.Identity;
import io.berth.signing.Algorithm;
import io.berth.signing.CompactJws;
import io.berth.signing.PublicKeySet;
import io.berth.signing.TrustRoots;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Tokens of an issuer elsewhere, as CNCF Distribution accepts them: a JSON Web Token with {@code access}, signed by a key that the operator has named or by
 * one whose certificate a trusted one has signed. The issuer's clock may differ from ours by a minute. What the token names is allowed; nobody else vouches for its bearer. Safe for any thread.
 */
public final class ForeignTokens implements Bearers {

  private static final int LONGEST_SUBJECT = 255;

  private final Terms terms;
  private final InstantSource clock;
  private final KnownTokens known;

  /**
   * Which tokens count.
   *
   * @param url where they are had; absent: from this host, at {@code path}
   * @param service for whom they have to be
   * @param issuer by whom
   * @param keys whose signature counts
   * @param roots which certificates make the keys of others count
   * @param algorithms with which they may be signed
   */
  public record Terms(Optional<String> url, String path, String service, String issuer, PublicKeySet keys, TrustRoots roots,
      Set<Algorithm> algorithms) {}

  public ForeignTokens(Terms terms, InstantSource clock) {
    this.terms = terms;
    this.clock = clock;
    this.known = new KnownTokens(clock);
  }

  @Override
  public Optional<String> url() {
    return terms.url;
  }

  @Override
  public String path() {
    return terms.path;
  }

  @Override
  public String service() {
    return terms.service;
  }

  @Override
  public Optional<Token> verify(String text) {
    Token recalled = recall(text);
    if (recalled != null) {
      return Optional.of(recalled);
    }
    Optional<Token> token = CompactJws.parse(text).filter(this::isSigned).flatMap(jws -> read(jws.payload()));
    token.ifPresent(found -> known.add(text, found));
    return token;
  }

  @Override
  public @Nullable Token recall(String text) {
    return known.recall(text);
  }

  private boolean isSigned(CompactJws jws) {
    if (!terms.algorithms.contains(jws.algorithm())) {
      return false;
    }
    return jws.headerNames().contains("x5c")
        ? terms.roots.verify(jws.certificates(), clock.instant()).filter(jws::isSignedBy).isPresent()
        : terms.keys.haveSigned(jws);
  }

  private Optional<Token> read(JsonNode claims) {
    Instant now = clock.instant();
    Optional<Instant> until = Workloads.time(claims.path("exp")).map(end -> end.plus(Workloads.SKEW));
    boolean isNow = until.isPresent() && until.get().isAfter(now) && Workloads.begun(claims.path("nbf"), now)
        && Workloads.begun(claims.path("iat"), now);
    boolean isOurs = claims.path("iss").isString() && claims.path("iss").asString().equals(terms.issuer)
        && Workloads.isFor(claims.path("aud"), List.of(terms.service));
    return isNow && isOurs ? Optional.of(new Token(new Identity.Bearer(subject(claims.path("sub"))), 0, Optional.empty(),
        access(claims.path("access")), List.of(), until.get())) : Optional.empty();
  }

  /** Issuers need not say whose it is. It is for the audit, and may be anything. */
  private static String subject(JsonNode subject) {
    String text = subject.isString() ? subject.asString() : "";
    boolean isFine = text.length() <= LONGEST_SUBJECT && text.chars().noneMatch(Character::isISOControl);
    return isFine ? text : "unreadable";
  }

  private static List<ResourceScope> access(JsonNode entries) {
    var access = new ArrayList<ResourceScope>();
    for (JsonNode entry : entries) {
      var actions = new LinkedHashSet<String>();
      entry.path("actions").forEach(action -> actions.add(action.asString("")));
      ResourceScope.of(entry.path("type").asString(""), entry.path("name").asString(""), actions).ifPresent(access::add);
    }
    return access;
  }
}
