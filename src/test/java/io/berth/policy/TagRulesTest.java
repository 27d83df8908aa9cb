package io.berth.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.Law;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.Verdict.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What rules allow to become of tags, and when tags expire. */
final class TagRulesTest {

  private static final RepositoryName APP = RepositoryName.parse("team/app");
  private static final Tag V1 = Tag.parse("v1");
  private static final Identity ALICE = new Identity.User("alice");
  private static final Identity BOB = new Identity.User("bob");
  private static final Identity NOBODY = new Identity.Anonymous();
  private static final Instant NOW = Instant.parse("2020-02-02T02:02:02Z");
  private static final Expiry NEVER = new Expiry.Never();

  private static final TagRules IMMUTABLE = rules(rule("releases", true, Set.of(), NEVER, Set.of()));
  private static final TagRules PROTECTED = rules(rule("ours", false, Set.of("user:alice"), NEVER, Set.of()));
  private static final TagRules SIGNED = rules(rule("sealed", false, Set.of(), NEVER, Set.of("release", "spare")));

  private static TagRule rule(String name, boolean immutable, Set<String> principals, Expiry expiry, Set<String> signers) {
    return new TagRule(name, Glob.parse("team/**"), Glob.parse("v*"), immutable, principals, expiry, signers);
  }

  private static TagRules rules(TagRule... rules) {
    return new TagRules(List.of(rules));
  }

  private static TagRules expiring(Expiry... expiries) {
    var rules = new ArrayList<TagRule>();
    for (Expiry expiry : expiries) {
      rules.add(rule("fleeting", false, Set.of(), expiry, Set.of()));
    }
    return new TagRules(rules);
  }

  private static TagChange create(Identity identity, String... signers) {
    return new TagChange(APP, V1, false, false, false, identity, Set.of(signers));
  }

  private static TagChange move(Identity identity, String... signers) {
    return new TagChange(APP, V1, true, false, false, identity, Set.of(signers));
  }

  private static TagChange delete(Identity identity) {
    return new TagChange(APP, V1, true, true, false, identity, Set.of());
  }

  private static TagChange expire() {
    return new TagChange(APP, V1, true, true, true, NOBODY, Set.of());
  }

  private static boolean allowed(TagRules rules, TagChange change) {
    return rules.decide(change) instanceof Verdict.Allowed;
  }

  private static Verdict.Refused refusal(TagRules rules, TagChange change) {
    return (Verdict.Refused) rules.decide(change);
  }

  @Test
  void withoutRulesEverythingIsAllowedAndNothingExpires() {
    Law.forAll(TagRulesTest::change, change -> {
      assertThat(allowed(TagRules.NONE, change)).isTrue();
      assertThat(TagRules.NONE.expiry(change.repository(), change.tag(), NOW, Optional.of(Duration.ofDays(1)))).isEmpty();
    });
  }

  @Test
  void anImmutableTagIsMadeOnceAndThenStays() {
    assertThat(allowed(IMMUTABLE, create(BOB))).isTrue();
    for (TagChange change : List.of(move(ALICE), delete(ALICE), expire())) {
      assertThat(refusal(IMMUTABLE, change).reason()).isEqualTo(Reason.IMMUTABLE);
    }
  }

  @Test
  void aProtectedTagIsForThoseNamedAlone() {
    assertThat(List.of(create(ALICE), move(ALICE), delete(ALICE))).allMatch(change -> allowed(PROTECTED, change));
    for (Identity stranger : List.of(BOB, NOBODY, new Identity.User("Alice"), new Identity.User("user:alice"))) {
      for (TagChange change : List.of(create(stranger), move(stranger), delete(stranger))) {
        assertThat(refusal(PROTECTED, change).reason()).isEqualTo(Reason.NOT_ALLOWED);
      }
    }
  }

  @Test
  void aProtectedTagExpiresLikeAnyOther() {
    assertThat(allowed(PROTECTED, expire())).isTrue();
  }

  @Test
  void aTagThatMustBeSignedIsSetWithOneOfTheKeysNamedAndRemovedWithoutAny() {
    assertThat(allowed(SIGNED, create(BOB, "release"))).isTrue();
    assertThat(allowed(SIGNED, move(BOB, "other", "spare"))).isTrue();
    assertThat(allowed(SIGNED, delete(BOB))).isTrue();
    assertThat(allowed(SIGNED, expire())).isTrue();
    assertThat(refusal(SIGNED, create(BOB)).reason()).isEqualTo(Reason.NOT_ALLOWED);
    assertThat(refusal(SIGNED, move(BOB, "other")).reason()).isEqualTo(Reason.NOT_ALLOWED);
  }

