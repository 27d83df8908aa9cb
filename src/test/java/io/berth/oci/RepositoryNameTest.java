package io.berth.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.Law;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RepositoryNameTest {

  private static final Pattern GRAMMAR =
      Pattern.compile("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final String[] JOINTS = {".", "_", "__", "-", "--", "-----", "/", "/"};

  static String valid(RandomGenerator random) {
    var name = new StringBuilder(word(random));
    for (int parts = random.nextInt(6); parts > 0; parts--) {
      name.append(JOINTS[random.nextInt(JOINTS.length)]).append(word(random));
    }
    return name.toString();
  }

  private static String word(RandomGenerator random) {
    return Strings.of(random, Strings.LOWER + Strings.DIGITS, 1, random.nextInt(30) == 0 ? 250 : 8);
  }

  private static boolean allowed(String text) {
    return text.length() <= 255 && GRAMMAR.matcher(text).matches();
  }

  @Test
  void whatParseAcceptsToStringGivesBack() {
    Law.forAll(RepositoryNameTest::valid, text -> {
      if (text.length() <= 255) {
        assertThat(RepositoryName.parse(text)).hasToString(text);
      }
    });
  }

  @Test
  void exactlyWhatTheGrammarAllowsIsAccepted() {
    Law.forAll(Strings.around(RepositoryNameTest::valid), text -> {
      assertThat(RepositoryName.isValid(text)).isEqualTo(allowed(text));
      if (allowed(text)) {
        assertThat(RepositoryName.parse(text)).hasToString(text);
      } else {
        assertThatThrownBy(() -> RepositoryName.parse(text)).isInstanceOfSatisfying(RegistryException.class, e -> {
          assertThat(e.status()).isEqualTo(400);
          assertThat(e.problems().getFirst().code()).isEqualTo(ErrorCode.NAME_INVALID);
        });
      }
    });
  }

  @Test
  void everyTextOfSeparatorsAndLettersIsJudgedAsTheGrammarDoes() {
    Law.forAll(20_000, random -> Strings.of(random, "aA0._-/", 0, 9),
        text -> assertThat(RepositoryName.isValid(text)).isEqualTo(allowed(text)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/..", "../a", "a/../b", "a//b", "/a", "a/", "a/./b", ".a", "a.", "a..b", "a___b", "a._b", "_a",
    "a-", "-a",
    "A", "aB", "a b", "a\0", "a\n", "a%2fb", "a%252fb", "a\\b", "a;b", "a:5000/b", "\u0430", "caf\u00e9", "a\u2028", "_catalog", "a/_b",
    "CON", "a~",
    "a+b", "a,b", "a@b"})
  void whatIsNoNameIsRefused(String text) {
    assertThatThrownBy(() -> RepositoryName.parse(text)).isInstanceOf(RegistryException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a", "0", "a/b", "a.b", "a_b", "a__b", "a-b", "a--b", "a---------b", "library/ubuntu", "a/blobs/uploads", "a/tags",
        "a/manifests/x", "v2", "referrers", "blobs", "uploads", "index.json", "con"})
  void namesThatLookLikeSomethingElseAreNames(String text) {
    assertThat(RepositoryName.parse(text)).hasToString(text);
  }

  @Test
  void aNameOf255CharactersIsAcceptedAndOneMoreIsNot() {
    assertThat(RepositoryName.isValid("a".repeat(255))).isTrue();
    assertThat(RepositoryName.isValid("a".repeat(256))).isFalse();
    assertThat(RepositoryName.isValid("a/".repeat(127) + "b")).isTrue();
    assertThat(RepositoryName.isValid("a/".repeat(1000) + "b")).isFalse();
  }

  @Test
  void theOrderIsThatOfTheBytes() {
    assertThat(RepositoryName.parse("a-b")).isLessThan(RepositoryName.parse("a/b"));
    assertThat(RepositoryName.parse("a/b")).isLessThan(RepositoryName.parse("a0"));
  }
}
