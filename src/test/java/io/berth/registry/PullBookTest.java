package io.berth.registry;

import static io.berth.oci.Documents.about;
import static io.berth.oci.Documents.digest;
import static io.berth.oci.Documents.image;
import static io.berth.oci.Documents.index;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.Law;
import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.ImageRefs;
import io.berth.oci.PullCounts;
import io.berth.oci.PullDay;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.policy.Action;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Of which tags pulls were, and that what is written down is all of it. */
@Timeout(120)
final class PullBookTest {

  private static final String CONFIG = "config";
  private static final String IMAGE = image(CONFIG, "base");
  private static final String OTHER = image(CONFIG, "base", "secret");
  private static final String SIGNATURE = about(IMAGE, "application/x.signature", CONFIG);
  private static final PullCounts ONE = new PullCounts(1, 0, 100);
  private static final LocalDate EVER = LocalDate.of(9999, 12, 31);
  /** All that each tag holds. */
  private static final Map<String, Set<String>> HELD = Map.of("one", Set.of(IMAGE, CONFIG, "base", SIGNATURE), "two",
      Set.of(OTHER, CONFIG, "base", "secret"), "many", Set.of(index(IMAGE), IMAGE, CONFIG, "base", SIGNATURE));

  @TempDir Path folder;

  private final Caller some = ReachTest.who("bob", "one", Action.PULL);
  private House house;
  private Pulls pulls;
  private PullBook book;
  private Statistics statistics;

  @BeforeEach
  void begin() {
    house = new House(folder);
    house.image(APP, tag("one"), CONFIG, "base");
    house.image(APP, tag("two"), CONFIG, "base", "secret");
    house.put(APP, tag("many"), index(IMAGE));
    house.put(APP, SIGNATURE);
    pulls = new Pulls(house.clock, 10_000);
    book = new PullBook(house.metadata, pulls);
    statistics = new Statistics(house.metadata);
  }

  @AfterEach
  void end() {
    house.close();
  }

  private void pull(Caller caller, TagOrDigest name, String... claims) {
    pulls.count(APP, name, caller.rights(), ImageRefs.parse(List.of(), List.of(claims), _ -> false), ONE);
  }

  private Map<String, PullDay> written(RepositoryName repository) {
    var days = new HashMap<String, PullDay>();
    statistics.page(ALICE, repository, new Statistics.Span(null, LocalDate.EPOCH, EVER), null, 1_000).days()
        .forEach(day -> days.merge(day.tag() == null ? "" : day.tag().value(), day, PullDay::plus));
    return days;
  }

  private static PullDay day(@Nullable String tag, long verified, long claimed, long unattributed) {
    return new PullDay(LocalDate.ofInstant(House.START, ZoneOffset.UTC), tag == null ? null : tag(tag), times(verified), times(claimed),
        times(unattributed));
  }

  private static PullCounts times(long times) {
    return new PullCounts(times, 0, times * 100);
  }

  @Test
  void aClaimIsVerifiedIfTheTagMayBePulledAndHoldsIt() {
    pull(ALICE, tag("one"));
    pull(ALICE, digest("base"), "one");
    pull(some, digest("base"), "two");
    pull(ALICE, digest("secret"), "one");
    pull(ALICE, digest("base"), "invented");
    pull(ALICE, digest("base"));
    book.write();

    assertThat(written(APP)).isEqualTo(Map.of("", day(null, 2, 3, 1), "one", day("one", 2, 1, 0), "two", day("two", 0, 1, 0)));
  }

  @Test
  void signaturesBelongToWhatTheyAreAboutAndSoDoesWhatIsDeepBelow() {
    house.put(APP, tag("deep"), index(index(IMAGE)));
    pull(ALICE, digest(SIGNATURE), "many");
    pull(ALICE, digest("base"), "deep");
    pull(ALICE, digest("secret"), "deep");
    pull(ALICE, digest(SIGNATURE), "two");
    book.write();

    assertThat(written(APP)).isEqualTo(
        Map.of("", day(null, 2, 2, 0), "many", day("many", 1, 0, 0), "deep", day("deep", 1, 1, 0), "two", day("two", 0, 1, 0)));
  }

  @Test
  void oneRequestMayBeForSeveralTagsAndCountsOnceForTheRepository() {
    pull(ALICE, digest("base"), "one", "two", "invented");
    pull(ALICE, digest("secret"), "one", "two");
    book.write();

    assertThat(written(APP)).isEqualTo(Map.of("", day(null, 2, 0, 0), "one", day("one", 1, 1, 0), "two", day("two", 2, 0, 0)));
  }

