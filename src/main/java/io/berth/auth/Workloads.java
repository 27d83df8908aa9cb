package io.berth.auth;

import io.berth.policy.Identity;
import io.berth.policy.Wildcard;
import io.berth.signing.CompactJws;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Jobs that have no password: their platform vouches for each with a token (OpenID Connect), and they show that as the password of the user
 * {@value #USER}, or exchange it for one of this registry. It has to be made for this registry, by an issuer whom the operator has named, for a job
 * that has the claims which the operator demands; nothing outlasts it that is given for it. Safe for any thread.
 */
public final class Workloads implements Passwords {

  /** The user name that such a token is shown with. */
  public static final String USER = "oidc";

  /** So much the clocks of others may differ from ours. */
  static final Duration SKEW = Duration.ofSeconds(60);
  /** Whoever steals one may use it for so long at most. */
  private static final Duration LONGEST = Duration.ofDays(1);
  private static final int LONGEST_SUBJECT = 255;

  private final List<Provider> providers;
  private final InstantSource clock;

  /**
   * A platform.
   *
   * @param name what the configuration calls it
   * @param audiences for whom its tokens have to be, one of these
   * @param claims what its tokens have to say: of each of these one of the patterns
   */
  public record Provider(String name, Issuer issuer, List<String> audiences, Map<String, List<Wildcard>> claims) {}

  public Workloads(List<Provider> providers, InstantSource clock) {
    this.providers = List.copyOf(providers);
    this.clock = clock;
  }

  @Override
  public @Nullable Found recall(Credentials.Basic credentials) {
    return isShown(credentials) ? null : new Found.Unknown();
  }

  /** Whether it looks like a token that a job shows, and not like the password of a user of that name. */
  static boolean isShown(Credentials.Basic credentials) {
    return credentials.user().equals(USER) && CompactJws.parse(credentials.password()).isPresent();
  }

  @Override
  public Found find(Credentials.Basic credentials) {
    if (!credentials.user().equals(USER)) {
      return new Found.Unknown();
    }
    Optional<CompactJws> token = CompactJws.parse(credentials.password());
    if (token.isEmpty()) {
      return new Found.Unknown(); // perhaps the password of a user of that name
    }
    for (Provider provider : providers) {
      if (token.get().payload().path("iss").asString("").equals(provider.issuer.url())) {
        Optional<Found> found = look(token.get(), provider);
        if (found.isPresent()) {
          return found.get();
        }
      }
    }
    return new Found.Wrong();
  }

  /** What a token says of a job, as rules see it. */
  public static Map<String, Object> claims(JsonNode payload) {
    return TokenText.object(payload);
  }

  /** Several may be of one issuer, for jobs of different kinds: nothing if it is none of this one's. */
  private Optional<Found> look(CompactJws token, Provider provider) {
    JsonNode claims = token.payload();
    Instant now = clock.instant();
    Optional<Instant> expires = time(claims.path("exp"));
    boolean isNow = expires.isPresent() && expires.get().isAfter(now) && expires.get().isBefore(now.plus(LONGEST))
        && begun(claims.path("nbf"), now) && begun(claims.path("iat"), now);
    String subject = claims.path("sub").asString("");
    boolean isNamed = claims.path("sub").isString() && !subject.isEmpty() && subject.length() <= LONGEST_SUBJECT
        && subject.chars().noneMatch(Character::isISOControl);
    if (!isNow || !isNamed || !isFor(claims.path("aud"), provider.audiences) || !hasClaims(claims, provider.claims)
        || !provider.issuer.hasSigned(token)) {
      return Optional.empty();
    }
    var identity = new Identity.Workload(provider.name, subject, claims(claims));
    return Optional.of(new Found.Good(identity, Optional.empty(), OptionalLong.empty(), expires));
  }

  /** Whether a token is for one of them. */
  static boolean isFor(JsonNode audience, List<String> audiences) {
    if (audience.isArray()) {
      for (JsonNode one : audience) {
        if (one.isString() && audiences.contains(one.asString())) {
          return true;
        }
      }
      return false;
    }
    return audience.isString() && audiences.contains(audience.asString());
  }

  /** Whether a token says of each of these claims one of the patterns. */
  static boolean hasClaims(JsonNode claims, Map<String, List<Wildcard>> wanted) {
    return wanted.entrySet().stream()
        .allMatch(claim -> claim.getValue().stream().anyMatch(pattern -> matches(pattern, claims.path(claim.getKey()))));
  }

  private static boolean matches(Wildcard pattern, JsonNode value) {
    if (value.isArray()) {
      for (JsonNode one : value) {
        if (!one.isContainer() && matches(pattern, one)) {
          return true;
        }
      }
      return false;
    }
    return (value.isString() || value.isNumber() || value.isBoolean()) && pattern.matches(value.asString());
  }

  /** A time that may be missing, and may not be to come. */
  static boolean begun(JsonNode time, Instant now) {
    return time.isMissingNode() || time(time).filter(begin -> !begin.isAfter(now.plus(SKEW))).isPresent();
  }

  /** Seconds since 1970. */
  static Optional<Instant> time(JsonNode seconds) {
    return seconds.isNumber() && Math.abs(seconds.asDouble()) < 1L << 40 ? Optional.of(Instant.ofEpochSecond((long) seconds.asDouble()))
        : Optional.empty();
  }
}