  @Test
  void twoRulesOfSignaturesDemandBoth() {
    TagRules both = rules(rule("one", false, Set.of(), NEVER, Set.of("one")), rule("two", false, Set.of(), NEVER, Set.of("two")));

    assertThat(allowed(both, create(BOB, "one", "two"))).isTrue();
    assertThat(refusal(both, create(BOB, "one")).rule()).isEqualTo("two");
    assertThat(refusal(both, create(BOB, "two")).rule()).isEqualTo("one");
  }

  @Test
  void theFirstRuleThatIsAgainstItSaysWhy() {
    TagRule immutable = rule("releases", true, Set.of(), NEVER, Set.of());
    TagRule reserved = rule("ours", false, Set.of("user:alice"), NEVER, Set.of());

    assertThat(refusal(rules(immutable, reserved), move(BOB)).rule()).isEqualTo("releases");
    assertThat(refusal(rules(reserved, immutable), move(BOB)).rule()).isEqualTo("ours");
    assertThat(refusal(rules(reserved, immutable), move(ALICE)).rule()).isEqualTo("releases");
  }

  @Test
  void whatIsImmutableIsSaidToBeSoEvenWhereItIsProtectedToo() {
    TagRules both = rules(rule("releases", true, Set.of("user:alice"), NEVER, Set.of()));

    assertThat(refusal(both, move(BOB)).reason()).isEqualTo(Reason.IMMUTABLE);
    assertThat(refusal(both, create(BOB)).reason()).isEqualTo(Reason.NOT_ALLOWED);
  }

  @Test
  void aRuleIsAboutTheTagsThatItsPatternsFit() {
    for (TagRules rules : List.of(IMMUTABLE, PROTECTED, SIGNED)) {
      for (RepositoryName repository : List.of(APP, RepositoryName.parse("team"), RepositoryName.parse("teams/app"))) {
        for (Tag tag : List.of(V1, Tag.parse("latest"), Tag.parse("V1"))) {
          boolean isMeant = repository.equals(APP) && tag.equals(V1);
          assertThat(allowed(rules, new TagChange(repository, tag, true, false, false, BOB, Set.of()))).isEqualTo(!isMeant);
        }
      }
    }
  }

  @Test
  void aRefusalNamesTheRuleTheTagAndTheRemedy() {
    assertThat(refusal(IMMUTABLE, move(BOB))).satisfies(refused -> {
      assertThat(refused.rule()).isEqualTo("releases");
      assertThat(refused.message()).contains("'releases'", "'v1'", "immutable", "another tag");
    });
    assertThat(refusal(IMMUTABLE, delete(BOB)).message()).contains("'releases'", "'v1'", "operator");
    assertThat(refusal(PROTECTED, move(BOB)).message()).contains("'ours'", "'v1'", "user:bob", "ask").doesNotContain("alice");
    assertThat(refusal(SIGNED, move(BOB)).message()).contains("'sealed'", "'v1'", "release or spare");
  }

  /** Whatever the rules are: what one of them forbids alone, all of them together forbid, and nothing else. */
  @Test
  void rulesTogetherForbidWhatOneOfThemForbids() {
    record Asked(TagRules rules, TagChange change) {}
    Law.forAll(random -> new Asked(rules(random), change(random)), asked -> {
      Optional<String> first =
          asked.rules.rules().stream().filter(rule -> !allowed(rules(rule), asked.change)).map(TagRule::name).findFirst();
      assertThat(allowed(asked.rules, asked.change)).isEqualTo(first.isEmpty());
      first.ifPresent(name -> assertThat(refusal(asked.rules, asked.change).rule()).isEqualTo(name));
    });
  }

  @Test
  void noChangeOfAnImmutableTagIsAllowedAndItNeverExpires() {
    record Asked(TagRules rules, TagChange change) {}
    Law.forAll(10_000, random -> new Asked(rules(random), change(random)), asked -> {
      TagRules rules = asked.rules;
      TagChange change = asked.change;
      if (rules.immutable(change.repository(), change.tag()).isPresent()) {
        assertThat(rules.mayHoldImmutable(change.repository())).isTrue();
        assertThat(rules.expiry(change.repository(), change.tag(), NOW, Optional.of(Duration.ofHours(1)))).isEmpty();
        assertThat(rules.readsLabel(change.repository(), change.tag())).isFalse();
        assertThat(allowed(rules, change) && change.exists()).isFalse();
      } else if (rules.decide(change) instanceof Verdict.Refused refused) {
        assertThat(refused.reason()).isEqualTo(Reason.NOT_ALLOWED);
      }
      if (!rules.mayHoldImmutable(change.repository())) {
        assertThat(rules.immutable(change.repository(), change.tag())).isEmpty();
      }
    });
  }

