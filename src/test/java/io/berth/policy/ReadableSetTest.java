package io.berth.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.Law;
import io.berth.oci.RepositoryName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** In which repositories a blob is looked for: those that the caller may read whole, told by their names. */
final class ReadableSetTest {

  private static final Identity ALICE = new Identity.User("alice");
  private static final Identity STRANGER = new Identity.Anonymous();
  private static final ReadableSet NOTHING = new ReadableSet(false, List.of(), List.of());
  private static final Condition NEVER = new EndsWith("nothing");

  /** Holds of repositories whose names end so. */
  private record EndsWith(String text) implements Condition {

    @Override
    public boolean readsTag() {
      return false;
    }

    @Override
    public boolean readsAction() {
      return false;
    }

    @Override
    public Answer judge(Question question) {
      return question.repository().filter(name -> name.value().endsWith(text)).isPresent() ? new Answer.Holds() : new Answer.Fails();
    }
  }

  private static Grant grant(String repositories, String tags, Action... actions) {
    return new Grant(List.of(Glob.ofRepositories(repositories)), tags.isEmpty() ? List.of() : List.of(Glob.ofTags(tags)), Set.of(actions));
  }

  private static AccessRule rule(Who who, Grant grant, Condition condition) {
    return new AccessRule("r", List.of(who), grant, condition);
  }

  private static AccessRule rule(String repositories, Action... actions) {
    return rule(new Who.Named("user:alice"), grant(repositories, "", actions), Condition.ALWAYS);
  }

  private static Rights rights(AccessRule... rules) {
    return new Rights(new AccessPolicy(List.of(rules)), ALICE);
  }

  private static Rights limited(Rights rights, Grant... ceiling) {
    return new Rights(rights.policy(), rights.identity(), Optional.of(List.of(ceiling)), List.of());
  }

  private static ReadableSet readable(Rights rights) {
    return ReadableSet.of(rights, Discovery.READABLE);
  }

  private static ReadableSet byName(String... names) {
    return new ReadableSet(false, List.of(names).stream().map(RepositoryName::new).toList(), List.of());
  }

  private static ReadableSet byPattern(String... patterns) {
    return new ReadableSet(false, List.of(), List.of(Set.of(patterns)));
  }

  @Test
  void whatRulesAllowToPullIsReadable() {
    assertThat(readable(rights())).isEqualTo(NOTHING);
    assertThat(readable(rights(rule("team/*", Action.PULL), rule("lib/**", Action.ADMIN)))).isEqualTo(byPattern("team/*", "lib/**"));
    assertThat(readable(rights(rule("team/app", Action.PULL)))).isEqualTo(byName("team/app"));
    assertThat(readable(rights(rule("**", Action.PULL)))).isEqualTo(new ReadableSet(true, List.of(), List.of()));
    assertThat(readable(rights(rule("team/*", Action.PUSH, Action.DELETE)))).as("who may push may not read").isEqualTo(NOTHING);
    assertThat(readable(rights(rule(new Who.Named("user:bob"), grant("team/*", "", Action.PULL), Condition.ALWAYS)))).isEqualTo(NOTHING);
  }

  @Test
  void whoeverIsListedInAGroupReadsWhatItMayRead() {
    AccessRule dev = rule(new Who.Group("dev"), grant("team/*", "", Action.PULL), Condition.ALWAYS);
    AccessRule app = rule(new Who.Group("dev"), grant("lib/app", "", Action.PULL), Condition.ALWAYS);
    var policy = new AccessPolicy(List.of(dev, app), new Groups(Map.of("dev", List.of(new Who.Named("user:a*")))));

    assertThat(readable(new Rights(policy, ALICE)))
        .isEqualTo(new ReadableSet(false, List.of(RepositoryName.parse("lib/app")), List.of(Set.of("team/*"))));
    assertThat(readable(new Rights(policy, new Identity.User("bob")))).isEqualTo(NOTHING);
  }

