package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.RepositoryName;
import io.berth.policy.AccessPolicy;
import io.berth.policy.AccessRule;
import io.berth.policy.Action;
import io.berth.policy.Condition;
import io.berth.policy.Discovery;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.policy.TagTerms;
import io.berth.policy.Who;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mounts of which the client does not say from where: found is what the caller may read, and nothing else. */
final class MountsTest {

  private static final RepositoryName MINE = RepositoryName.parse("bob/app");
  private static final RepositoryName OPEN = RepositoryName.parse("open/base");
  private static final RepositoryName NAMED = RepositoryName.parse("shared");
  private static final RepositoryName CLOSED = RepositoryName.parse("closed/app");
  private static final RepositoryName SCOPED = RepositoryName.parse("scoped/app");
  private static final Identity BOB = new Identity.User("bob");

  @TempDir Path folder;

  private AccessPolicy policy;
  private AccessClasses classes;
  private House house;

  private static AccessRule rule(Who who, String repositories, String tags, Action... actions) {
    return new AccessRule("r", List.of(who), new Grant(List.of(Glob.ofRepositories(repositories)),
        tags.isEmpty() ? List.of() : List.of(Glob.ofTags(tags)), Set.of(actions)), Condition.ALWAYS);
  }

  @BeforeEach
  void open() {
    var bob = new Who.Named("user:bob");
    policy = new AccessPolicy(List.of(rule(new Who.Anyone(), "open/**", "", Action.PULL), rule(bob, "shared", "", Action.PULL),
        rule(bob, "bob/**", "", Action.PUSH, Action.PULL), rule(bob, "scoped/*", "v*", Action.PULL, Action.PUSH),
        rule(new Who.Named("user:carol"), "closed/**", "", Action.ADMIN)));
    classes = new AccessClasses(policy);
    house = new House(SqliteMetadataStore.open(folder.resolve("metadata.db"), classes), TagTerms.DEFAULT, Duration.ofHours(1));
  }

  @AfterEach
  void close() {
    house.close();
  }

  private Caller caller(Identity identity, Grant... ceiling) {
    return new Caller(new Rights(policy, identity, ceiling.length == 0 ? Optional.empty() : Optional.of(List.of(ceiling)), List.of()),
        "test/1",
        "192.0.2.1");
  }

  private Optional<RepositoryName> discover(Discovery discovery, Caller caller, RepositoryName repository, Digest blob) {
    return new Mounts(house.metadata, house.leases, house.clock, discovery).discover(caller, repository, blob);
  }

  private Optional<RepositoryName> discover(Digest blob) {
    return discover(Discovery.READABLE, caller(BOB), MINE, blob);
  }

  @Test
  void aBlobIsFoundInARepositoryThatAPatternAllowsToRead() {
    Digest blob = house.blob(OPEN, "base");

    assertThat(discover(blob)).contains(OPEN);
    assertThat(house.blobs.size(caller(BOB), MINE, blob)).isEqualTo(4);
  }

  @Test
  void aBlobIsFoundInARepositoryThatARuleNames() {
    assertThat(discover(house.blob(NAMED, "shared"))).contains(NAMED);
  }

  @Test
  void aBlobThatIsThereAlreadyIsFoundThereAndItsLeaseIsExtended() {
    Digest blob = house.blob(MINE, "mine");
    house.pass(Duration.ofMinutes(59));
    assertThat(discover(blob)).contains(MINE);
    house.pass(Duration.ofMinutes(59));
    house.collect();

    assertThat(house.blobs.size(caller(BOB), MINE, blob)).isEqualTo(4);
  }

  @Test
  void whatOnlyOthersMayReadIsNotFound() {
    Digest blob = house.blob(CLOSED, "secret");

    assertThat(discover(blob)).isEmpty();
    assertThat(discover(Discovery.READABLE, caller(new Identity.Anonymous()), MINE, blob)).isEmpty();
    assertThat(discover(Discovery.READABLE, caller(new Identity.User("carol")), MINE, blob)).as("who may").contains(CLOSED);
  }

  @Test
  void whatIsReadThroughTagsIsFoundInTheRepositoryItselfOnly() {
    house.image(SCOPED, tag("v1"), "config", "released");
    house.image(SCOPED, tag("dev"), "config", "hidden");
    Digest released = Documents.digest("released");

    assertThat(discover(released)).isEmpty();
    assertThat(discover(Discovery.READABLE, caller(BOB), SCOPED, released)).contains(SCOPED);
    assertThat(discover(Discovery.READABLE, caller(BOB), SCOPED, Documents.digest("hidden"))).isEmpty();
    assertThat(house.mounts().mount(caller(BOB), MINE, released, SCOPED)).as("named").isTrue();
  }

  @Test
  void theLimitsOfAKeyAreLimitsHereToo() {
    Digest base = house.blob(OPEN, "base");
    Digest shared = house.blob(NAMED, "shared");
    var own = new Grant(List.of(Glob.ofRepositories("bob/**")), List.of(), Set.of(Action.PULL, Action.PUSH));
    Caller limited = caller(BOB, own, new Grant(List.of(Glob.ofRepositories("open/**")), List.of(), Set.of(Action.PULL)));
    Caller bound = caller(BOB, own.on(MINE, tag("v1")).orElseThrow());

    assertThat(discover(Discovery.READABLE, limited, MINE, shared)).isEmpty();
    assertThat(discover(Discovery.READABLE, limited, MINE, base)).contains(OPEN);
    assertThat(discover(Discovery.READABLE, bound, MINE, base))
        .as("a token for a tag: its repository only, which has it now, but not under the tag")
        .isEmpty();
  }

