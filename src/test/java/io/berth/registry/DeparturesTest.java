package io.berth.registry;

import static io.berth.oci.Documents.about;
import static io.berth.oci.Documents.descriptor;
import static io.berth.oci.Documents.image;
import static io.berth.oci.Documents.imageWith;
import static io.berth.oci.Documents.index;
import static io.berth.oci.Documents.indexOf;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.GRACE;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.START;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Departing;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.RepositoryName;
import io.berth.policy.TagTerms;
import io.berth.registry.Copies.Order;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Referrers go a grace after their subject, and when they stay. The grace is a day here, as for blobs. */
final class DeparturesTest {

  private static final Duration MOMENT = Duration.ofMillis(1);
  private static final Duration WINDOW = TagTerms.DEFAULT.window();
  private static final String IMAGE = image("c");
  private static final String SIGNATURE = about(IMAGE, "x/signature", "s");
  private static final String ATTESTATION = about(SIGNATURE, "x/attestation", "a");

  @TempDir Path folder;

  private House house;

  @BeforeEach
  void begin() {
    house = new House(folder);
    List.of("c", "s", "a").forEach(config -> house.blob(APP, config));
  }

  @AfterEach
  void end() {
    house.close();
  }

  private Digest push(String document) {
    return house.put(APP, document);
  }

  private Optional<Duration> delete(Digest manifest) {
    return house.manifests.delete(ALICE, APP, manifest, Precondition.NONE);
  }

  private boolean isThere(Digest manifest) {
    return isThere(APP, manifest);
  }

  private boolean isThere(RepositoryName repository, Digest manifest) {
    boolean known = House.caughtOrNull(() -> house.manifests.get(ALICE, repository, manifest)) == null;
    assertThat(house.metadata.<Boolean>read(tx -> tx.manifestSize(repository, manifest).isPresent())).as("what the store says")
        .isEqualTo(known);
    return known;
  }

  /** Time passes and the collector works, so often that it never believes the clock was put forward. */
  private long pass(Duration time) {
    house.pass(time);
    return house.collect().referrers();
  }

  private void isOver() {
    assertThat(house.garbage.departing()).isEqualTo(new Departing(0, 0, null, 0, 0));
  }

  @Test
  void aReferrerGoesAGraceAfterItsSubject() {
    Digest image = push(IMAGE);
    Digest signature = push(SIGNATURE);

    assertThat(delete(image)).contains(GRACE);
    assertThat(house.garbage.departing()).isEqualTo(new Departing(1, 0, START.plus(GRACE), 1, 0));
    assertThat(pass(GRACE.minus(MOMENT))).isZero();
    assertThat(isThere(signature)).isTrue();
    assertThat(pass(MOMENT)).isEqualTo(1);

    assertThat(isThere(signature)).isFalse();
    isOver();
  }

  @Test
  void andWithItWhatIsAboutIt() {
    Digest image = push(IMAGE);
    Digest signature = push(SIGNATURE);
    Digest attestation = push(ATTESTATION);
    delete(image);

    assertThat(pass(GRACE)).isEqualTo(2);

    assertThat(isThere(signature)).isFalse();
    assertThat(isThere(attestation)).isFalse();
    isOver();
  }

  @Test
  void blobsOfAReferrerGoAGraceLater() {
    Digest image = push(IMAGE);
    push(SIGNATURE);
    delete(image);
    pass(GRACE);
    assertThat(house.isStored(Documents.digest("s"))).isTrue();

    pass(GRACE);

    assertThat(house.isStored(Documents.digest("s"))).isFalse();
  }

  @Test
  void whatNothingIsAboutLeavesNothingBehind() {
    assertThat(delete(push(IMAGE))).isEmpty();
    isOver();
  }

  @Test
  void aTagThatGoesTakesNothingAlong() {
    house.put(APP, tag("v1"), IMAGE);
    Digest signature = push(SIGNATURE);
    house.manifests.delete(ALICE, APP, tag("v1"), Precondition.NONE);

    assertThat(pass(GRACE)).isZero();
    assertThat(isThere(signature)).isTrue();
  }

  @Test
  void whatIsAboutAManifestThatNeverCameStays() {
    Digest signature = push(SIGNATURE);

    assertThat(pass(GRACE.multipliedBy(100))).isZero();
    assertThat(isThere(signature)).isTrue();
  }

