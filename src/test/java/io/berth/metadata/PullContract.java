package io.berth.metadata;

import static io.berth.oci.Documents.image;
import static io.berth.oci.Documents.index;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.GraphReads.Step;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.Manifest;
import io.berth.oci.PullCounts;
import io.berth.oci.PullDay;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every metadata store keeps: what was pulled, by day and tag. */
public abstract class PullContract extends StoreUnderTest {

  private static final LocalDate TODAY = LocalDate.ofInstant(NOW, ZoneOffset.UTC);
  private static final LocalDate YESTERDAY = TODAY.minusDays(1);
  private static final PullCounts ONE = new PullCounts(1, 2, 300);
  private static final String IMAGE = image("config", "layer");

  private static PullDay day(LocalDate day, @Nullable String tag, PullCounts verified) {
    return new PullDay(day, tag == null ? null : tag(tag), verified, PullCounts.NONE, PullCounts.NONE);
  }

  private List<PullDay> days(PullDay.@Nullable Place after, int limit) {
    return store.read(tx -> tx.pulls().days(APP, LocalDate.EPOCH, LocalDate.of(9999, 12, 31), after, limit));
  }

  private void add(RepositoryName repository, PullDay... days) {
    write(tx -> tx.pulls().add(repository, List.of(days)));
  }

  @Test
  void countsOfADayAddUp() {
    put(APP, IMAGE);
    var all = new PullDay(TODAY, tag("1.0"), new PullCounts(1, 2, 3), new PullCounts(4, 5, 6), new PullCounts(7, 8, 9L << 40));
    add(APP, all, day(TODAY, null, ONE));
    reopen();
    add(APP, all);
    add(APP, all, all);

    assertThat(days(null, 10)).containsExactly(day(TODAY, null, ONE), all.plus(all).plus(all).plus(all));
  }

  @Test
  void daysAreInOrderARepositoryBeforeItsTags() {
    put(APP, IMAGE);
    put(LIB, IMAGE);
    var inOrder = List.of(day(YESTERDAY, null, ONE), day(YESTERDAY, "b", ONE), day(TODAY, null, ONE), day(TODAY, "A", ONE),
        day(TODAY, "a", ONE), day(TODAY.plusDays(1), "a", ONE));
    var shuffled = new ArrayList<>(inOrder.reversed());
    add(LIB, day(TODAY, "x", ONE));
    add(APP, shuffled.toArray(PullDay[]::new));

    assertThat(days(null, 10)).isEqualTo(inOrder);
    for (int i = 0; i < inOrder.size(); i++) {
      assertThat(days(inOrder.get(i).place(), 2)).isEqualTo(inOrder.subList(i + 1, Math.min(inOrder.size(), i + 3)));
    }
    assertThat(store.<List<PullDay>>read(tx -> tx.pulls().days(APP, TODAY, TODAY, null, 10))).isEqualTo(inOrder.subList(2, 5));
    assertThat(store.<List<PullDay>>read(tx -> tx.pulls().days(APP, TODAY, TODAY, inOrder.getFirst().place(), 10)))
        .as("a place before them is as none").isEqualTo(inOrder.subList(2, 5));
    assertThat(store.<List<PullDay>>read(tx -> tx.pulls().days(APP, tag("a"), TODAY, LocalDate.of(9999, 12, 31), 10)))
        .containsExactly(inOrder.get(4), inOrder.get(5));
    assertThat(store.<List<PullDay>>read(tx -> tx.pulls().days(APP, tag("a"), TODAY, TODAY, 10))).containsExactly(inOrder.get(4));
    assertThat(store.<List<PullDay>>read(tx -> tx.pulls().days(RepositoryName.parse("no/such"), TODAY, TODAY, null, 10))).isEmpty();
  }

  @Test
  void whoAddAtTheSameTimeLoseNothing() throws Exception {
    put(APP, IMAGE);
    inThreads(4, _ -> {
      for (int i = 0; i < 10; i++) {
        add(APP, day(TODAY, "b", ONE), day(TODAY, "a", ONE), day(TODAY, null, ONE));
      }
    });

    assertThat(days(null, 10)).hasSize(3).allMatch(day -> day.verified().equals(new PullCounts(40, 80, 12_000)));
  }

  @Test
  void whenATagWasPulledLast() {
    put(APP, IMAGE);
    write(tx -> tx.pulls().pulled(APP, Map.of(tag("a"), LATER, tag("b"), NOW)));
    write(tx -> tx.pulls().pulled(APP, Map.of(tag("a"), NOW, tag("b"), LATER)));
    reopen();

    assertThat(store.<Map<Tag, ?>>read(tx -> tx.pulls().lastPulls(APP, List.of(tag("a"), tag("b"), tag("c")))))
        .isEqualTo(Map.of(tag("a"), LATER, tag("b"), LATER));
    assertThat(store.<Map<Tag, ?>>read(tx -> tx.pulls().lastPulls(LIB, List.of(tag("a"))))).isEmpty();
    assertThat(store.<Map<Tag, ?>>read(tx -> tx.pulls().lastPulls(APP, List.of()))).isEmpty();
  }

