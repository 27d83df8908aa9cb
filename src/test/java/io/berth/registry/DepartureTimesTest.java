package io.berth.registry;

import static io.berth.oci.Documents.about;
import static io.berth.oci.Documents.image;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.GRACE;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.RepositoryName;
import io.berth.policy.Glob;
import io.berth.policy.ReferrerLife;
import io.berth.policy.ReferrerRule;
import io.berth.policy.ReferrerRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After which time referrers go, by the rules and by the clock; {@link DeparturesTest} has what goes and what stays. */
final class DepartureTimesTest {

  private static final Duration MOMENT = Duration.ofMillis(1);
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

  private Digest push(String document) {
    return house.put(APP, document);
  }

  private void delete(Digest manifest) {
    house.manifests.delete(ALICE, APP, manifest, Precondition.NONE);
  }

  private boolean isThere(Digest manifest) {
    return isThere(APP, manifest);
  }

  private boolean isThere(RepositoryName repository, Digest manifest) {
    return House.caughtOrNull(() -> house.manifests.get(ALICE, repository, manifest)) == null;
  }

  private long pass(Duration time) {
    house.pass(time);
    return house.collect().referrers();
  }

  private void isOver() {
    assertThat(house.garbage.departing().subjects()).isZero();
  }

  // rules

  private static ReferrerRules lib(ReferrerLife life) {
    return new ReferrerRules(List.of(new ReferrerRule("libraries", Glob.ofRepositories("team/lib"), life)),
        ReferrerRules.DEFAULT.otherwise());
  }

  @Test
  void whereARuleKeepsThemTheyStay() {
    Manifests manifests = house.manifests(new ReferrerRules(List.of(), new ReferrerLife.Keep()));
    Digest image = push(IMAGE);
    Digest signature = push(SIGNATURE);

    assertThat(manifests.delete(ALICE, APP, image, Precondition.NONE)).isEmpty();
    isOver();
    assertThat(pass(GRACE)).isZero();
    assertThat(isThere(signature)).isTrue();
  }

  @Test
  void theRulesOfTheMomentCountWhenTheyWouldGo() {
    Digest image = push(IMAGE);
    Digest signature = push(SIGNATURE);
    delete(image);
    house.manifests(new ReferrerRules(List.of(), new ReferrerLife.Keep()));

    assertThat(pass(GRACE)).isZero();
    assertThat(isThere(signature)).isTrue();
    isOver();
  }

  @Test
  void aRuleIsForItsRepositories() {
    Manifests manifests = house.manifests(lib(new ReferrerLife.WithSubject(Duration.ofHours(1))));
    List.of("c", "s").forEach(config -> house.blob(LIB, config));
    for (RepositoryName repository : List.of(APP, LIB)) {
      house.put(repository, SIGNATURE);
      manifests.delete(ALICE, repository, house.put(repository, IMAGE), Precondition.NONE);
    }

    assertThat(pass(Duration.ofHours(1))).isEqualTo(1);
    assertThat(isThere(APP, Documents.digest(SIGNATURE))).isTrue();
    assertThat(isThere(LIB, Documents.digest(SIGNATURE))).isFalse();
  }

  // clocks

  private Digest leaving() {
    Digest image = push(IMAGE);
    Digest signature = push(SIGNATURE);
    delete(image);
    house.collect();
    return signature;
  }

  @Test
  void aClockThatIsPutForwardShortensNothing() {
    Digest signature = leaving();
    pass(Duration.ofHours(10));
    house.now.updateAndGet(now -> now.plus(Duration.ofDays(365)));

    assertThat(house.collect().referrers()).isZero();
    assertThat(pass(Duration.ofHours(14).minus(MOMENT))).isZero();
    assertThat(isThere(signature)).isTrue();
    assertThat(pass(MOMENT)).isEqualTo(1);
  }

  @Test
  void norDoesTimeInWhichNoBerthRan() {
    Digest signature = leaving();
    house.pass(GRACE.multipliedBy(2));
    Garbage next = house.freshGarbage(house.storage);

    assertThat(next.step()).isEqualTo(Garbage.Work.NONE);
    house.pass(GRACE.minus(MOMENT));
    assertThat(next.step().referrers()).isZero();
    assertThat(isThere(signature)).isTrue();
    house.pass(MOMENT);
    assertThat(next.step().referrers()).isEqualTo(1);
  }

  @Test
  void aClockThatIsPutForwardAndBackMakesNothingLast() {
    leaving();
    house.now.updateAndGet(now -> now.plus(Duration.ofDays(36_500)));
    house.collect();
    house.now.updateAndGet(now -> now.minus(Duration.ofDays(36_500)));
    house.collect();

    assertThat(house.garbage.departing().next()).isEqualTo(START.plus(GRACE));
    assertThat(pass(GRACE)).isEqualTo(1);
  }
}