  @Test
  void whatCameBeforeItsSubjectGoesWithIt() {
    Digest signature = push(SIGNATURE);
    delete(push(IMAGE));

    assertThat(pass(GRACE)).isEqualTo(1);
    assertThat(isThere(signature)).isFalse();
  }

  @Test
  void whatCameAfterItsSubjectHadGoneStays() {
    Digest image = push(IMAGE);
    push(SIGNATURE);
    delete(image);
    Digest later = push(about(IMAGE, "x/signature", "a"));

    assertThat(pass(GRACE)).isEqualTo(1);
    assertThat(isThere(later)).isTrue();
    isOver();
  }

  @Test
  void whatWasPushedOnceMoreAfterItsSubjectHadGoneStays() {
    Digest image = push(IMAGE);
    Digest signature = push(SIGNATURE);
    delete(image);
    push(SIGNATURE);

    assertThat(pass(GRACE)).isZero();
    assertThat(isThere(signature)).isTrue();
    isOver();
  }

  @Test
  void butGoesWhenItsSubjectIsDeletedAgain() {
    Digest image = push(IMAGE);
    Digest signature = push(SIGNATURE);
    delete(image);
    push(SIGNATURE);
    push(IMAGE);
    delete(image);

    assertThat(pass(GRACE)).isEqualTo(1);
    assertThat(isThere(signature)).isFalse();
  }

  @Test
  void whatWasCopiedOnceMoreAfterItsSubjectHadGoneStays() {
    push(SIGNATURE);
    house.copies(10).copy(ALICE, LIB, new Order(APP, Documents.digest(SIGNATURE), List.of(), true), _ -> () -> {});
    house.image(LIB, Documents.digest(IMAGE), "c");
    house.manifests.delete(ALICE, LIB, Documents.digest(IMAGE), Precondition.NONE);
    house.copies(10).copy(ALICE, LIB, new Order(APP, Documents.digest(SIGNATURE), List.of(), true), _ -> () -> {});

    assertThat(pass(GRACE)).isZero();
    assertThat(isThere(LIB, Documents.digest(SIGNATURE))).isTrue();
  }

  @Test
  void nothingGoesIfTheSubjectCameBack() {
    Digest image = push(IMAGE);
    Digest signature = push(SIGNATURE);
    delete(image);
    house.pass(GRACE.minus(MOMENT));
    push(IMAGE);

    assertThat(pass(MOMENT)).isZero();
    assertThat(isThere(signature)).isTrue();
    isOver();
  }

  @Test
  void aSubjectThatCameBackAndWentAgainHasAWholeGrace() {
    Digest image = push(IMAGE);
    Digest signature = push(SIGNATURE);
    delete(image);
    house.pass(GRACE.minus(MOMENT));
    push(IMAGE);
    delete(image);

    assertThat(pass(GRACE.minus(MOMENT))).isZero();
    assertThat(isThere(signature)).isTrue();
    assertThat(pass(MOMENT)).isEqualTo(1);
  }

  @Test
  void whatWasPushedToAReferrerDuringTheGraceHasAGraceOfItsOwn() {
    Digest image = push(IMAGE);
    push(SIGNATURE);
    push(about(SIGNATURE, "x/old", "a"));
    delete(image);
    house.pass(GRACE.minus(MOMENT));
    Digest attestation = push(ATTESTATION);

    assertThat(pass(MOMENT)).isEqualTo(2);
    assertThat(isThere(attestation)).isTrue();
    assertThat(pass(GRACE.minus(MOMENT))).isZero();
    assertThat(pass(MOMENT)).isEqualTo(1);
    assertThat(isThere(attestation)).isFalse();
    isOver();
  }

  @Test
  void aTaggedReferrerStays() {
    Digest image = push(IMAGE);
    Digest signature = house.put(APP, tag("signature"), SIGNATURE);
    Digest attestation = push(ATTESTATION);
    delete(image);

    assertThat(pass(GRACE)).isZero();
    assertThat(isThere(signature)).isTrue();
    assertThat(isThere(attestation)).as("what is about it").isTrue();
    isOver();
  }

