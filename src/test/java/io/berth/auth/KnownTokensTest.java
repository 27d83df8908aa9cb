package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.policy.Identity;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tokens that were verified lately. */
final class KnownTokensTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private Instant now = NOW;
  private final KnownTokens tokens = new KnownTokens(() -> now);

  private static Token token() {
    return new Token(new Identity.Anonymous(), 0, Optional.empty(), List.of(), List.of(), NOW.plusSeconds(60));
  }

  @Test
  void aTokenIsKnownUntilItsTimeIsOver() {
    tokens.add("token", token());

    assertThat(tokens.recall("token")).isEqualTo(token());
    assertThat(tokens.recall("another")).isNull();
    now = NOW.plusSeconds(60);
    assertThat(tokens.recall("token")).isNull();
  }

  /** Strangers ask for as many as they like, and choose what stands in them. */
  @Test
  void thousandsOfLongTokensTakeTheRoomOfAFew() {
    for (int i = 0; i < 2_000; i++) {
      tokens.add(i + "x".repeat(Credentials.Bearer.LONGEST - 10), token());
    }

    assertThat(tokens.length()).isBetween(1L, KnownTokens.MOST);
  }
}
