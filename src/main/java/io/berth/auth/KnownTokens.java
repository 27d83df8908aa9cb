package io.berth.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that were verified lately, so that those of one pull are verified once. They are counted by their length and not by their number, since strangers
 * get tokens too and choose how much stands in them. Safe for any thread.
 */
final class KnownTokens {

  /** Of all of them together, in characters: some six thousand as they usually are. What they say takes several times as much. */
  static final long MOST = 4 << 20;
  private static final Duration REMEMBERED = Duration.ofMinutes(10);

  private final InstantSource clock;
  private final Cache<TokenKey, Token> valid = Caffeine.newBuilder().maximumWeight(MOST).weigher((TokenKey key, Token _) -> key.length())
      .expireAfterWrite(REMEMBERED).build();

  KnownTokens(InstantSource clock) {
    this.clock = clock;
  }

  void add(String text, Token token) {
    valid.put(new TokenKey(text), token);
  }

  /** What the token says, if it is known and its time is not over. */
  @Nullable Token recall(String text) {
    Token token = valid.getIfPresent(new TokenKey(text));
    return token != null && token.expires().isAfter(clock.instant()) ? token : null;
  }

  /** How many characters are kept, when all that was begun is done. */
  long length() {
    valid.cleanUp();
    return valid.asMap().keySet().stream().mapToLong(TokenKey::length).sum();
  }
}
