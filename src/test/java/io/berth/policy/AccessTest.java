package io.berth.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.Law;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What rules allow whom: default deny, tag by tag. */
final class AccessTest {

  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final RepositoryName OTHER = RepositoryName.parse("other/app");
  private static final Identity ALICE =
      new Identity.User("alice", Set.of("dev"), Map.of("branch", "main", "roles", List.of("a", "b")), false);
  private static final Identity STRANGER = new Identity.Anonymous();

  /** A condition that only holds for what is pulled. */
  private record OnlyToPull() implements Condition {

    @Override
    public String text() {
      return "action == 'pull'";
    }

    @Override
    public boolean readsTag() {
      return false;
    }

    @Override
    public boolean readsAction() {
      return true;
    }

    @Override
    public Answer judge(Question question) {
      return question.action().filter(Action.PULL::equals).isPresent() ? new Answer.Holds() : new Answer.Fails();
    }
  }

  private static AccessRule rule(String name, Who who, String repositories, List<String> tags, Action... actions) {
    return new AccessRule(name, List.of(who),
        new Grant(List.of(Glob.ofRepositories(repositories)), tags.stream().map(Glob::ofTags).toList(),
            Set.of(actions)),
        Condition.ALWAYS);
  }

  private static AccessPolicy policy(AccessRule... rules) {
    return new AccessPolicy(List.of(rules));
  }

  private static boolean may(AccessPolicy policy, Identity identity, RepositoryName repository, Action action) {
    boolean decided = policy.decide(identity, new Scope.Repository(repository, action)).allowed();
    assertThat(policy.access(identity, repository).may(action)).as("both ask the same rules").isEqualTo(decided);
    return decided;
  }

  @Test
  void aRuleForAGroupIsNamedToWhoeverIsListedInIt() {
    AccessRule ops = rule("operators", new Who.Group("ops"), "team/*", List.of("v*"), Action.PUSH);
    var policy = new AccessPolicy(List.of(ops), new Groups(Map.of("ops", List.of(new Who.Named("user:alice")))));

    assertThat(new Rights(policy, ALICE).rules(APP, List.of(Action.CREATE, Action.MOVE), List.of(new Tag("v1")))).contains("operators");
    assertThat(new Rights(policy, ALICE).rules(APP, List.of(Action.CREATE), List.of(new Tag("latest")))).isEmpty();
    assertThat(new Rights(policy, new Identity.User("bob")).rules(APP, List.of(Action.CREATE), List.of(new Tag("v1")))).isEmpty();
  }

  @Test
  void whatNoRuleAllowsIsRefused() {
    for (Action action : Action.values()) {
      assertThat(may(policy(), ALICE, APP, action)).isFalse();
      assertThat(may(policy(rule("r", new Who.Named("user:bob"), "**", List.of(), Action.ADMIN)), ALICE, APP, action)).isFalse();
      assertThat(may(policy(rule("r", new Who.Anyone(), "other/**", List.of(), Action.ADMIN)), ALICE, APP, action)).isFalse();
    }
  }

  @Test
  void aRuleAllowsItsActionsToItsCallersOnItsRepositories() {
    AccessPolicy policy = policy(rule("r", new Who.Group("dev"), "team/*", List.of(), Action.PULL));

    assertThat(may(policy, ALICE, APP, Action.PULL)).isTrue();
    assertThat(may(policy, ALICE, APP, Action.PUSH)).isFalse();
    assertThat(may(policy, STRANGER, APP, Action.PULL)).isFalse();
    assertThat(may(policy, ALICE, OTHER, Action.PULL)).isFalse();
    assertThat(policy.decide(ALICE, new Scope.Repository(APP, Action.PULL)).rule()).isEqualTo("r");
  }