  private Caller bound(RepositoryName repository) {
    var grant = new Grant(List.of(new Glob(repository.value())), List.of(new Glob("v1")), Set.of(Action.PULL, Action.PUSH));
    return new Caller(new Rights(policy, BOB, Optional.of(List.of(grant)), List.of(), Optional.empty(), true), "test/1", "192.0.2.1");
  }

  @Test
  void whoComesWithATokenForATagMountsFromItsRepositoryOnly() {
    Digest base = house.blob(OPEN, "base");
    Digest mine = house.blob(MINE, "mine");
    Digest another = house.blob(SCOPED, "another");
    house.image(MINE, tag("v1"), "config", "released");
    var mounts = new Mounts(house.metadata, house.leases, house.clock, Discovery.READABLE);

    assertThat(house.blobs.size(bound(MINE), OPEN, base)).as("what is public is read").isEqualTo(4);
    assertThat(mounts.mount(bound(MINE), MINE, base, OPEN)).isFalse();
    assertThat(mounts.discover(bound(MINE), MINE, base)).isEmpty();
    assertThat(mounts.mount(bound(MINE), MINE, another, SCOPED)).isFalse();
    assertThat(mounts.mount(bound(MINE), MINE, Documents.digest("released"), MINE)).isTrue();
    assertThat(mounts.mount(bound(MINE), MINE, mine, MINE)).as("but not what the tag does not show").isFalse();
    assertThat(mounts.mount(bound(OPEN), MINE, base, OPEN)).as("its repository").isTrue();
    assertThat(mounts.mount(caller(BOB, new Grant(List.of(new Glob("bob/**")), List.of(), Set.of(Action.PUSH))), MINE, base, OPEN))
        .as("a key with limits is no such token").isTrue();
  }

  @Test
  void whatIsNamedIsMountedFromWhereAnOperatorAllowsItOnly() {
    Digest base = house.blob(OPEN, "base");
    Digest shared = house.blob(NAMED, "shared");
    Digest mine = house.blob(MINE, "mine");
    Caller bob = caller(BOB);

    for (Discovery mode : Discovery.values()) {
      var mounts = new Mounts(house.metadata, house.leases, house.clock, mode);
      RepositoryName there = RepositoryName.parse("bob/" + mode.name().toLowerCase(Locale.ROOT));
      assertThat(mounts.mount(bob, there, base, OPEN)).as("%s: what everybody may read", mode).isEqualTo(mode != Discovery.OFF);
      assertThat(mounts.mount(bob, there, shared, NAMED)).as("%s: what Bob may read", mode).isEqualTo(mode == Discovery.READABLE);
      assertThat(mounts.mount(bob, MINE, mine, MINE)).as("%s: what is there", mode).isEqualTo(mode == Discovery.READABLE);
      assertThat(mounts.discover(bob, MINE, mine).isPresent()).as("%s: what is there, found", mode).isEqualTo(mode == Discovery.READABLE);
      assertThat(mounts.mount(bob, there, house.blob(CLOSED, "secret"), CLOSED)).as("%s: what he may not read", mode).isFalse();
    }
  }

  @Test
  void howFarIsLookedAnOperatorDecides() {
    Digest base = house.blob(OPEN, "base");
    Digest shared = house.blob(NAMED, "shared");

    assertThat(discover(Discovery.OFF, caller(BOB), MINE, base)).isEmpty();
    assertThat(discover(Discovery.PUBLIC, caller(BOB), MINE, shared)).isEmpty();
    assertThat(discover(Discovery.PUBLIC, caller(BOB), MINE, base)).contains(OPEN);
    assertThat(discover(Discovery.READABLE, caller(BOB), MINE, shared)).contains(NAMED);
  }

  @Test
  void inARegistryWithoutRulesEveryBlobIsFound() {
    assertThat(house.mounts().discover(ALICE, MINE, house.blob(CLOSED, "secret"))).contains(CLOSED);
  }

  @Test
  void otherRulesFindWhatTheyAllowAsSoonAsRepositoriesWereCompared() {
    Digest secret = house.blob(CLOSED, "secret");
    Digest base = house.blob(OPEN, "base");
    policy = new AccessPolicy(List.of(rule(new Who.Named("user:bob"), "closed/*", "", Action.PULL),
        rule(new Who.Named("user:bob"), "bob/**", "", Action.PUSH)));
    classes.rules(policy);

    assertThat(discover(secret)).as("not yet").isEmpty();
    assertThat(discover(base)).as("what may not be read any more").isEmpty();
    classes.compareAll(house.metadata, () -> false);
    assertThat(discover(base)).isEmpty();
    assertThat(discover(secret)).contains(CLOSED);
  }

  @Test
  void aLargeRepositoryIsComparedInSteps() {
    List<Digest> blobs = IntStream.range(0, 1_200).mapToObj(i -> Documents.digest("blob " + i)).toList();
    house.metadata.write(tx -> {
      blobs.forEach(blob -> tx.linkBlob(CLOSED, blob, 1, house.now.get(), house.now.get()));
      return blobs;
    });
    policy = new AccessPolicy(List.of(rule(new Who.Named("user:bob"), "closed/*", "", Action.PULL)));
    classes.rules(policy);
    classes.compareAll(house.metadata, () -> false);

    for (Digest blob : List.of(blobs.getFirst(), blobs.get(600), blobs.getLast())) {
      assertThat(house.metadata.<Optional<RepositoryName>>read(tx -> tx.origins().matching(List.of(Set.of("closed/*")), blob)))
          .contains(CLOSED);
    }
  }
}
