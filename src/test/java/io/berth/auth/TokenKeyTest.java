package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A token as the key of a cache. */
final class TokenKeyTest {

  @Test
  void itIsTheSameForTheSameTokenOnly() {
    var key = new TokenKey("eyJ.Aa.x");
    assertThat(key).isEqualTo(new TokenKey("eyJ.Aa.x")).hasSameHashCodeAs(new TokenKey("eyJ.Aa.x"));
    assertThat(key).as("of the same hash code").hasSameHashCodeAs(new TokenKey("eyJ.BB.x")).isNotEqualTo(new TokenKey("eyJ.BB.x"));
    assertThat(key).isNotEqualTo(new TokenKey("eyJ.Aa."));
  }

  @Test
  void itIsNotPrinted() {
    assertThat(new TokenKey("eyJ.Aa.x").toString()).doesNotContain("eyJ");
  }
}
