package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.tag;
import static io.berth.registry.SparsePushesTest.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.MediaType;
import io.berth.oci.RepositoryName;
import io.berth.policy.Action;
import io.berth.policy.DeletionRules;
import io.berth.policy.SparseRules;
import io.berth.policy.SparseTerms;
import io.berth.registry.Completeness.News;
import io.berth.registry.Completeness.Partial;
import io.berth.registry.Completeness.Report;
import io.berth.registry.Completeness.Summary;
import io.berth.registry.Copies.Order;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What there is of a manifest, and how that changes by itself whichever way content comes and goes. */
final class CompletenessTest {

  private static final String AMD = Documents.image("{}", "base", "amd");
  private static final String ARM = Documents.image("{}", "base", "arm");
  private static final String INDEX = Documents.indexOf(entry(AMD, "linux", "amd64") + "," + entry(ARM, "linux", "arm64"), "");

  @TempDir private Path folder;
  private House house;
  private Completeness completeness;

  @BeforeEach
  void open() {
    house = new House(folder, new DeletionRules(true, true));
    completeness = new Completeness(house.metadata);
  }

  @AfterEach
  void close() {
    house.close();
  }

  private Digest put(RepositoryName repository, String document) {
    return house.manifests(new SparseRules(List.of(), SparseTerms.NOTHING)).put(ALICE, repository, Documents.digest(document), List.of(),
        null, Precondition.NONE, Documents.bytes(document)).digest();
  }

  private Report report(String document) {
    return completeness.of(ALICE, APP, Documents.digest(document));
  }

  private static List<Digest> missing(Report report) {
    return report.absences().stream().map(absence -> absence.edge().target().digest()).toList();
  }

  @Test
  void aManifestOfManyPagesCountsForAsManyManifests() {
    String[] layers = IntStream.range(0, 1_200).mapToObj(_ -> "base").toArray(String[]::new);
    String wide = Documents.image("{}", layers);
    house.image(APP, tag("wide"), "{}", layers);

    assertThat(whole(wide, 3)).isTrue();
    assertThat(whole(wide, 2)).as("it can't be found out any more").isNull();
  }

  private @Nullable Boolean whole(String document, int manifests) {
    return house.metadata.<@Nullable Boolean>read(
        tx -> new Wholeness(tx, Reach.of(tx, ALICE, APP), APP, manifests).isWhole(Documents.digest(document)));
  }

  @Test
  void aPlatformIsPresentWhenAllOfItIs() {
    put(APP, INDEX);
    assertThat(report(INDEX).absent()).containsExactly("linux/amd64", "linux/arm64");
    put(APP, AMD);
    assertThat(report(INDEX).present()).as("its layers are missing").isEmpty();
    assertThat(missing(report(INDEX))).containsExactlyInAnyOrder(Documents.digest(ARM), Documents.digest("{}"), Documents.digest("base"),
        Documents.digest("amd"));
    house.image(APP, tag("amd"), "{}", "base", "amd");

    Report report = report(INDEX);
    assertThat(report.whole()).isFalse();
    assertThat(report.present()).containsExactly("linux/amd64");
    assertThat(report.absent()).containsExactly("linux/arm64");
    assertThat(missing(report)).containsExactly(Documents.digest(ARM));
  }

  @Test
  void whatSeveralNeedIsNamedOnceAndMissedByAllOfThem() {
    put(APP, AMD);
    put(APP, ARM);
    put(APP, INDEX);
    house.blob(APP, "{}");
    house.blob(APP, "amd");
    house.blob(APP, "arm");

    assertThat(missing(report(INDEX))).containsExactly(Documents.digest("base"));
    assertThat(report(INDEX).absent()).containsExactly("linux/amd64", "linux/arm64");
  }