  @Test
  void tagsThatSomebodyMakesUpMakeNoRows() {
    for (int i = 0; i < 3_000; i++) {
      pull(ALICE, digest("base"), "invented-" + i, "made-up-" + i);
    }
    book.write();

    assertThat(written(APP)).isEqualTo(Map.of("", day(null, 0, 3_000, 0)));
  }

  @Test
  void whatHoldsInOneRepositoryHoldsInNoOther() {
    house.image(LIB, tag("lib"), CONFIG);
    pull(ALICE, digest("base"), "lib");
    pulls.count(LIB, digest(CONFIG), ALICE.rights(), ImageRefs.parse(List.of(), List.of("one"), _ -> false), ONE);
    book.write();

    assertThat(written(APP)).containsOnlyKeys("").containsEntry("", day(null, 0, 1, 0));
    assertThat(written(LIB)).containsOnlyKeys("").containsEntry("", day(null, 0, 1, 0));
  }

  @Test
  void whoeverSaysWhateverEachRequestCountsOnceAndTagsGetWhatIsTheirs() {
    List<String> contents =
        Stream.of(HELD.values().stream().flatMap(Set::stream), Stream.of("nothing")).flatMap(all -> all).distinct().toList();
    List<String> tags = List.of("one", "two", "many", "invented", "other");
    Law.forAll(30, RandomGenerator::nextLong, seed -> {
      var random = new SplittableRandom(seed);
      var before = written(APP);
      var expected = new HashMap<>(before);
      for (int i = random.nextInt(60); i >= 0; i--) {
        Caller caller = random.nextBoolean() ? ALICE : some;
        String content = contents.get(random.nextInt(contents.size()));
        String[] claims = random.ints(random.nextInt(5), 0, tags.size()).distinct().mapToObj(tags::get).toArray(String[]::new);
        boolean byTag = random.nextInt(5) == 0;
        TagOrDigest name = byTag ? tag(tags.get(random.nextInt(3))) : digest(content);
        pull(caller, name, claims);
        expect(expected, caller, name, content, claims);
      }
      book.write();
      assertThat(written(APP)).isEqualTo(expected);
      assertThat(written(APP).keySet()).isSubsetOf("", "one", "two", "many");
    });
  }

  private void expect(Map<String, PullDay> expected, Caller caller, TagOrDigest name, String content, String... claims) {
    if (name instanceof Tag tag) {
      add(expected, day(tag.value(), 1, 0, 0));
      add(expected, day(null, 1, 0, 0));
      return;
    }
    boolean verified = false;
    for (String claim : claims) {
      boolean isTrue = HELD.containsKey(claim) && HELD.get(claim).contains(content) && caller.access(APP).may(Action.PULL, tag(claim));
      verified |= isTrue;
      if (HELD.containsKey(claim)) {
        add(expected, day(claim, isTrue ? 1 : 0, isTrue ? 0 : 1, 0));
      }
    }
    add(expected, verified ? day(null, 1, 0, 0) : claims.length > 0 ? day(null, 0, 1, 0) : day(null, 0, 0, 1));
  }

  private static void add(Map<String, PullDay> days, PullDay day) {
    days.merge(day.tag() == null ? "" : day.tag().value(), day, PullDay::plus);
  }

  @Test
  void whenATagWasPulledLastIsWhatIsKnownOfIt() {
    pulls.count(APP, tag("many"), ALICE.rights(), ImageRefs.NONE, PullCounts.NONE);
    pull(ALICE, digest("base"), "one");
    pull(ALICE, digest("secret"), "one");
    pull(some, digest("secret"), "two");
    book.write();

    var page = statistics.page(ALICE, APP, new Statistics.Span(null, LocalDate.EPOCH, EVER), null, 100);
    assertThat(page.lastPulls()).isEqualTo(Map.of(tag("one"), House.START));
    assertThat(page.days()).extracting(PullDay::tag).as("to look for a tag is no pull").doesNotContain(tag("many"));
    assertThat(statistics.page(ALICE, APP, new Statistics.Span(tag("many"), LocalDate.EPOCH, EVER), null, 100).lastPulls())
        .as("but the tag is in use").isEqualTo(Map.of(tag("many"), House.START));
  }

