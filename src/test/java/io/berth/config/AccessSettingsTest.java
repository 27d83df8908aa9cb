package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.condition.Expression;
import io.berth.policy.AccessRule;
import io.berth.policy.Action;
import io.berth.policy.Condition;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import io.berth.policy.Who;
import java.util.List;
import java.util.Map;
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
    "{name: a, who: 'anyone:x', actions: pull}                              | 'anyone:x' is no caller",
    "{name: a, who: user, actions: pull}                                    | write user:NAME",
    "{name: a, who: 'user:', actions: pull}                                 | has a name of 1 to 255",
    "{name: a, who: 'group:*', actions: pull}                               | with its whole name",
    "{name: a, who: 'claim:x', actions: pull}                               | claim:NAME=VALUE",
    "{name: a, who: anyone, actions: read}                                  | 'read' is no action",
    "{name: a, who: anyone, tags: v1, actions: admin}                       | 'admin' is about whole repositories",
    "{name: a, who: anyone, repositories: Team, actions: pull}              | capital letters",
    "{name: a, who: , actions: pull}                                        | 'who' has no value",
    "{name: a, who: anyone, actions: pull, when: }                          | 'when' has no value",
    "{name: a, who: anyone, actions: pull, when: 'repo == tag'}             | 'repo == tag' is no condition: at line 1, character 1 of it:",
    "{name: a, who: anyone, actions: pull, when: 'repository'}              | expected type 'bool'",
    "{name: a, who: anyone, actions: admin, when: 'tag != \"x\"'}           | and the condition asks for the tag",
  })
  void mistakesAreNamedWithTheRemedy(String entry, String message) {
    assertThat(Reading.problems(lines(entry))).singleElement().asString().contains("4:").contains(message);
  }

  @Test
  void rulesWithoutAnyoneToKnowAreAMistake() {
    assertThat(Reading.problems("auth: none", "access: {rules: [{name: a, who: anyone, actions: pull}]}")).singleElement().asString()
        .contains("mean nothing while nobody has to say who they are");
  }

  @Test
  void aConditionReachesTheRuleAndIsShownAsItWasWritten() {
    String when = "identity.kind == 'robot' && !tag.startsWith('x')";
    Configuration read = Reading.file("auth: {htpasswd: {path: /users}}", "access:", "  rules:", "    - name: a", "      who: anyone",
        "      actions: pull", "      when: >-", "        identity.kind == 'robot'", "        && !tag.startsWith('x')");

    assertThat(read.serve().access().rules().orElseThrow().getFirst().condition()).isEqualTo(Expression.parse(when));
    assertThat(read.effective()).contains(when);
    assertThat(read.placesOfRules()).hasToString("{a=config.yml:4:7}");
  }

  @Test
  void groupsHaveMembersByName() {
    AccessConfig access = Reading.file("auth: {htpasswd: {path: /users}}",
        "access: {rules: [], groups: {dev team: ['user:alice', 'robot:c*'], ops: 'user:bob'}}").serve().access();

    assertThat(access.groups().members()).isEqualTo(Map.of("dev team", List.of(new Who.Named("user:alice"), new Who.Named("robot:c*")),
        "ops", List.of(new Who.Named("user:bob"))));
    assertThat(access.groups().join(new Identity.Robot("ci", Set.of("own"))).groups()).containsExactlyInAnyOrder("own", "dev team");
    assertThat(access.groups().join(new Identity.User("ci")).groups()).isEmpty();
    assertThat(Reading.problems("auth: {htpasswd: {path: /users}}", "access: {rules: [], groups: {x: [anyone]}}")).singleElement()
        .asString().contains("2:").contains("'anyone' is nobody in particular");
    assertThat(Reading.problems("auth: {htpasswd: {path: /users}}", "access: {rules: [], groups: {x*: ['user:a']}}")).singleElement()
        .asString().contains("the name of a group");
    assertThat(Reading.file("auth: {htpasswd: {path: /users}}", "access: {groups: {x: ['user:a']}}").warnings()).singleElement().asString()
        .contains("groups mean nothing without access.rules");
  }
}