  @Test
  void theLabelIsReadWhereItCanChangeTheExpiryAndNowhereElse() {
    record Asked(TagRules rules, TagChange change) {}
    Law.forAll(10_000, random -> new Asked(rules(random), change(random)), asked -> {
      RepositoryName repository = asked.change.repository();
      Tag tag = asked.change.tag();
      boolean matters = !asked.rules.expiry(repository, tag, NOW, Optional.of(Duration.ofNanos(1)))
          .equals(asked.rules.expiry(repository, tag, NOW, Optional.empty()));
      assertThat(asked.rules.readsLabel(repository, tag)).isEqualTo(matters);
    });
  }

  @Test
  void aTagExpiresAtTheEarliestInstantThatARuleNames() {
    var day = new Expiry.After(Duration.ofDays(1));
    var week = new Expiry.After(Duration.ofDays(7));
    var label = new Expiry.ByLabel();
    Optional<Duration> hour = Optional.of(Duration.ofHours(1));

    assertThat(expiring(week, day, NEVER).expiry(APP, V1, NOW, hour)).contains(NOW.plus(Duration.ofDays(1)));
    assertThat(expiring(week, label).expiry(APP, V1, NOW, hour)).contains(NOW.plus(Duration.ofHours(1)));
    assertThat(expiring(week, label).expiry(APP, V1, NOW, Optional.empty())).contains(NOW.plus(Duration.ofDays(7)));
    assertThat(expiring(label).expiry(APP, V1, NOW, Optional.empty())).isEmpty();
    assertThat(expiring(day).expiry(APP, Tag.parse("latest"), NOW, hour)).isEmpty();
  }

  @Test
  void aTimeAfterWhichNothingExpiresIsNoExpiry() {
    assertThat(expiring(new Expiry.After(Expiry.LONGEST)).expiry(APP, V1, NOW, Optional.empty())).isPresent();
    for (Duration time : List.of(Duration.ZERO, Duration.ofSeconds(-1), Expiry.LONGEST.plusNanos(1))) {
      assertThatThrownBy(() -> new Expiry.After(time)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void whatExpiresIsRemoved() {
    assertThatThrownBy(() -> new TagChange(APP, V1, true, false, true, NOBODY, Set.of())).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({"90s,PT90S", "45m,PT45M", "12h,PT12H", "7d,PT168H", "2w,PT336H", "007d,PT168H", "36525d,PT876600H"})
  void aLabelNamesATime(String text, Duration time) {
    assertThat(ExpiryLabel.parse(text)).contains(time);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "d", "7", "7 d", " 7d", "7d ", "+7d", "-7d", "0d", "1.5d", "7D", "7y", "7dd", "1h30m", "never", "36526d",
    "99999999999w", "9999999999w", "\u0667d", "7d\n"})
  void aLabelThatNamesNoTimeMeansNothing(String text) {
    assertThat(ExpiryLabel.parse(text)).isEmpty();
  }

  private static TagRules rules(RandomGenerator random) {
    var rules = new ArrayList<TagRule>();
    for (int i = random.nextInt(4); i > 0; i--) {
      Expiry expiry = pick(random, List.of(NEVER, new Expiry.ByLabel(), new Expiry.After(Duration.ofDays(1 + random.nextInt(9)))));
      rules.add(new TagRule("rule" + i, Glob.parse(pick(random, List.of("**", "team/*", "team/**", "app"))),
          Glob.parse(pick(random, List.of("*", "v*", "v1", "latest"))), random.nextInt(3) == 0,
          pick(random, List.of(Set.of(), Set.of(), Set.of("user:alice"), Set.of("user:alice", "user:bob"))), expiry,
          pick(random, List.of(Set.of(), Set.of(), Set.of("one"), Set.of("one", "two")))));
    }
    return new TagRules(rules);
  }

  private static TagChange change(RandomGenerator random) {
    boolean removes = random.nextBoolean();
    return new TagChange(RepositoryName.parse(pick(random, List.of("app", "team/app", "team/a/b"))),
        Tag.parse(pick(random, List.of("v1", "v2", "latest"))), random.nextBoolean(), removes, removes && random.nextBoolean(),
        pick(random, List.of(ALICE, BOB, NOBODY)), pick(random, List.of(Set.of(), Set.of("one"), Set.of("one", "two"))));
  }

  private static <T> T pick(RandomGenerator random, List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  @Test
  void protectionIsFromWhoIsNotNamedWhetherTheTagExistsOrNot() {
    var both = new TagRules(List.of(IMMUTABLE.rules().getFirst(), PROTECTED.rules().getFirst()));

    assertThat(both.protection(APP, V1, BOB)).get().isEqualTo(PROTECTED.decide(move(BOB))).isEqualTo(PROTECTED.decide(create(BOB)));
    assertThat(both.protection(APP, V1, ALICE)).isEmpty();
    assertThat(both.protection(APP, Tag.parse("x"), BOB)).isEmpty();
    assertThat(IMMUTABLE.protection(APP, V1, BOB)).isEmpty();
    assertThat(SIGNED.protection(APP, V1, BOB)).isEmpty();
  }
}