  @Test
  void aReferrerThatAnIndexListsStays() {
    Digest image = push(IMAGE);
    Digest signature = push(SIGNATURE);
    house.put(APP, tag("sha256-" + image.encoded()), index(SIGNATURE));
    delete(image);

    assertThat(pass(GRACE)).isZero();
    assertThat(isThere(signature)).isTrue();
  }

  @Test
  void anIndexThatGoesHoldsNothingThatIsAboutTheSameSubject() {
    Digest image = push(IMAGE);
    Digest signature = push(SIGNATURE);
    Digest list = push(indexOf(descriptor(Documents.MANIFEST, SIGNATURE), ",\"subject\":" + descriptor(Documents.MANIFEST, IMAGE)));
    delete(image);

    assertThat(pass(GRACE)).isEqualTo(2);
    assertThat(isThere(signature)).isFalse();
    assertThat(isThere(list)).isFalse();
  }

  @Test
  void whatOnlyRefersToAManifestStays() {
    Digest image = push(IMAGE);
    Digest chart = push(imageWith(",\"reference\":" + descriptor(Documents.MANIFEST, IMAGE), "s"));

    assertThat(delete(image)).isEmpty();
    assertThat(pass(GRACE)).isZero();
    assertThat(isThere(chart)).isTrue();
  }

  @Test
  void whatATagPointedAtStaysAsLongAsItCanBePutBack() {
    Digest image = push(IMAGE);
    Digest signature = house.put(APP, tag("signature"), SIGNATURE);
    delete(image);
    house.pass(Duration.ofHours(1));
    house.manifests.delete(ALICE, APP, tag("signature"), Precondition.NONE);

    assertThat(pass(GRACE)).isZero();
    assertThat(house.garbage.departing().next()).isEqualTo(START.plus(Duration.ofHours(1)).plus(WINDOW));
    assertThat(pass(WINDOW.minus(GRACE).minus(MOMENT))).isZero();
    assertThat(isThere(signature)).isTrue();
    assertThat(pass(MOMENT)).isEqualTo(1);
    assertThat(isThere(signature)).isFalse();
    isOver();
  }

  @Test
  void orWasMovedElsewhere() {
    Digest image = push(IMAGE);
    Digest signature = house.put(APP, tag("latest"), SIGNATURE);
    house.put(APP, tag("latest"), image("a"));
    house.put(APP, tag("other"), SIGNATURE);
    house.pass(WINDOW.minus(GRACE));
    house.put(APP, tag("other"), image("a"));
    delete(image);

    assertThat(pass(GRACE)).isZero();
    assertThat(pass(WINDOW.minus(GRACE).minus(MOMENT))).isZero();
    assertThat(isThere(signature)).isTrue();
    assertThat(pass(MOMENT)).isEqualTo(1);
  }

  @Test
  void otherRepositoriesAreNotConcerned() {
    house.image(LIB, Documents.digest(IMAGE), "c");
    house.blob(LIB, "s");
    Digest signature = house.put(LIB, SIGNATURE);
    push(SIGNATURE);
    delete(push(IMAGE));

    assertThat(pass(GRACE)).isEqualTo(1);
    assertThat(isThere(LIB, signature)).isTrue();
  }

  @Test
  void aRepositoryThatGoesTakesItAlong() {
    Digest image = push(IMAGE);
    push(SIGNATURE);
    delete(image);
    house.repositories.delete(ALICE, APP);

    isOver();
    house.blob(APP, "s");
    Digest signature = push(SIGNATURE);
    assertThat(pass(GRACE)).isZero();
    assertThat(isThere(signature)).isTrue();
  }

  @Test
  void manyGoInParts() {
    Digest image = push(IMAGE);
    List<Digest> all = house.putAll(APP, IntStream.range(0, 1_234).mapToObj(i -> about(IMAGE, "x/signature" + i, "s")).toList());
    Digest held = house.put(APP, tag("held"), about(IMAGE, "x/signature600", "s"));
    delete(image);
    house.pass(GRACE);

    Garbage.Work first = house.garbage.step();
    assertThat(first.referrers()).isBetween(400L, 600L);
    assertThat(first.more()).isTrue();
    assertThat(first.and(house.collect()).referrers()).isEqualTo(1_233);

    assertThat(all.stream().filter(this::isThere)).containsExactly(held);
    isOver();
  }
}
