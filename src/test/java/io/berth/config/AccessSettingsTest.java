package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.policy.AccessRule;
import io.berth.policy.Action;
import io.berth.policy.Condition;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Who;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules of access as an operator writes them, and the mistakes that can be made in them. */
final class AccessSettingsTest {

  private static String[] lines(String entry) {
    return new String[] {"auth: {htpasswd: {path: /users}}", "access:", "  rules:", "    - " + entry};
  }

  @Test
  void withoutAnyThereAreNoneAndAnEmptyListIsAList() {
    assertThat(ServeConfig.defaults().access().rules()).isEmpty();
    assertThat(Reading.file("auth: {htpasswd: {path: /users}}", "access: {rules: []}").serve().access().rules()).contains(List.of());
  }

  @Test
  void everyKeyReachesTheRule() {
    var rule = new AccessRule("ci", List.of(new Who.Anyone(), new Who.Authenticated(), new Who.Named("user:al*"), new Who.Named("robot:ci"),
        new Who.Named("workload:hub:repo:a/b"), new Who.Group("dev team"), new Who.Claim("ref", "a=b")),
        new Grant(List.of(new Glob("team/**"), new Glob("lib")), List.of(new Glob("v*")), Set.of(Action.PULL, Action.CREATE)),
        Condition.ALWAYS);

    assertThat(Reading.file(
        lines("{name: ci, who: [anyone, authenticated, 'user:al*', 'robot:ci', 'workload:hub:repo:a/b', 'group:dev team', 'claim:ref=a=b'],"
            + " repositories: [team/**, lib], tags: v*, actions: [pull, create]}"))
        .serve().access().rules())
        .contains(List.of(rule));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
    "{name: a, actions: [pull]}                                             | a rule has a who",
    "{name: a, who: anyone}                                                 | a rule has a actions",
    "{name: a, who: everyone, actions: pull}                                | 'everyone' is no caller",
    "{name: a, who: user, actions: pull}                                    | write user:NAME",
    "{name: a, who: 'user:', actions: pull}                                 | has a name of 1 to 255",
    "{name: a, who: 'group:*', actions: pull}                               | with its whole name",
    "{name: a, who: 'claim:x', actions: pull}                               | claim:NAME=VALUE",
    "{name: a, who: anyone, actions: read}                                  | 'read' is no action",
    "{name: a, who: anyone, tags: v1, actions: admin}                       | 'admin' is about whole repositories",
    "{name: a, who: anyone, repositories: Team, actions: pull}              | capital letters",
    "{name: a, who: , actions: pull}                                        | 'who' has no value",
  })
  void mistakesAreNamedWithTheRemedy(String entry, String message) {
    assertThat(Reading.problems(lines(entry))).singleElement().asString().contains("4:").contains(message);
  }

  @Test
  void rulesWithoutAnyoneToKnowAreAMistake() {
    assertThat(Reading.problems("auth: none", "access: {rules: [{name: a, who: anyone, actions: pull}]}")).singleElement().asString()
        .contains("mean nothing while nobody has to say who they are");
  }
}