  @Test
  void whatAnIndexListsIsLookedAtHoweverDeepItLies() {
    String nested = INDEX;
    put(APP, nested);
    for (int depth = 0; depth < 200; depth++) {
      nested = Documents.indexOf(Documents.descriptor(Documents.INDEX, nested), "");
      put(APP, nested);
    }
    assertThat(report(nested).whole()).isFalse();
    assertThat(report(nested).truncated()).isFalse();
    house.image(APP, tag("amd"), "{}", "base", "amd");
    house.image(APP, tag("arm"), "{}", "base", "arm");
    assertThat(report(nested).whole()).isTrue();
  }

  @Test
  void neitherLayersThatMayNotBeDistributedNorWhatIsOnlySpokenOfIsMissed() {
    String image = "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s],\"subject\":%s}".formatted(Documents.MANIFEST,
        Documents.descriptor(Documents.CONFIG, "{}"), Documents.descriptor(Documents.FOREIGN_LAYER, "foreign"),
        Documents.descriptor(Documents.MANIFEST, "nowhere"));
    house.blob(APP, "{}");
    put(APP, image);
    assertThat(report(image).whole()).isTrue();
  }

  @Test
  void whatIsTooMuchToLookAtIsNotSaidToBeWhole() {
    List<String> images = IntStream.range(0, Completeness.MANIFESTS).mapToObj(i -> Documents.image("{}", "layer " + i)).toList();
    house.putAll(APP, images);
    String index = Documents.index(images.toArray(String[]::new));
    house.putAll(APP, List.of(index));
    IntStream.range(0, Completeness.MANIFESTS).forEach(i -> house.blob(APP, "layer " + i));
    house.blob(APP, "{}");

    assertThat(report(index).truncated()).as("the index and a thousand images are more than a thousand").isTrue();
    assertThat(report(index).whole()).isFalse();
    assertThat(missing(report(index))).isEmpty();
  }

  @Test
  void ofWhatIsMissingAThousandThingsAreNamed() {
    String index = Documents.index(IntStream.range(0, Completeness.NAMED + 1).mapToObj(i -> "absent " + i).toArray(String[]::new));
    house.putAll(APP, List.of(index));

    assertThat(missing(report(index))).hasSize(Completeness.NAMED);
    assertThat(report(index).truncated()).isTrue();
  }

  private List<News> news(RepositoryName repository) {
    return completeness.behind(ALICE, repository, 0, 100).news();
  }

  private String told(RepositoryName repository) {
    return news(repository).stream().map(one -> (one.present() ? "+" : "-") + name(one.content())).collect(Collectors.joining(" "));
  }

  private static String name(Digest digest) {
    return List.of("{}", "base", "amd", "arm", AMD, ARM, INDEX).stream().filter(text -> Documents.digest(text).equals(digest))
        .map(text -> text.equals(AMD) ? "AMD" : text.equals(ARM) ? "ARM" : text).findFirst().orElseThrow();
  }

  @Test
  void whicheverWayContentComesAndGoesIsNews() {
    house.image(LIB, tag("arm"), "{}", "base", "arm");
    put(APP, INDEX);
    assertThat(told(APP)).isEmpty();
    house.image(APP, tag("amd"), "{}", "base", "amd");
    house.copies(100).copy(ALICE, APP, new Order(LIB, tag("arm"), List.of(), true), _ -> () -> {
    });
    assertThat(told(APP)).as("a push and a copy").isEqualTo("+AMD +ARM");
    assertThat(report(INDEX).whole()).isTrue();

    house.blobs.delete(ALICE, APP, Documents.digest("arm"));
    assertThat(report(INDEX).absent()).containsExactly("linux/arm64");
    assertThat(house.mounts().mount(ALICE, APP, Documents.digest("arm"), LIB)).isTrue();
    house.manifests.delete(ALICE, APP, Documents.digest(AMD), Precondition.NONE);
    assertThat(told(APP)).as("a deletion, a mount and another deletion").isEqualTo("+AMD +ARM -arm +arm -AMD");
    assertThat(news(APP).getLast().holders()).singleElement().satisfies(holder -> {
      assertThat(holder.digest()).isEqualTo(Documents.digest(INDEX));
      assertThat(holder.whole()).isFalse();
    });
    assertThat(told(LIB)).isEmpty();
  }

