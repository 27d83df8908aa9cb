package io.berth.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What ties a login that was begun in a browser to the one that comes back: a cookie, of which everything else follows by a key that this process has made
 * for itself. So nothing is kept of logins that are begun and never end, however many there are; only of those that ended it is known that they did, for as
 * long as they could come back. Safe for any thread.
 */
public final class SignInStates {

  /** How long somebody may take. */
  public static final Duration LIFE = Duration.ofMinutes(10);

  private static final int MOST = 100_000;
  private static final int RANDOM_BYTES = 32;
  private static final int LONGEST = 300;

  private final Keyed keyed = new Keyed();
  private final SecureRandom random = new SecureRandom();
  private final InstantSource clock;
  private final Cache<String, Boolean> used = Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(LIFE.multipliedBy(2)).build();

  public SignInStates(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * A login that was begun.
   *
   * @param cookie for the browser, and for nobody else to see
   * @param state goes to the provider and comes back
   * @param nonce goes to the provider and stands in its token
   * @param verifier goes to the provider at the end, and its hash before (RFC 7636)
   */
  record State(String cookie, String state, String nonce, String verifier) {

    @Override
    public String toString() {
      return "State[•••]";
    }
  }

  State begin(String provider) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    String body = clock.instant().plus(LIFE).getEpochSecond() + "." + HexFormat.of().formatHex(bytes);
    return state(provider, body);
  }

  /** The one that a browser comes back with, once. */
  Optional<State> end(String provider, String cookie, String returned) {
    int dot = cookie.lastIndexOf('.');
    if (dot < 0 || cookie.length() > LONGEST) {
      return Optional.empty();
    }
    State state = state(provider, cookie.substring(0, dot));
    boolean isOurs = isSame(state.cookie, cookie) && isSame(state.state, returned);
    if (!isOurs || !clock.instant().isBefore(Instant.ofEpochSecond(Long.parseLong(cookie.substring(0, cookie.indexOf('.')))))) {
      return Optional.empty();
    }
    return used.asMap().putIfAbsent(state.state, true) == null ? Optional.of(state) : Optional.empty();
  }

  private State state(String provider, String body) {
    return new State(body + "." + keyed.hash("cookie", provider, body), keyed.hash("state", provider, body),
        keyed.hash("nonce", provider, body), keyed.hash("verifier", provider, body));
  }

  private static boolean isSame(String one, String other) {
    return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }
}
