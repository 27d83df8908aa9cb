package io.berth.registry;

import static io.berth.oci.Documents.about;
import static io.berth.oci.Documents.descriptor;
import static io.berth.oci.Documents.image;
import static io.berth.oci.Documents.index;
import static io.berth.oci.Documents.indexOf;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.GRACE;
import static io.berth.registry.House.refusal;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.Tag;
import io.berth.policy.AccessPolicy;
import io.berth.policy.AccessRule;
import io.berth.policy.Action;
import io.berth.policy.Condition;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import io.berth.policy.ReferrerLife;
import io.berth.policy.ReferrerRules;
import io.berth.policy.Rights;
import io.berth.policy.Who;
import io.berth.registry.DeletionPlans.Holder;
import io.berth.registry.DeletionPlans.Plan;
import io.berth.registry.Departures.Hold;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a deletion would do is what it does. */
final class DeletionPlansTest {

  private static final String IMAGE = image("c");
  private static final String SIGNATURE = about(IMAGE, "x/signature", "s");

  @TempDir Path folder;

  private House house;

  @BeforeEach
  void begin() {
    house = new House(folder);
    List.of("c", "s").forEach(config -> house.blob(APP, config));
  }

  @AfterEach
  void end() {
    house.close();
  }

  private Plan plan(Digest manifest) {
    return house.plans().plan(ALICE, APP, manifest, Precondition.NONE);
  }

  private static List<Digest> going(Plan plan) {
    return plan.going().stream().map(each -> each.manifest().digest()).toList();
  }

  private static List<Digest> staying(Plan plan) {
    return plan.staying().stream().map(each -> each.manifest().digest()).toList();
  }

  /** What a deletion leaves, a grace later, of those that a plan names. */
  @Test
  void whatItNamesIsWhatHappens() {
    Digest image = house.put(APP, tag("v1"), IMAGE);
    Digest signature = house.put(APP, SIGNATURE);
    Digest attestation = house.put(APP, about(SIGNATURE, "x/attestation", "s"));
    Digest tagged = house.put(APP, tag("named"), about(IMAGE, "x/named", "s"));
    Digest belowTagged = house.put(APP, about(about(IMAGE, "x/named", "s"), "x/attestation", "s"));
    Digest listed = house.put(APP, about(IMAGE, "x/listed", "s"));
    Digest list = house.put(APP, index(about(IMAGE, "x/listed", "s")));
    Digest once = house.put(APP, tag("once"), about(IMAGE, "x/once", "s"));
    house.manifests.delete(ALICE, APP, tag("once"), Precondition.NONE);
    Digest indexed = house.put(APP, about(IMAGE, "x/indexed", "s"));
    Digest leaving = house.put(APP, indexOf(descriptor(Documents.MANIFEST, about(IMAGE, "x/indexed", "s")),
        ",\"subject\":" + descriptor(Documents.MANIFEST, IMAGE)));

    Plan plan = plan(image);

    assertThat(going(plan)).containsExactlyInAnyOrder(signature, attestation, indexed, leaving);
    assertThat(plan.staying()).extracting(each -> each.manifest().digest(), DeletionPlans.Staying::hold).containsExactlyInAnyOrder(
        tuple(tagged, Hold.TAGGED), tuple(listed, Hold.NEEDED),
        tuple(once, Hold.HISTORY));
    assertThat(plan.isWhole()).isTrue();
    assertThat(plan.life()).isEqualTo(new ReferrerLife.WithSubject(GRACE));

    house.manifests.delete(ALICE, APP, image, Precondition.NONE);
    house.pass(GRACE);
    assertThat(house.collect().referrers()).isEqualTo(4);
    assertThat(Stream.of(tagged, belowTagged, listed, list, once)).allMatch(this::isThere);
    assertThat(Stream.of(signature, attestation, indexed, leaving)).noneMatch(this::isThere);
  }

  private boolean isThere(Digest manifest) {
    return House.caughtOrNull(() -> house.manifests.get(ALICE, APP, manifest)) == null;
  }

