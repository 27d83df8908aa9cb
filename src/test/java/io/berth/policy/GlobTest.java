package io.berth.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.Law;
import io.berth.oci.Strings;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns of names: what they match, that they match it in reasonable time, and what is no pattern. */
final class GlobTest {

  /** A pattern and a name of few letters, so that they meet often. */
  record Asked(String pattern, String name) {}

  private static Asked asked(RandomGenerator random) {
    return new Asked(path(random, "*", "**", "?", "a", "b", "a*", "*b", "?a", "a*b*a"), path(random, "a", "b", "ab", "aa", "abba", "ba"));
  }

  private static String path(RandomGenerator random, String... components) {
    var path = new StringBuilder(components[random.nextInt(components.length)]);
    for (int more = random.nextInt(4); more > 0; more--) {
      path.append('/').append(components[random.nextInt(components.length)]);
    }
    return path.toString();
  }

  /** The same pattern as a regular expression, the slow way. */
  private static Pattern expression(String pattern) {
    return Pattern.compile(pattern.replaceAll("(?<![*])[*](?![*])", "[^/]@").replace("?", "[^/]").replace("**/", "(.@/)¿")
        .replace("**", ".@").replace('@', '*').replace('¿', '?'));
  }

  @Test
  void aPatternMatchesWhatTheSameRegularExpressionMatches() {
    Law.forAll(20_000, GlobTest::asked, asked -> assertThat(Glob.parse(asked.pattern).matches(asked.name))
        .isEqualTo(expression(asked.pattern).matcher(asked.name).matches()));
  }

  @ParameterizedTest
  @CsvSource({"*,app", "team/*,team/app", "team/**,team/app", "team/**,team/a/b/c", "**,app", "**,team/a/b", "**/app,app",
    "**/app,team/x/app",
    "a/**/z,a/z", "a/**/z,a/b/c/z", "v?,v1", "v*,v", "v*,v1.2-rc.1", "team/*-prod,team/-prod", "team/a*c/x,team/abc/x"})
  void itMatches(String pattern, String name) {
    assertThat(Glob.parse(pattern).matches(name)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"*,team/app", "team/*,team/a/b", "team/**,team", "team/**,teams/app", "**/app,team/myapp", "a/**/z,az", "v?,v", "v?,v12",
    "a?b,a/b", "v1.0,v1x0", "v*,V1"})
  void itDoesNotMatch(String pattern, String name) {
    assertThat(Glob.parse(pattern).matches(name)).isFalse();
  }

  /** With going back, this would take longer than there is time. */
  @Test
  void noPatternAndNoNameMakesItSlow() {
    Glob stars = Glob.parse("a*".repeat(126) + "b");
    Glob deep = Glob.parse("**/a/".repeat(50) + "b");

    for (int i = 0; i < 100; i++) {
      assertThat(stars.matches("a".repeat(255))).isFalse();
      assertThat(deep.matches("a/".repeat(127) + "a")).isFalse();
    }
    assertThat(stars.matches("a".repeat(254) + "b")).isTrue();
    assertThat(deep.matches("a/".repeat(127) + "b")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/a", "a/", "a//b", "a**", "**a", "team**/x", "***", "a/***", "[ab]", "{a,b}", "!a", "a\\*", "a b", "a:b", "ä",
        "a\n", "(a|b)", "^v1$", "v1+"})
  void whatIsNoPatternIsRefusedInWords(String text) {
    assertThatThrownBy(() -> Glob.parse(text)).isInstanceOf(IllegalArgumentException.class).message().isNotBlank();
  }

  @Test
  void aPatternThatIsTooLongIsRefused() {
    assertThat(Glob.parse("a".repeat(Glob.MAX_LENGTH)).matches("a".repeat(Glob.MAX_LENGTH))).isTrue();
    assertThatThrownBy(() -> Glob.parse("a".repeat(Glob.MAX_LENGTH + 1))).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aPatternThatNoNameCanFitIsRefused() {
    assertThatThrownBy(() -> Glob.ofRepositories("Team/*")).hasMessageContaining("capital letters");
    assertThatThrownBy(() -> Glob.ofTags("team/*")).hasMessageContaining("no '/'");
    assertThatThrownBy(() -> Glob.ofTags("-*")).hasMessageContaining("begins with");
    assertThatThrownBy(() -> Glob.ofTags(".*")).hasMessageContaining("begins with");
    assertThat(Glob.ofTags("V*").matches("V1")).isTrue();
    assertThat(Glob.ofRepositories("team/**").matches("team/app")).isTrue();
  }

  @Test
  void anyTextIsAPatternThatReadsBackOrRefused() {
    Law.forAll(Strings.around(random -> path(random, "a*", "**", "?", "b")), text -> {
      try {
        Glob glob = Glob.parse(text);
        assertThat(Glob.parse(glob.toString())).isEqualTo(glob);
        boolean _ = glob.matches(text);
      } catch (IllegalArgumentException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    });
  }
}
