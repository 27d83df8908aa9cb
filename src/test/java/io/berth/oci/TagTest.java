package io.berth.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.Law;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TagTest {

  private static final Pattern GRAMMAR = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

  static String valid(RandomGenerator random) {
    int max = random.nextInt(5) == 0 ? 127 : 12;
    return Strings.of(random, Strings.WORD, 1, 1) + Strings.of(random, Strings.WORD + ".-", random.nextInt(20) == 0 ? max : 0, max);
  }

  @Test
  void whatParseAcceptsToStringGivesBack() {
    Law.forAll(TagTest::valid, text -> assertThat(Tag.parse(text)).hasToString(text));
  }

  @Test
  void exactlyWhatTheGrammarAllowsIsAccepted() {
    Law.forAll(Strings.around(TagTest::valid), text -> {
      assertThat(Tag.isValid(text)).isEqualTo(GRAMMAR.matcher(text).matches());
      if (Tag.isValid(text)) {
        assertThat(Tag.parse(text)).hasToString(text);
      } else {
        assertThatThrownBy(() -> Tag.parse(text)).isInstanceOfSatisfying(RegistryException.class,
            e -> assertThat(e.status()).isEqualTo(400));
      }
    });
  }

  @Test
  void aTagOf128CharactersIsAccepted() {
    assertThat(Tag.parse("x".repeat(128)).value()).hasSize(128);
  }

  @Test
  void aTagOfMoreThan128CharactersIsRefused() {
    assertThatThrownBy(() -> Tag.parse("x".repeat(129))).isInstanceOf(RegistryException.class).hasMessageContaining("1 to 128 characters");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".a", "-a", ".", "..", "a/b", "a:b", "sha256:00", "a\n", "\na", "a b", "a%2fb", "a\0", "\u0430", "\uff41",
    "a\\b", "a@b"})
  void whatIsNoTagIsRefused(String text) {
    assertThatThrownBy(() -> Tag.parse(text)).isInstanceOf(RegistryException.class);
  }

  @Test
  void aTagMayLookLikeTheFallbackForReferrers() {
    assertThat(Tag.isValid("sha256-" + "0".repeat(64))).isTrue();
    assertThat(Tag.isValid("sha256-" + "0".repeat(64) + ".sig")).isTrue();
    assertThat(Tag.isValid("sha256-")).isTrue();
  }

  @Test
  void theOrderIsThatOfTheBytes() {
    assertThat(Tag.parse("B")).isLessThan(Tag.parse("a"));
    assertThat(Tag.parse("Z")).isLessThan(Tag.parse("_"));
    assertThat(Tag.parse("1.10")).isLessThan(Tag.parse("1.9"));
  }
}