  @Test
  void whatOneMayNotReadIsNeitherThereNorNews() {
    put(APP, INDEX);
    house.manifests.put(ALICE, APP, tag("release-1"), List.of(), null, Precondition.NONE, Documents.bytes(image("other")));
    house.image(APP, tag("dev-1"), "{}", "base", "amd");
    Caller reader = ReachTest.who("bob", "release-*", Action.PULL);

    assertThat(House.refusal(() -> completeness.of(reader, APP, Documents.digest(INDEX)))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    assertThat(completeness.behind(reader, APP, 0, 10).news()).isEmpty();
    assertThat(completeness.behind(ALICE, APP, 0, 10).news()).hasSize(1);
    assertThat(completeness.came(APP, 0, 10)).as("to who follows, too").singleElement().satisfies(came -> {
      assertThat(completeness.news(reader, APP, came)).isEmpty();
      assertThat(completeness.news(ALICE, APP, came)).get().isEqualTo(completeness.behind(ALICE, APP, 0, 10).news().getFirst());
    });
    assertThat(House.refusal(() -> completeness.behind(House.STRANGER, APP, 0, 10))).containsExactly(ErrorCode.NAME_UNKNOWN);
  }

  private String image(String layer) {
    house.blob(APP, "{}");
    house.blob(APP, layer);
    return Documents.image("{}", layer);
  }

  /** He named something that he can't read: that it comes is nothing to him, and nothing to whom he shows his index. */
  @Test
  void whatSomeoneHasListedThatHeCouldNotReadStaysMissingToReaders() {
    Caller maker = ReachTest.who("carol", "release-*", Action.PULL, Action.CREATE);
    house.image(APP, tag("dev-1"), "{}", "base", "amd");
    house.manifests(new SparseRules(List.of(), SparseTerms.NOTHING)).put(maker, APP, tag("release-1"), List.of(), null, Precondition.NONE,
        Documents.bytes(INDEX));
    Caller reader = ReachTest.who("bob", "release-*", Action.PULL);

    assertThat(completeness.of(reader, APP, tag("release-1")).present()).isEmpty();
    assertThat(completeness.of(reader, APP, tag("release-1")).absent()).containsExactly("linux/amd64", "linux/arm64");
    house.image(APP, tag("dev-2"), "{}", "base", "arm");
    assertThat(completeness.of(reader, APP, tag("release-1")).present()).isEmpty();
    assertThat(completeness.behind(reader, APP, 0, 10).news()).isEmpty();
    assertThat(completeness.of(ALICE, APP, tag("release-1")).whole()).isTrue();
    for (String image : List.of(AMD, ARM, Documents.image("absent"))) {
      assertThat(House.refusal(() -> house.manifests.get(reader, APP, Documents.digest(image))))
          .containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    }
    assertThat(House.caught(() -> house.manifests.get(reader, APP, Documents.digest(AMD))).getMessage())
        .as("what is there is said to be missing in the words for what is not")
        .isEqualTo("index " + Documents.digest(INDEX)
            + " lists this manifest for linux/amd64, and this registry does not hold it; of that index it holds no platform");
  }

  private Digest tagged(String document, String... tags) {
    return house.manifests(new SparseRules(List.of(), SparseTerms.NOTHING)).put(ALICE, APP, Documents.digest(document),
        Stream.of(tags).map(House::tag).toList(), null, Precondition.NONE, Documents.bytes(document)).digest();
  }

  private static Partial partial(String document, String... tags) {
    var manifest = new Descriptor(MediaType.OCI_INDEX, Documents.digest(document), document.length(), null);
    return new Partial(manifest, Stream.of(tags).map(House::tag).toList());
  }

  @Test
  void aSummaryNamesWhatIsNotWholeOfWhatTagsPointAt() {
    house.image(APP, tag("amd"), "{}", "base", "amd");
    assertThat(completeness.summary(ALICE, APP)).isEqualTo(new Summary(true, false, List.of()));
    tagged(INDEX, "1.0", "latest");
    put(APP, ARM);
    put(APP, Documents.index(ARM));
    assertThat(completeness.summary(ALICE, APP).partial()).hasSize(1).first().satisfies(one -> {
      assertThat(one.manifest()).isEqualTo(partial(INDEX).manifest());
      assertThat(one.tags()).as("and not what no tag points at").containsExactlyInAnyOrder(tag("1.0"), tag("latest"));
    });
    house.blob(APP, "arm");

    assertThat(completeness.summary(ALICE, APP)).as("whichever way it came").isEqualTo(new Summary(true, false, List.of()));
  }

  @Test
  void aSummaryIsAboutTheNewestTagsAndSaysSo() {
    tagged(INDEX, "1.0");
    for (int i = 1; i < Completeness.NEWEST; i++) {
      house.image(APP, tag("amd-" + i), "{}", "base", "amd");
    }
    assertThat(completeness.summary(ALICE, APP)).isEqualTo(new Summary(false, false, List.of(partial(INDEX, "1.0"))));
    house.image(APP, tag("newest"), "{}", "base", "amd");

    assertThat(completeness.summary(ALICE, APP)).as("nothing is missing as far as one sees").isEqualTo(new Summary(false, true, List.of()));
  }

  @Test
  void whatTakesTooLongToLookAtIsNotSaidToBeMissingAnything() {
    String large = Documents.indexOf(IntStream.range(0, Completeness.SUMMED).mapToObj(i -> {
      String image = Documents.image("{}", "layer " + i);
      house.image(APP, Documents.digest(image), "{}", "layer " + i);
      return Documents.descriptor(Documents.MANIFEST, image);
    }).collect(Collectors.joining(",")), "");
    tagged(large, "large");

    assertThat(completeness.summary(ALICE, APP)).isEqualTo(new Summary(false, true, List.of()));
  }

  @Test
  void whoReadsSomeTagsIsToldOfThoseAlone() {
    Caller bob = ReachTest.who("bob", "1.*", Action.PULL);
    house.image(APP, tag("2.0"), "{}", "base", "amd");
    tagged(INDEX, "1.0");
    String secret = Documents.indexOf(entry(Documents.image("{}", "other"), "linux", "s390x"), "");
    tagged(secret, "2.1");

    assertThat(completeness.summary(bob, APP)).isEqualTo(new Summary(false, false, List.of(partial(INDEX, "1.0"))));
    assertThat(completeness.summary(ALICE, APP).partial()).containsExactly(partial(secret, "2.1"), partial(INDEX, "1.0"));
  }

  @Test
  void whoReadsSomeTagsIsToldOfThemHoweverManyAreNewerUpToALimit() {
    Caller bob = ReachTest.who("bob", "1.*", Action.PULL);
    tagged(INDEX, "1.0");
    String[] others = IntStream.range(0, 50).mapToObj(i -> "2." + i).toArray(String[]::new);
    house.image(APP, tag("amd"), "{}", "base", "amd");
    tagged(AMD, others);
    assertThat(completeness.summary(bob, APP)).isEqualTo(new Summary(false, false, List.of(partial(INDEX, "1.0"))));
    for (int more = 1; more < 5; more++) {
      int from = 50 * more;
      tagged(AMD, IntStream.range(from, from + 50).mapToObj(i -> "2." + i).toArray(String[]::new));
    }

    assertThat(completeness.summary(bob, APP)).isEqualTo(new Summary(false, true, List.of()));
  }
}