  @Test
  void callersAreFoundByNameGroupAndClaim() {
    for (Who who : List.of(new Who.Anyone(), new Who.Authenticated(), new Who.Named("user:alice"), new Who.Named("user:*"),
        new Who.Named("user:a*e"),
        new Who.Group("dev"), new Who.Claim("branch", "main"), new Who.Claim("roles", "b"))) {
      assertThat(who.includes(ALICE)).as(who.text()).isTrue();
    }
    for (Who who : List.of(new Who.Named("user:alic"), new Who.Named("robot:alice"), new Who.Named("user:a*f"),
        new Who.Named("user:alice*e"),
        new Who.Group("de"), new Who.Claim("branch", "mai"), new Who.Claim("roles", "c"), new Who.Claim("none", ""))) {
      assertThat(who.includes(ALICE)).as(who.text()).isFalse();
    }
    assertThat(new Who.Authenticated().includes(STRANGER)).isFalse();
    assertThat(new Who.Authenticated().includes(new Identity.Bearer("x"))).isFalse();
  }

  @Test
  void noIdentityHasTheNameOfAnother() {
    var identities = List.of(STRANGER, new Identity.Registry(), new Identity.User("anonymous"), new Identity.User("robot:x"),
        new Identity.Robot("x", Set.of()), new Identity.Workload("x", "y", Map.of()), new Identity.Bearer("x"));
    assertThat(identities.stream().map(Identity::name).distinct()).hasSameSizeAs(identities);
  }

  @Test
  void pushIsToMakeAndToMoveAndEachAloneIsEnoughToUpload() {
    AccessPolicy creating = policy(rule("r", new Who.Anyone(), "**", List.of("v*"), Action.CREATE));
    Access access = creating.access(ALICE, APP);

    assertThat(may(creating, ALICE, APP, Action.PUSH)).isTrue();
    assertThat(access.may(Action.CREATE, Tag.parse("v1"))).isTrue();
    assertThat(access.may(Action.CREATE, Tag.parse("latest"))).isFalse();
    assertThat(access.may(Action.MOVE, Tag.parse("v1"))).isFalse();
    assertThat(access.may(Action.PULL)).isFalse();

    Access pushing = policy(rule("r", new Who.Anyone(), "**", List.of("v*"), Action.PUSH)).access(ALICE, APP);
    assertThat(pushing.may(Action.CREATE, Tag.parse("v1"))).isTrue();
    assertThat(pushing.may(Action.MOVE, Tag.parse("v1"))).isTrue();
    assertThat(pushing.mayEverywhere(Action.PUSH)).isFalse();
  }

  @Test
  void aConditionThatDoesNotHoldTakesTheRuleAway() {
    var rule = new AccessRule("r", List.of(new Who.Anyone()), Grant.EVERYTHING, new OnlyToPull());

    assertThat(may(policy(rule), ALICE, APP, Action.PULL)).isTrue();
    assertThat(may(policy(rule), ALICE, APP, Action.PUSH)).isFalse();
    assertThat(may(policy(rule), ALICE, APP, Action.ADMIN)).isFalse();
  }

  @Test
  void onlyARuleAboutAllRepositoriesAdministersTheRegistry() {
    assertThat(policy(rule("r", new Who.Anyone(), "team/**", List.of(), Action.ADMIN)).decide(ALICE, new Scope.Administration()).allowed())
        .isFalse();
    assertThat(policy(rule("r", new Who.Anyone(), "**", List.of(), Action.PUSH)).decide(ALICE, new Scope.Administration()).allowed())
        .isFalse();
    assertThat(policy(rule("r", new Who.Anyone(), "**", List.of(), Action.ADMIN)).decide(ALICE, new Scope.Administration()).allowed())
        .isTrue();
    assertThat(policy().decide(new Identity.User("root", Set.of(), Map.of(), true), new Scope.Administration()).allowed()).isTrue();
  }

  @Test
  void strangersAreAskedWhoTheyAreAndOthersAreTold() {
    assertThat(policy().decide(STRANGER, new Scope.Entry()).allowed()).isFalse();
    assertThat(policy().decide(ALICE, new Scope.Entry()).allowed()).isTrue();
    assertThat(policy().decide(STRANGER, new Scope.Catalogue()).allowed()).isFalse();
    assertThat(policy(rule("r", new Who.Anyone(), "**", List.of(), Action.PULL)).decide(STRANGER, new Scope.Catalogue()).allowed())
        .isTrue();
  }

