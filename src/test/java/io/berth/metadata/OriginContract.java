package io.berth.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.NamePatterns.Known;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every metadata store keeps: in which of some repositories a blob is. */
public abstract class OriginContract extends StoreUnderTest {

  private static final Digest LAYER = digest("layer");
  private static final Set<String> TEAM = Set.of("team/*");

  private void link(RepositoryName repository, Digest blob) {
    write(tx -> tx.linkBlob(repository, blob, 5, NOW, LATER));
  }

  private void classify(RepositoryName repository, String... patterns) {
    write(tx -> assertThat(tx.origins().classify(repository, new Known(Set.of(patterns), "these"), "", 100)).isNull());
  }

  private Optional<RepositoryName> matching(List<Set<String>> patterns, Digest blob) {
    return store.read(tx -> tx.origins().matching(patterns, blob));
  }

  @Test
  void aBlobIsFoundWhereverItIs() {
    look(tx -> assertThat(tx.origins().anywhere(LAYER)).isEmpty());
    link(APP, LAYER);

    look(tx -> assertThat(tx.origins().anywhere(LAYER)).contains(APP));
    write(tx -> tx.unlinkBlob(APP, LAYER, LATER));
    look(tx -> assertThat(tx.origins().anywhere(LAYER)).as("its bytes are there, but nobody holds it").isEmpty());
  }

  @Test
  void aBlobIsFoundInOneOfThoseThatAreNamed() {
    link(APP, LAYER);
    link(LIB, digest("other"));

    look(tx -> assertThat(tx.origins().among(List.of(), LAYER)).isEmpty());
    look(tx -> assertThat(tx.origins().among(List.of(LIB), LAYER)).isEmpty());
    look(tx -> assertThat(tx.origins().among(List.of(LIB, RepositoryName.parse("no/such"), APP), LAYER)).contains(APP));
  }

  @Test
  void oneOfVeryManyNamesIsFound() {
    link(APP, LAYER);
    List<RepositoryName> names = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      names.add(RepositoryName.parse("other/r" + i));
    }
    look(tx -> assertThat(tx.origins().among(names, LAYER)).isEmpty());
    names.add(APP);
    look(tx -> assertThat(tx.origins().among(names, LAYER)).contains(APP));
  }

  @Test
  void aBlobIsFoundByWhatIsKnownOfTheNamesOfItsRepositories() {
    link(APP, LAYER);
    assertThat(matching(List.of(TEAM), LAYER)).as("nothing is known").isEmpty();
    classify(APP, "team/*", "*/app");

    assertThat(matching(List.of(TEAM), LAYER)).contains(APP);
    assertThat(matching(List.of(Set.of("other/*", "*/app")), LAYER)).contains(APP);
    assertThat(matching(List.of(TEAM, Set.of("*/app", "a", "b")), LAYER)).contains(APP);
    assertThat(matching(List.of(TEAM, Set.of("*/lib")), LAYER)).as("not as both say").isEmpty();
    assertThat(matching(List.of(Set.of("*/lib")), LAYER)).isEmpty();
    assertThat(matching(List.of(TEAM), digest("other"))).isEmpty();
    assertThat(matching(List.of(), LAYER)).isEmpty();
    assertThat(matching(List.of(TEAM, Set.of()), LAYER)).isEmpty();
  }

  @Test
  void oneOfVeryManyPatternsFindsIt() {
    link(APP, LAYER);
    classify(APP, "team/*");
    Set<String> patterns = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      patterns.add("other" + i + "/*");
    }
    assertThat(matching(List.of(patterns), LAYER)).isEmpty();
    patterns.addAll(TEAM);
    assertThat(matching(List.of(patterns), LAYER)).contains(APP);
    assertThat(matching(List.of(TEAM, patterns), LAYER)).contains(APP);
  }

  @Test
  void whatIsLinkedLaterIsFoundToo() {
    link(APP, digest("first"));
    classify(APP, "team/*");
    link(APP, LAYER);

    assertThat(matching(List.of(TEAM), LAYER)).contains(APP);
    link(LIB, LAYER);
    write(tx -> tx.unlinkBlob(APP, LAYER, LATER));
    assertThat(matching(List.of(TEAM), LAYER)).as("of the other nothing is known").isEmpty();
    classify(LIB, "team/*");
    assertThat(matching(List.of(TEAM), LAYER)).contains(LIB);
  }

  @Test
  void aRepositoryGoesIntoAnotherClassStepByStep() {
    List<Digest> blobs = List.of(digest("a"), digest("b"), digest("c"), digest("d"), digest("e"));
    blobs.forEach(blob -> link(APP, blob));
    classify(APP, "team/*");
    var known = new Known(Set.of("*/app"), "others");
    String after = "";
    int steps = 0;
    while (after != null) {
      String from = after;
      look(tx -> assertThat(tx.origins().otherwiseKnown("others", 10)).containsExactly(APP));
      after = store.write(tx -> tx.origins().classify(APP, known, from, 2));
      steps++;
      for (Digest blob : blobs) {
        assertThat(matching(List.of(Set.of("team/*", "*/app")), blob)).as("found the old way or the new one").contains(APP);
      }
    }

    assertThat(steps).isEqualTo(3);
    for (Digest blob : blobs) {
      assertThat(matching(List.of(Set.of("*/app")), blob)).contains(APP);
      assertThat(matching(List.of(TEAM), blob)).isEmpty();
    }
  }

  @Test
  void repositoriesThatWereComparedWithOtherPatternsAreFound() {
    link(APP, LAYER);
    link(LIB, LAYER);
    look(tx -> assertThat(tx.origins().otherwiseKnown("", 10)).isEmpty());
    look(tx -> assertThat(tx.origins().otherwiseKnown("these", 10)).containsExactlyInAnyOrder(APP, LIB));
    look(tx -> assertThat(tx.origins().otherwiseKnown("these", 1)).hasSize(1));
    classify(APP, "team/*");

    look(tx -> assertThat(tx.origins().otherwiseKnown("these", 10)).containsExactly(LIB));
    look(tx -> assertThat(tx.origins().otherwiseKnown("", 10)).containsExactly(APP));
    look(tx -> assertThat(tx.origins().otherwiseKnown("those", 10)).containsExactlyInAnyOrder(APP, LIB));
    look(tx -> assertThat(tx.origins().otherwiseKnown("others", 10)).containsExactlyInAnyOrder(APP, LIB));
  }

  @Test
  void aClassInWhichNoRepositoryIsIsForgotten() {
    link(APP, LAYER);
    classify(APP, "team/*", "*/app");
    write(tx -> tx.origins().forgetUnused());
    assertThat(matching(List.of(TEAM), LAYER)).contains(APP);

    write(tx -> tx.deleteRepository(APP, LATER));
    write(tx -> tx.origins().forgetUnused());
    link(APP, LAYER);
    assertThat(matching(List.of(TEAM), LAYER)).as("a new repository of the name").isEmpty();
    classify(APP, "team/*", "*/app");
    assertThat(matching(List.of(TEAM), LAYER)).contains(APP);
  }

  @Test
  void aRepositoryThatIsNotThereIsInNoClass() {
    classify(APP, "team/*");
    link(APP, LAYER);
    assertThat(matching(List.of(TEAM), LAYER)).isEmpty();
  }
}
