package io.berth.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every metadata store keeps: the keys by which tokens are verified. */
public abstract class TokenKeyContract extends StoreUnderTest {

  private static final String JWK = "{\"kty\":\"EC\"}";

  private Optional<String> found(String id, Instant at) {
    return store.read(tx -> tx.tokenKeys().find(id, at));
  }

  private void put(String id, Instant until, Instant now) {
    write(tx -> tx.tokenKeys().put(id, JWK, until, now));
  }

  @Test
  void aKeyIsFoundUntilItsTimeIsOver() {
    put("one", LATER, NOW);

    assertThat(found("one", NOW)).contains(JWK);
    reopen();
    assertThat(found("one", LATER.minusMillis(1))).contains(JWK);
    assertThat(found("one", LATER)).isEmpty();
    assertThat(found("One", NOW)).as("another name").isEmpty();
  }

  @Test
  void puttingAKeyAgainGivesItMoreTime() {
    put("one", LATER, NOW);
    put("one", LATER.plus(Duration.ofDays(1)), NOW);

    assertThat(found("one", LATER)).contains(JWK);
  }

  @Test
  void keysWhoseTimeIsOverAreForgottenWhenAnotherOneComes() {
    put("one", LATER, NOW);
    put("two", LATER.plus(Duration.ofDays(1)), LATER);

    assertThat(found("one", NOW)).isEmpty();
    assertThat(found("two", LATER)).contains(JWK);
  }
}