  @Test
  void aCeilingTakesAwayAndNeverAdds() {
    AccessPolicy policy = policy(rule("r", new Who.Authenticated(), "team/**", List.of("v*"), Action.PULL, Action.PUSH));
    var key = new Grant(List.of(Glob.ofRepositories("**")), List.of(Glob.ofTags("*1")), Set.of(Action.PULL, Action.DELETE));
    var rights = new Rights(policy, ALICE, Optional.of(List.of(key)), List.of());

    assertThat(rights.access(APP).may(Action.PULL, Tag.parse("v1"))).isTrue();
    assertThat(rights.access(APP).may(Action.PULL, Tag.parse("v2"))).isFalse();
    assertThat(rights.access(APP).may(Action.PULL, Tag.parse("x1"))).isFalse();
    assertThat(rights.access(APP).may(Action.PUSH)).isFalse();
    assertThat(rights.access(APP).may(Action.DELETE)).isFalse();
    assertThat(rights.access(OTHER).may(Action.PULL)).isFalse();
    assertThat(rights.decide(new Scope.Repository(APP, Action.PUSH)).allowed()).isFalse();
    assertThat(new Rights(policy, new Identity.User("root", Set.of(), Map.of(), true), Optional.of(List.of(key)), List.of())
        .decide(new Scope.Administration()).allowed()).isFalse();
  }

  @Test
  void whatAStrangerMayPullIsPulledWithNarrowCredentialsToo() {
    var policy = new AccessPolicy(List.of(
        new AccessRule("all", List.of(new Who.Named("user:alice")), Grant.EVERYTHING, Condition.ALWAYS),
        new AccessRule("public", List.of(new Who.Anyone()),
            new Grant(List.of(new Glob("public/*")), List.of(), Set.of(Action.PULL, Action.PUSH)),
            Condition.ALWAYS)));
    var rights = new Rights(policy, ALICE, Optional.of(List.of()), List.of());
    RepositoryName open = RepositoryName.parse("public/base");

    assertThat(rights.access(open).mayEverywhere(Action.PULL)).isTrue();
    assertThat(rights.decide(new Scope.Repository(open, Action.PULL)).allowed()).isTrue();
    assertThat(rights.decide(new Scope.Repository(open, Action.PUSH)).allowed()).isFalse();
    assertThat(rights.decide(new Scope.Repository(APP, Action.PULL)).allowed()).isFalse();
  }

  @Test
  void whatATokenNamesIsAddedToWhatTheRulesAllowItsBearer() {
    AccessPolicy policy = policy(rule("public", new Who.Anyone(), "public/**", List.of(), Action.PULL),
        rule("known", new Who.Authenticated(), "other/**", List.of(), Action.PULL));
    var named = new Grant(List.of(Glob.ofRepositories("team/app")), List.of(), Set.of(Action.PUSH));
    var rights = new Rights(policy, new Identity.Bearer("ci"), Optional.empty(), List.of(named));

    assertThat(rights.decide(new Scope.Repository(APP, Action.PUSH)).allowed()).isTrue();
    assertThat(rights.decide(new Scope.Repository(APP, Action.PULL)).allowed()).isFalse();
    assertThat(rights.decide(new Scope.Repository(RepositoryName.parse("public/x"), Action.PULL)).allowed()).isTrue();
    assertThat(rights.decide(new Scope.Repository(OTHER, Action.PULL)).allowed()).isFalse();
  }

  @Test
  void extentsAreJoinedAsSetsOfTagsAre() {
    Law.forAll(random -> List.of(extent(random), extent(random), tag(random)), drawn -> {
      var first = (Extent) drawn.get(0);
      var second = (Extent) drawn.get(1);
      var tag = (Tag) drawn.get(2);
      assertThat(first.or(second).covers(tag)).isEqualTo(first.covers(tag) || second.covers(tag));
      assertThat(first.and(second).covers(tag)).isEqualTo(first.covers(tag) && second.covers(tag));
      assertThat(first.and(second).isAll()).isEqualTo(first.isAll() && second.isAll());
      assertThat(first.or(second).isAll()).isEqualTo(first.isAll() || second.isAll());
      assertThat(first.or(second).isNone()).isEqualTo(first.isNone() && second.isNone());
    });
  }

