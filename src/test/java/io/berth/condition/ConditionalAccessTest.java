package io.berth.condition;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.Law;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.Access;
import io.berth.policy.AccessPolicy;
import io.berth.policy.AccessRule;
import io.berth.policy.Action;
import io.berth.policy.Condition;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Groups;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.policy.Scope;
import io.berth.policy.Who;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What rules allow whose conditions are expressions: never more than the rule without its condition, and decided tag by tag where it asks for the tag. */
final class ConditionalAccessTest {

  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Identity ALICE = new Identity.User("alice", Set.of("dev"), Map.of(), false);
  private static final List<String> TAGS = List.of("v1", "v2", "dev", "latest");
  private static final List<Action> ACTIONS = List.of(Action.PULL, Action.CREATE, Action.MOVE, Action.DELETE, Action.ADMIN);

  private static AccessRule rule(String when, List<String> tags, Action... actions) {
    return new AccessRule("r", List.of(new Who.Anyone()),
        new Grant(List.of(new Glob("**")), tags.stream().map(Glob::ofTags).toList(), new HashSet<>(List.of(actions))),
        Expression.parse(when));
  }

  private static Access access(AccessRule rule) {
    return new AccessPolicy(List.of(rule)).access(ALICE, APP);
  }

  private static boolean allows(AccessRule rule, Scope scope) {
    return new Rights(new AccessPolicy(List.of(rule)), ALICE).decide(scope).allowed();
  }

  @Test
  void aConditionThatAsksForTheTagIsDecidedForEachAndShowsNothingElse() {
    AccessRule rule = rule("tag != 'latest' && repository == 'team/app'", List.of("v*", "l*"), Action.PULL);

    assertThat(access(rule).may(Action.PULL)).isTrue();
    assertThat(access(rule).mayEverywhere(Action.PULL)).isFalse();
    assertThat(TAGS.stream().filter(tag -> access(rule).may(Action.PULL, Tag.parse(tag)))).containsExactly("v1", "v2");
    assertThat(access(rule("tag != 'latest'", List.of(), Action.PULL)).mayEverywhere(Action.PULL)).as("what no tag shows").isFalse();
    assertThat(access(rule("tag != 'latest' && 'ops' in identity.groups", List.of(), Action.PULL))).as("whatever the tag")
        .isEqualTo(Access.NONE);
    assertThat(access(rule("true || tag == ''", List.of(), Action.PULL)).mayEverywhere(Action.PULL)).isFalse();
  }

  @Test
  void aConditionThatDoesNotAskForTheTagLeavesTheWholeRepository() {
    assertThat(access(rule("'dev' in identity.groups", List.of(), Action.PULL)).mayEverywhere(Action.PULL)).isTrue();
    assertThat(access(rule("'ops' in identity.groups", List.of(), Action.PULL))).isEqualTo(Access.NONE);
    assertThat(access(rule("identity.claims.team == 'x'", List.of(), Action.PULL))).as("undecided").isEqualTo(Access.NONE);
  }

  @Test
  void toPushIsToCreateAndToMoveAndToAdministerIsEverything() {
    Access noMoving = access(rule("action != 'move'", List.of(), Action.PUSH));
    assertThat(noMoving.mayEverywhere(Action.CREATE)).isTrue();
    assertThat(noMoving.may(Action.MOVE)).isFalse();
    assertThat(noMoving.mayEverywhere(Action.PUSH)).isFalse();
    assertThat(noMoving.may(Action.PUSH)).as("to upload").isTrue();

    Access noDeleting = access(rule("action != 'delete'", List.of(), Action.ADMIN));
    assertThat(noDeleting.may(Action.DELETE)).isFalse();
    assertThat(noDeleting.may(Action.ADMIN)).as("who administers could delete").isFalse();
    assertThat(noDeleting.mayEverywhere(Action.PUSH)).isTrue();
    assertThat(access(rule("action != 'x'", List.of(), Action.ADMIN))).isEqualTo(Access.ALL);
  }

  @Test
  void theRegistryIsAdministeredOnlyWhereNothingDependsOnARepository() {
    assertThat(allows(rule("identity.name == 'user:alice'", List.of(), Action.ADMIN), new Scope.Administration())).isTrue();
    assertThat(allows(rule("identity.name == 'user:bob'", List.of(), Action.ADMIN), new Scope.Administration())).isFalse();
    assertThat(allows(rule("repository != 'x'", List.of(), Action.ADMIN), new Scope.Administration())).isFalse();
    assertThat(allows(rule("tag != 'x'", List.of(), Action.ADMIN), new Scope.Administration())).isFalse();
    assertThat(allows(rule("action != 'delete'", List.of(), Action.ADMIN), new Scope.Administration())).isFalse();
  }