  @Test
  void pagesOfWhoMayPullSomeTagsGoOnBehindWhatIsNotTheirs() {
    for (int day = 0; day < 3; day++) {
      pull(ALICE, tag("many"));
      pull(ALICE, tag("one"));
      pull(ALICE, tag("two"));
      book.write();
      house.pass(Duration.ofDays(1));
    }
    var span = new Statistics.Span(null, LocalDate.EPOCH, EVER);
    Statistics.Page first = statistics.page(some, APP, span, null, 2);
    Statistics.Page second = statistics.page(some, APP, span, first.next(), 2);

    assertThat(first.days()).extracting(PullDay::tag).containsExactly(tag("one"), tag("one"));
    assertThat(second.days()).extracting(PullDay::tag).containsExactly(tag("one"));
    assertThat(second.next()).isNull();
    Statistics.Page all = statistics.page(ALICE, APP, new Statistics.Span(tag("two"), LocalDate.EPOCH, EVER), null, 2);
    assertThat(
        statistics.page(ALICE, APP, new Statistics.Span(tag("two"), LocalDate.EPOCH, EVER), Objects.requireNonNull(all.next()), 2).days())
        .hasSize(1);
  }

  /** A store of which some transactions fail, by their number. */
  private record Failing(MetadataStore store, AtomicInteger calls, Set<Integer> failures, RuntimeException failure)
      implements MetadataStore {

    private <T extends @Nullable Object> T call(Function<MetadataStore, T> call) {
      if (failures.contains(calls.getAndIncrement())) {
        throw failure;
      }
      return call.apply(store);
    }

    @Override
    public <T extends @Nullable Object> T read(Function<? super ReadTransaction, T> work) {
      return this.<T>call(all -> all.read(work));
    }

    @Override
    public <T extends @Nullable Object> T write(Function<? super WriteTransaction, T> work) {
      return this.<T>call(all -> all.write(work));
    }

    @Override
    public void close() {}
  }

  private PullBook failing(RuntimeException failure, Integer... calls) {
    return new PullBook(new Failing(house.metadata, new AtomicInteger(), Set.of(calls), failure), pulls);
  }

  @Test
  void whereverTheStoreFailsNothingIsLostAndNothingCountsTwice() {
    var failure = new MetadataException("on purpose", new IOException("Input/output error"));
    house.image(LIB, tag("lib"), CONFIG);
    for (int failed = 0; failed < 3; failed++) {
      Map<String, PullDay> before = written(APP);
      PullBook broken = failing(failure, failed);
      pull(ALICE, tag("one"));
      pull(ALICE, digest("base"), "one");
      pulls.count(LIB, digest(CONFIG), ALICE.rights(), ImageRefs.NONE, ONE);
      assertThatThrownBy(broken::write).isSameAs(failure);
      pull(ALICE, tag("one"));
      broken.write();

      var expected = new HashMap<>(before);
      add(expected, day("one", 3, 0, 0));
      add(expected, day(null, 3, 0, 0));
      assertThat(written(APP)).as("call " + failed + " fails").isEqualTo(expected);
      assertThat(written(LIB)).containsEntry("", day(null, 0, 0, failed + 1));
    }
    assertThat(pulls.dropped()).isZero();
  }

  @Test
  void whatCannotBeAttributedAtAllIsNotInTheWayOfTheRest() {
    house.image(LIB, tag("lib"), CONFIG);
    pull(ALICE, tag("one"));
    pulls.count(LIB, tag("lib"), ALICE.rights(), ImageRefs.NONE, ONE);
    failing(new IllegalStateException("on purpose"), 0).write();

    assertThat(written(APP)).isEmpty();
    assertThat(written(LIB)).containsOnlyKeys("", "lib");
    assertThat(pulls.dropped()).isEqualTo(1);
  }

  @Test
  void pullsFromARepositoryThatIsGoneAreForgotten() {
    pull(ALICE, tag("one"));
    house.metadata.write(tx -> tx.deleteRepository(APP, House.START));
    book.write();
    house.image(APP, tag("one"), CONFIG, "base");

    assertThat(written(APP)).isEmpty();
  }

  @Test
  void twoNodesAddUp() {
    var elsewhere = new Pulls(house.clock, 10);
    pull(ALICE, tag("one"));
    elsewhere.count(APP, tag("one"), ALICE.rights(), ImageRefs.NONE, ONE);
    book.write();
    new PullBook(house.metadata, elsewhere).write();

    assertThat(written(APP)).containsEntry("one", day("one", 2, 0, 0));
  }
}