  @Test
  void whoeverMayEverythingReadsEverything() {
    assertThat(readable(Rights.open(STRANGER)).everything()).isTrue();
    assertThat(readable(new Rights(AccessPolicy.USERS, ALICE)).everything()).isTrue();
    assertThat(readable(new Rights(AccessPolicy.USERS, STRANGER))).isEqualTo(NOTHING);
  }

  @Test
  void whatIsReadThroughTagsOnlyIsLeftOut() {
    assertThat(readable(rights(rule(new Who.Anyone(), grant("team/*", "v*", Action.PULL), Condition.ALWAYS),
        rule(new Who.Anyone(), grant("team/app", "*", Action.PULL), Condition.ALWAYS)))).isEqualTo(NOTHING);
  }

  @Test
  void aConditionIsAskedAboutNamesAndLeavesPatternsOut() {
    Condition condition = new EndsWith("app");
    assertThat(readable(rights(rule(new Who.Anyone(), grant("team/*", "", Action.PULL), condition),
        rule(new Who.Anyone(), grant("team/app", "", Action.PULL), condition),
        rule(new Who.Anyone(), grant("team/lib", "", Action.PULL), condition),
        rule(new Who.Anyone(), grant("**", "", Action.PULL), NEVER)))).isEqualTo(byName("team/app"));
  }

  @Test
  void theLimitsOfAKeyAreLimitsHereToo() {
    Rights alice = rights(rule("team/*", Action.PULL), rule("lib/base", Action.PULL));
    ReadableSet team = readable(limited(alice, grant("team/*", "", Action.PULL)));

    assertThat(team).isEqualTo(byPattern("team/*"));
    assertThat(readable(limited(alice, grant("lib/**", "", Action.PULL))).named()).containsExactly(RepositoryName.parse("lib/base"));
    assertThat(readable(limited(alice, grant("team/app", "", Action.PULL)))).isEqualTo(byName("team/app"));
    assertThat(readable(limited(alice, grant("other/app", "", Action.PULL)))).isEqualTo(NOTHING);
    assertThat(readable(limited(alice, grant("team/app", "v1", Action.PULL)))).as("a token for one tag").isEqualTo(NOTHING);
    assertThat(readable(limited(alice, grant("team/app", "", Action.PUSH)))).isEqualTo(NOTHING);
    assertThat(readable(limited(alice, grant("*/app", "", Action.PULL))).patterns()).as("both have to hold")
        .containsExactly(Set.of("team/*"), Set.of("*/app"));
  }

  @Test
  void aTokenForATagLeavesOutWhatEverybodyMayReadElsewhere() {
    var policy = new AccessPolicy(List.of(rule(new Who.Anyone(), grant("open", "", Action.PULL), Condition.ALWAYS),
        rule(new Who.Anyone(), grant("public/*", "", Action.PULL), Condition.ALWAYS), rule("team/app", Action.PULL)));
    Optional<List<Grant>> ceiling = Optional.of(List.of(grant("team/app", "v1", Action.PULL)));
    var key = new Rights(policy, ALICE, ceiling, List.of());
    var bound = new Rights(policy, ALICE, ceiling, List.of(), Optional.empty(), true);

    assertThat(readable(key)).as("a key of these limits").isEqualTo(byName("open"));
    assertThat(readable(bound)).isEqualTo(NOTHING);
    assertThat(ReadableSet.of(bound, Discovery.PUBLIC)).isEqualTo(NOTHING);
  }

  @Test
  void whatTheTokenOfAnIssuerNamesIsReadableAndWhatIsPublic() {
    var rights = new Rights(new AccessPolicy(List.of(rule(new Who.Anyone(), grant("public/**", "", Action.PULL), Condition.ALWAYS),
        rule(new Who.Authenticated(), grant("team/**", "", Action.PULL), Condition.ALWAYS))), new Identity.Bearer("ci"), Optional.empty(),
        List.of(grant("team/app", "", Action.PULL), grant("team/lib", "", Action.PUSH)));

    assertThat(readable(rights)).isEqualTo(new ReadableSet(false, List.of(RepositoryName.parse("team/app")), List.of(Set.of("public/**"))));
  }