  @Test
  void tagsAndWhatWouldLackItAreNamed() {
    Digest image = house.put(APP, tag("v1"), IMAGE);
    house.put(APP, tag("v2"), IMAGE);
    Digest index = house.put(APP, tag("multi"), index(IMAGE));

    Plan plan = plan(image);

    assertThat(plan.names()).containsExactly(tag("v1"), tag("v2"));
    assertThat(plan.holders()).extracting(holder -> holder.manifest().digest()).containsExactly(index);
    assertThat(plan.holders()).flatExtracting(Holder::tags).containsExactly(tag("multi"));
    assertThat(house.tagLists.names(ALICE, APP, "", 10).tags()).containsExactly(tag("multi"), tag("v1"), tag("v2"));
    assertThat(house.changed).as("who is told of changes, by the three pushes").hasSize(3);
  }

  @Test
  void whoMayNotReadItAllIsNotToldWhatWouldGo() {
    Digest image = house.put(APP, tag("v1"), IMAGE);
    Caller remover = caller(List.of(), Action.DELETE);
    Caller some = caller(List.of(new Glob("v*")), Action.DELETE, Action.PULL);

    for (Caller caller : List.of(remover, some)) {
      assertThat(refusal(() -> house.plans().plan(caller, APP, image, Precondition.NONE))).containsExactly(ErrorCode.DENIED);
      assertThat(refusal(() -> house.plans().plan(caller, APP))).containsExactly(ErrorCode.DENIED);
    }
    assertThat(refusal(() -> house.plans().plan(remover, APP, tag("v1"), Precondition.NONE))).containsExactly(ErrorCode.DENIED);
    assertThat(house.plans().plan(some, APP, tag("v1"), Precondition.NONE).target()).isEqualTo(image);
  }

  private static Caller caller(List<Glob> tags, Action... actions) {
    var rule = new AccessRule("r", List.of(new Who.Named("user:dave")), new Grant(List.of(new Glob("**")), tags, Set.of(actions)),
        Condition.ALWAYS);
    return new Caller(new Rights(new AccessPolicy(List.of(rule)), new Identity.User("dave")), "test/1", "192.0.2.1");
  }

  @Test
  void whereARuleKeepsThemAllOfThemStay() {
    house.manifests(new ReferrerRules(List.of(), new ReferrerLife.Keep()));
    Digest image = house.put(APP, IMAGE);
    Digest signature = house.put(APP, SIGNATURE);

    Plan plan = plan(image);

    assertThat(going(plan)).isEmpty();
    assertThat(staying(plan)).containsExactly(signature);
    assertThat(plan.staying().getFirst().hold()).isNull();
  }

  @Test
  void ofVeryManyTheFirstAreTold() {
    Digest image = house.put(APP, IMAGE);
    house.putAll(APP, IntStream.rangeClosed(0, DeletionPlans.SHOWN).mapToObj(i -> about(IMAGE, "x/signature" + i, "s")).toList());
    List<Tag> tags = IntStream.rangeClosed(0, DeletionPlans.SHOWN).mapToObj(i -> tag("t" + (10_000 + i))).toList();
    house.manifests.put(ALICE, APP, image, tags.subList(0, 1_000), null, Precondition.NONE, Documents.bytes(IMAGE));
    house.manifests.put(ALICE, APP, image, tags.subList(1_000, 1_001), null, Precondition.NONE, Documents.bytes(IMAGE));
    house.putAll(APP, IntStream.rangeClosed(0, DeletionPlans.SHOWN)
        .mapToObj(i -> indexOf(descriptor(Documents.MANIFEST, IMAGE), ",\"annotations\":{\"number\":\"" + i + "\"}")).toList());

    Plan plan = plan(image);

    assertThat(plan.going()).hasSize(DeletionPlans.SHOWN);
    assertThat(plan.isWhole()).isFalse();
    assertThat(plan.tags()).isEqualTo(1_001);
    assertThat(plan.names()).isEqualTo(tags.subList(0, 1_000));
    assertThat(plan.holders()).hasSize(DeletionPlans.SHOWN);
    assertThat(plan.areAll()).isFalse();
  }
}