  @Test
  void strangersSeeTheListOfRepositoriesOnlyWhereARuleMayBeAboutThem() {
    Identity stranger = new Identity.Anonymous();
    var scope = new Scope.Catalogue();

    assertThat(new AccessPolicy(List.of(rule("identity.kind == 'user'", List.of(), Action.PULL))).decide(stranger, scope).allowed())
        .isFalse();
    assertThat(new AccessPolicy(List.of(rule("repository == 'x'", List.of(), Action.PULL))).decide(stranger, scope).allowed()).isTrue();
    assertThat(new AccessPolicy(List.of(rule("repository == 'x'", List.of(), Action.PULL))).access(stranger, APP)).isEqualTo(Access.NONE);
  }

  @Test
  void aCeilingHoldsForWhatAConditionAllows() {
    var policy = new AccessPolicy(List.of(rule("tag.startsWith('v') && identity.kind == 'user'", List.of(), Action.PULL)));
    var key = new Grant(List.of(new Glob("**")), List.of(new Glob("*1"), new Glob("latest")), Set.of(Action.PULL));
    var rights = new Rights(policy, ALICE, Optional.of(List.of(key)), List.of());

    assertThat(TAGS.stream().filter(tag -> rights.access(APP).may(Action.PULL, Tag.parse(tag)))).containsExactly("v1");
  }

  @Test
  void listedGroupsCountForRulesAndConditions() {
    var groups = new Groups(Map.of("ops", List.of(new Who.Named("user:al*"), new Who.Named("robot:x"))));
    var byWho = new AccessRule("r", List.of(new Who.Group("ops")), Grant.EVERYTHING, Condition.ALWAYS);
    AccessRule byCondition = rule("identity.groups == ['dev', 'ops']", List.of(), Action.PULL);

    for (AccessRule rule : List.of(byWho, byCondition)) {
      assertThat(new AccessPolicy(List.of(rule), groups).access(ALICE, APP).mayEverywhere(Action.PULL)).isTrue();
      assertThat(new AccessPolicy(List.of(rule)).access(ALICE, APP)).isEqualTo(Access.NONE);
      assertThat(new AccessPolicy(List.of(rule), groups).decide(ALICE, new Scope.Repository(APP, Action.PULL)).allowed()).isTrue();
    }
    assertThat(new AccessPolicy(List.of(byWho), groups).decide(ALICE, new Scope.Administration()).allowed()).isTrue();
  }

  @Test
  void aConditionTakesAwayAndNeverAdds() {
    Law.forAll(300, ConditionalAccessTest::drawn, rule -> {
      Access with = access(rule);
      Access without = access(new AccessRule(rule.name(), rule.who(), rule.grant(), Condition.ALWAYS));
      for (Action action : ACTIONS) {
        assertThat(with.may(action)).isIn(without.may(action), false);
        assertThat(with.mayEverywhere(action)).isIn(without.mayEverywhere(action), false);
        for (String tag : TAGS) {
          boolean holds = rule.condition().judge(new Condition.Question(ALICE, Optional.of(APP),
              rule.condition().readsTag() ? Optional.of(Tag.parse(tag)) : Optional.empty(), Optional.of(action))).holds();
          if (action != Action.ADMIN) {
            assertThat(with.may(action, Tag.parse(tag))).as(action + " " + tag).isEqualTo(without.may(action, Tag.parse(tag)) && holds);
          }
        }
      }
      assertThat(with.mayEverywhere(Action.ADMIN)).isEqualTo(ACTIONS.stream().allMatch(with::mayEverywhere));
    });
  }

  private static AccessRule drawn(RandomGenerator random) {
    List<String> parts = List.of("tag == 'v1'", "tag.startsWith('v')", "action == 'pull'", "action != 'delete'", "repository == 'team/app'",
        "'dev' in identity.groups", "identity.claims.none == 1", "true", "false", "tag.matches('[0-9]')");
    String when = parts.get(random.nextInt(parts.size()));
    for (int i = 0; i < random.nextInt(3); i++) {
      when = "(" + when + ")" + (random.nextBoolean() ? " && " : " || ") + parts.get(random.nextInt(parts.size()));
    }
    var tags = new ArrayList<String>();
    for (int i = 0; i < random.nextInt(3); i++) {
      tags.add(List.of("v*", "*1", "latest").get(random.nextInt(3)));
    }
    var actions = new ArrayList<Action>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      List<Action> some = List.of(Action.PULL, Action.PUSH, Action.CREATE, Action.MOVE, Action.DELETE, Action.ADMIN);
      actions.add(some.get(random.nextInt(some.size() - (tags.isEmpty() ? 0 : 1))));
    }
    return rule(when, tags, actions.toArray(Action[]::new));
  }
}