  @Test
  void whatIsWithinTwoLongListsIsNoLongerThanBoth() {
    Extent long1 = Extent.of(IntStream.range(0, 1_000).mapToObj(i -> Glob.ofTags("r" + i + "-*")).toList());
    Extent long2 = Extent.of(IntStream.range(0, 1_000).mapToObj(i -> Glob.ofTags("r*-" + i)).toList());
    Extent both = long1.and(long2);

    assertThat(both.alternatives()).hasSizeLessThanOrEqualTo(Extent.MULTIPLIED);
    assertThat(both.covers(Tag.parse("r999-7"))).isTrue();
    assertThat(both.covers(Tag.parse("r1000-7")) || both.covers(Tag.parse("r7-1000"))).isFalse();
    assertThat(both.isAll() || both.isNone()).isFalse();
    assertThat(both.from("")).as("what can't be within is passed over")
        .hasValueSatisfying(position -> assertThat(position).isBetween("q", "r"));
    assertThat(both.from("s")).isEmpty();
    assertThat(long1.and(Extent.NONE).isNone()).isTrue();
    assertThat(long1.and(long1)).isEqualTo(long1.and(Extent.ALL)).isEqualTo(long1);
  }

  @Test
  void aWalkOverAllTagsLeavesOutNoneThatIsWithin() {
    List<String> names = List.of("A", "a", "a-", "a.b", "ab", "abb", "az", "b", "ba", "bb", "c", "z_b");
    Law.forAll(AccessTest::extent, extent -> {
      var found = new ArrayList<String>();
      Optional<String> from = extent.from("");
      while (from.isPresent()) {
        String after = from.get();
        Optional<String> next = names.stream().filter(name -> name.compareTo(after) > 0).findFirst();
        next.filter(name -> extent.covers(Tag.parse(name))).ifPresent(found::add);
        from = next.flatMap(extent::from);
        assertThat(from.filter(position -> position.compareTo(next.orElseThrow()) < 0)).as("it never goes back").isEmpty();
      }
      assertThat(found).isEqualTo(names.stream().filter(name -> extent.covers(Tag.parse(name))).toList());
    });
    assertThat(Extent.of(List.of(Glob.ofTags("release-*"))).from("dev-1")).as("what can't be within is passed over")
        .hasValueSatisfying(position -> assertThat(position).isBetween("release,", "release-"));
    assertThat(Extent.of(List.of(Glob.ofTags("release-*"))).from("s")).isEmpty();
  }

  @Test
  void toMakeToMoveAndToRemoveATagAreThreeRights() {
    Access access = Access.of(Set.of(Action.CREATE), Extent.of(List.of(Glob.ofTags("a*"))));
    TagChange made = change("ab", false, false);

    assertThat(access.decide(made)).isInstanceOf(Verdict.Allowed.class);
    assertThat(access.decide(change("b", false, false))).isInstanceOf(Verdict.Refused.class);
    assertThat(access.decide(change("ab", true, false))).isEqualTo(new Verdict.Refused("move", Verdict.Reason.NOT_ALLOWED,
        "no rule of access (access.rules) allows user:alice to move the tag 'ab' of team/app"));
    assertThat(access.decide(change("ab", true, true))).asString().contains("to delete the tag");
    assertThat(access.mayKeep(made.tag())).as("he can't see whether it is so").isFalse();
    assertThat(access.or(Access.of(Set.of(Action.PULL), Extent.ALL)).mayKeep(made.tag())).isTrue();
    assertThat(access.mayMakeOrMove(made.tag())).isTrue();
    assertThat(access.mayMakeOrMove(Tag.parse("b"))).isFalse();
  }

  private static TagChange change(String tag, boolean exists, boolean removes) {
    return new TagChange(APP, Tag.parse(tag), exists, removes, false, ALICE, Set.of());
  }

  private static Extent extent(RandomGenerator random) {
    if (random.nextInt(8) == 0) {
      return random.nextBoolean() ? Extent.ALL : Extent.NONE;
    }
    var globs = new ArrayList<Glob>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      globs.add(Glob.ofTags(List.of("a", "b", "a*", "*b", "*", "?b").get(random.nextInt(6))));
    }
    return Extent.of(globs);
  }

  private static Tag tag(RandomGenerator random) {
    return Tag.parse(List.of("a", "b", "ab", "ba", "c").get(random.nextInt(5)));
  }
}