  @Test
  void whatIsPublicIsWhatStrangersMayRead() {
    Rights alice = rights(rule("team/*", Action.PULL), rule(new Who.Anyone(), grant("public/*", "", Action.PULL), Condition.ALWAYS),
        rule(new Who.Anyone(), grant("team/open", "", Action.PULL), Condition.ALWAYS));

    assertThat(ReadableSet.of(alice, Discovery.PUBLIC))
        .isEqualTo(new ReadableSet(false, List.of(RepositoryName.parse("team/open")), List.of(Set.of("public/*"))));
    assertThat(ReadableSet.of(limited(alice, grant("team/open", "", Action.PULL)), Discovery.PUBLIC)).isEqualTo(byName("team/open"));
    assertThat(ReadableSet.of(new Rights(AccessPolicy.USERS, ALICE), Discovery.PUBLIC)).isEqualTo(NOTHING);
    assertThat(ReadableSet.of(Rights.open(STRANGER), Discovery.PUBLIC).everything()).isTrue();
    assertThat(ReadableSet.of(alice, Discovery.OFF)).isEqualTo(NOTHING);
  }

  private static final List<String> PATTERNS = List.of("**", "team/*", "team/**", "*/app", "team/app", "lib/app", "lib/**", "a?p");
  private static final List<RepositoryName> NAMES =
      List.of("team/app", "team/lib", "team/a/app", "lib/app", "app", "abp", "other").stream().map(RepositoryName::new).toList();

  private static <T> T any(RandomGenerator random, List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private static Grant grant(RandomGenerator random) {
    return grant(any(random, PATTERNS), random.nextInt(4) == 0 ? "v*" : "", any(random, List.of(Action.PULL, Action.PULL, Action.PUSH)));
  }

  private static Rights rights(RandomGenerator random) {
    var rules = new ArrayList<AccessRule>();
    var granted = new ArrayList<Grant>();
    for (int i = random.nextInt(4); i > 0; i--) {
      rules.add(rule(any(random, List.of(new Who.Anyone(), new Who.Named("user:alice"), new Who.Named("user:bob"))), grant(random),
          random.nextInt(5) == 0 ? NEVER : Condition.ALWAYS));
    }
    for (int i = random.nextInt(2); i > 0; i--) {
      granted.add(grant(random));
    }
    return new Rights(new AccessPolicy(rules), any(random, List.of(ALICE, STRANGER)),
        random.nextBoolean() ? Optional.empty() : Optional.of(List.of(grant(random), grant(random))), granted);
  }

  private static boolean isWithin(ReadableSet readable, RepositoryName name) {
    return readable.everything() || readable.named().contains(name) || !readable.patterns().isEmpty() && readable.patterns().stream()
        .allMatch(set -> set.stream().anyMatch(pattern -> new Glob(pattern).matches(name.value())));
  }

  @Test
  void whatIsWithinMayBeReadAndWhatMayBeReadIsWithin() {
    Law.forAll(ReadableSetTest::rights, rights -> {
      var strangers = new Rights(rights.policy(), STRANGER);
      for (RepositoryName name : NAMES) {
        boolean mayRead = rights.access(name).mayEverywhere(Action.PULL);
        boolean isPublic = mayRead && strangers.access(name).mayEverywhere(Action.PULL);
        if (isWithin(readable(rights), name)) {
          assertThat(mayRead).as("%s is readable", name).isTrue();
        }
        if (isWithin(ReadableSet.of(rights, Discovery.PUBLIC), name)) {
          assertThat(isPublic).as("%s is public", name).isTrue();
        }
        boolean isSpoken = rights.policy().rules().stream().allMatch(rule -> rule.condition().equals(Condition.ALWAYS));
        boolean isMeant = rights.ceiling().isEmpty() || Grant.any(rights.ceiling().get(), name).mayEverywhere(Action.PULL);
        if (isSpoken && isMeant && mayRead) {
          assertThat(isWithin(readable(rights), name)).as("%s is within", name).isTrue();
        }
      }
    });
  }
}
