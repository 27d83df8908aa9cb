package io.berth.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.Law;
import io.berth.oci.Strings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ChallengeTest {

  @Test
  void aBearerChallengeSaysRealmServiceAndScope() {
    var headers = List.of("Bearer realm=\"https://auth.example/token\",service=\"registry\",scope=\"repository:team/app:pull,push\"");

    assertThat(Challenge.find(headers, "bearer")).contains(new Challenge("bearer",
        Map.of("realm", "https://auth.example/token", "service", "registry", "scope", "repository:team/app:pull,push")));
    assertThat(Challenge.find(headers, "basic")).isEmpty();
  }

  @Test
  void severalChallengesMayStandInOneHeaderOrInSeveral() {
    assertThat(Challenge.parse("Basic realm=\"a, \\\"b\\\"\", BEARER Realm = x , scope=y, Negotiate")).containsExactly(
        new Challenge("basic", Map.of("realm", "a, \"b\"")), new Challenge("bearer", Map.of("realm", "x", "scope", "y")),
        new Challenge("negotiate", Map.of()));
    assertThat(Challenge.find(List.of("Basic realm=a", "Bearer realm=b"), "bearer")).get().extracting(c -> c.parameter("realm"))
        .isEqualTo("b");
  }

  @Test
  void aParameterThatIsThereTwiceIsNotChosenFrom() {
    assertThat(Challenge.parse("Bearer realm=\"https://a\",realm=\"https://b\"")).isEmpty();
  }

  @Test
  void whateverIsSentIsReadInBoundedTime() {
    Law.forAll(5_000, random -> "Bearer " + Strings.of(random, "=\", \\abc", 0, 200) + Strings.any(random),
        text -> assertThat(Challenge.parse(text)).allSatisfy(challenge -> assertThat(challenge.scheme()).isNotEmpty()));
    assertThat(Challenge.parse("Bearer realm=\"" + "\\a".repeat(2_000))).isNotEmpty();
    assertThat(Challenge.find(List.of("Bearer realm=\"" + "a".repeat(10_000) + "\""), "bearer")).isEmpty();
  }
}
