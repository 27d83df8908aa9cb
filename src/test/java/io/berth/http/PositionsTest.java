package io.berth.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Positions in lists that a client comes back with, and may not read. */
final class PositionsTest {

  @Test
  void whatIsHiddenCanNotBeReadAndIsFoundAgain() {
    String hidden = Positions.of("secret-tag", false);

    assertThat(hidden).startsWith("~").doesNotContain("secret");
    assertThat(Positions.shown(hidden)).isEqualTo("secret-tag");
    assertThat(Positions.of("secret-tag", false)).as("the same, so that pages that are signed follow each other").isEqualTo(hidden);
    assertThat(Positions.of("secret-tah", false)).isNotEqualTo(hidden);
  }

  @Test
  void whatMayBeKnownStandsAsItIs() {
    assertThat(Positions.of("a-tag", true)).isEqualTo("a-tag");
    assertThat(Positions.shown("a-tag")).isEqualTo("a-tag");
  }

  @Test
  void whatNobodyHidIsTakenAsItStands() {
    String hidden = Positions.of("secret-tag", false);
    for (String text : new String[] {"~", "~AAAA", "~ü", "~" + "A".repeat(100), hidden.substring(0, hidden.length() - 2), hidden + "A"}) {
      assertThat(Positions.shown(text)).isEqualTo(text);
    }
  }
}
