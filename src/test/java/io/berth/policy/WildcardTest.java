package io.berth.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.Law;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WildcardTest {

  @ParameterizedTest
  @CsvSource({"acme/app,acme/app,true", "acme/app,acme/app2,false", "acme/*,acme/a/b,true", "acme/*,acme,false", "*,'',true", "a*a,a,false",
    "a*a,aa,true", "*:ref:*,repo:ref:main,true", "a*b*c,axxbyyc,true", "a*b*c,acb,false", "a**c,abc,true"})
  void starsStandForAnyCharacters(String pattern, String text, boolean matches) {
    assertThat(new Wildcard(pattern).matches(text)).isEqualTo(matches);
  }

  /** The platform's own matcher, which takes long for what a stranger might write. */
  @Test
  void itMatchesAsARegularExpressionWould() {
    record Case(String pattern, String text) {}
    Law.forAll(random -> new Case(text(random.nextInt(8), random.ints(8, 0, 3).toArray(), "ab*"),
        text(random.nextInt(8), random.ints(8, 0, 2).toArray(), "ab")), one -> {
          String expression = Stream.of(one.pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
          assertThat(new Wildcard(one.pattern).matches(one.text)).isEqualTo(one.text.matches(expression));
        });
  }

  private static String text(int length, int[] choices, String letters) {
    var text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(letters.charAt(choices[i]));
    }
    return text.toString();
  }
}
