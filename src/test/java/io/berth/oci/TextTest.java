package io.berth.oci;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.Law;
import org.junit.jupiter.api.Test;

final class TextTest {

  @Test
  void nothingButVisibleAsciiIsEverShown() {
    Law.forAll(Strings::any, text -> assertThat(Text.quoted(text)).matches("[\\x20-\\x7e]*").startsWith("\"").endsWith("\""));
  }

  @Test
  void whatIsShownIsBounded() {
    Law.forAll(Strings::any, text -> assertThat(Text.visible(text, 10)).hasSizeLessThanOrEqualTo(10 * 6 + 3));
  }

  @Test
  void plainTextIsShownAsItIs() {
    Law.forAll(random -> Strings.of(random, Strings.WORD + " /:.-", 0, 200), text -> assertThat(Text.visible(text, 200)).isEqualTo(text));
  }

  @Test
  void lineBreaksAndTerminalEscapesAreDefused() {
    assertThat(Text.quoted("a\r\nX-Evil: 1")).isEqualTo("\"a\\u000d\\u000aX-Evil: 1\"");
    assertThat(Text.quoted("\u001b[31m")).isEqualTo("\"\\u001b[31m\"");
  }

  @Test
  void longTextIsCut() {
    assertThat(Text.quoted("x".repeat(1_000_000))).isEqualTo('"' + "x".repeat(200) + "...\"");
  }
}