  @Test
  void aRepositoryThatDoesNotExistHasNone() {
    add(APP, day(TODAY, "a", ONE));
    write(tx -> tx.pulls().pulled(APP, Map.of(tag("a"), NOW)));
    look(tx -> assertThat(tx.repositoryExists(APP)).isFalse());
    put(APP, IMAGE);
    assertThat(days(null, 10)).isEmpty();

    add(APP, day(TODAY, "a", ONE));
    write(tx -> tx.pulls().pulled(APP, Map.of(tag("a"), NOW)));
    write(tx -> tx.deleteRepository(APP, LATER));
    put(APP, IMAGE);

    assertThat(days(null, 10)).as("it has taken them along").isEmpty();
    look(tx -> assertThat(tx.pulls().lastPulls(APP, List.of(tag("a")))).isEmpty());
  }

  @Test
  void whatIsOldIsForgottenALittleAtATime() {
    put(APP, IMAGE);
    for (int i = 0; i < 5; i++) {
      add(APP, day(TODAY.minusDays(i), "a", ONE));
    }
    write(tx -> tx.pulls().pulled(APP, Map.of(tag("a"), NOW, tag("b"), NOW.minus(Duration.ofDays(1)))));

    assertThat(store.<Integer>write(tx -> tx.pulls().forget(TODAY, 3))).isEqualTo(3);
    assertThat(days(null, 10)).extracting(PullDay::day).containsExactly(YESTERDAY, TODAY);
    assertThat(store.<Integer>write(tx -> tx.pulls().forget(TODAY, 3))).isEqualTo(2);
    assertThat(store.<Integer>write(tx -> tx.pulls().forget(TODAY, 3))).isZero();
    assertThat(days(null, 10)).extracting(PullDay::day).containsExactly(TODAY);
    look(tx -> assertThat(tx.pulls().lastPulls(APP, List.of(tag("a"), tag("b")))).containsOnlyKeys(tag("a")));
  }

  @Test
  void stepsThatAreThereAreFoundManyAtATime() {
    Digest image = put(APP, IMAGE);
    Digest index = put(APP, index(IMAGE));
    put(LIB, image("elsewhere"));
    var wanted = new ArrayList<>(List.of(new Step(image, digest("layer")), new Step(image, digest("config")), new Step(index, image),
        new Step(index, digest("layer"))));
    List<Step> there = List.copyOf(wanted);
    wanted.add(new Step(image, digest("elsewhere")));
    wanted.add(new Step(image, index));
    wanted.add(new Step(digest(image("elsewhere")), digest("elsewhere")));
    for (int i = 0; i < 100; i++) {
      wanted.add(i, new Step(digest("nothing" + i), digest("layer")));
    }

    look(tx -> assertThat(tx.graph().reaching(APP, wanted, 10)).containsExactlyInAnyOrderElementsOf(there));
    look(tx -> assertThat(tx.graph().reaching(APP, wanted, 0)).as("no entries of the index").hasSize(3));
    look(tx -> assertThat(tx.graph().reaching(LIB, there, 10)).isEmpty());
    look(tx -> assertThat(tx.graph().reaching(APP, List.of(), 10)).isEmpty());
  }

  @Test
  void anEdgeThatIsWithheldIsNoStep() {
    byte[] bytes = Documents.bytes(IMAGE);
    Manifest parsed = Manifest.parse(null, bytes);
    write(tx -> tx.putManifest(APP, new StoredManifest(digest(IMAGE), parsed.mediaType(), bytes), parsed, Set.of("/layers/0"), NOW, LATER));
    Digest index = put(APP, index(IMAGE));

    look(tx -> assertThat(tx.graph().reaching(APP, List.of(new Step(digest(IMAGE), digest("layer")), new Step(index, digest("layer")),
        new Step(index, digest("config"))), 10)).containsExactly(new Step(index, digest("config"))));
  }

  @Test
  void whereTagsPointIsFoundManyAtATime() {
    Digest image = put(APP, IMAGE);
    List<Tag> tags = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      tags.add(tag("t" + i));
      if (i % 2 == 0) {
        change(APP, "t" + i, image, NOW);
      }
    }

    look(tx -> assertThat(tx.graph().targets(APP, tags)).hasSize(50).containsEntry(tag("t98"), image).doesNotContainKey(tag("t99")));
    look(tx -> assertThat(tx.graph().targets(LIB, tags)).isEmpty());
  }
}
