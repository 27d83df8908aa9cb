package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.Edge;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RegistryException.Problem;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.PlatformPattern;
import io.berth.policy.SparseRules;
import io.berth.policy.SparseTerms;
import io.berth.policy.SparseTerms.Children;
import io.berth.registry.Copies.Copied;
import io.berth.registry.Copies.Order;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pushes and copies of what is not whole, under rules that allow it and rules that do not. */
final class SparsePushesTest {

  private static final SparseRules NONE = new SparseRules(List.of(), SparseTerms.NOTHING);
  private static final String AMD = Documents.image("{}", "amd");
  private static final String ARM = Documents.image("{}", "arm");
  private static final String INDEX = Documents.indexOf(entry(AMD, "linux", "amd64") + "," + entry(ARM, "linux", "arm64"), "");
  private static final Copies.Memory ENOUGH = _ -> () -> {
  };

  @TempDir private Path folder;
  private House house;

  @BeforeEach
  void open() {
    house = new House(folder);
  }

  @AfterEach
  void close() {
    house.close();
  }

  static String entry(String image, String os, String architecture) {
    return Documents.descriptor(Documents.MANIFEST, image,
        ",\"platform\":{\"os\":\"%s\",\"architecture\":\"%s\"}".formatted(os, architecture));
  }

  private List<Digest> lacking(SparseRules rules, RepositoryName repository, String document) {
    return house.manifests(rules).put(ALICE, repository, Documents.digest(document), List.of(), null, Precondition.NONE,
        Documents.bytes(document)).absent().stream().map(Edge::target).map(target -> target.digest()).toList();
  }

  private RegistryException refusal(SparseRules rules, String document) {
    return House.caught(() -> lacking(rules, APP, document));
  }

  private static SparseRules requiring(String platform) {
    return new SparseRules(List.of(), new SparseTerms(new Children.Of(Set.of(PlatformPattern.parse(platform))), true));
  }

  @Test
  void whatAnAcceptedManifestLacksIsToldOnceForEachThing() {
    assertThat(lacking(NONE, APP, Documents.image("{}", "a", "b", "a"))).containsExactly(Documents.digest("{}"), Documents.digest("a"),
        Documents.digest("b"));
    house.blob(APP, "a");
    assertThat(lacking(NONE, APP, Documents.image("{}", "a", "b", "a"))).containsExactly(Documents.digest("{}"), Documents.digest("b"));
  }

  @Test
  void layersThatMayNotBeDistributedAndSubjectsAreNeverMissed() {
    String image = "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s],\"subject\":%s}".formatted(Documents.MANIFEST,
        Documents.descriptor(Documents.CONFIG, "{}"), Documents.descriptor(Documents.FOREIGN_LAYER, "foreign"),
        Documents.descriptor(Documents.MANIFEST, "nowhere"));
    assertThat(lacking(NONE, APP, image)).containsExactly(Documents.digest("{}"));
    house.blob(APP, "{}");
    assertThat(lacking(SparseRules.DEFAULT, APP, image)).isEmpty();
  }

  @Test
  void anIndexIsTakenWhenThePlatformsAreThereThatMustBe() {
    assertThat(refusal(requiring("linux/amd64"), INDEX).problems()).extracting(Problem::detail)
        .containsExactly(Documents.digest(AMD) + " for linux/amd64");
    house.image(APP, Documents.digest(AMD), "{}", "amd");
    assertThat(lacking(requiring("linux/amd64"), APP, INDEX)).containsExactly(Documents.digest(ARM));
    assertThat(lacking(requiring("linux/s390x"), APP, INDEX)).containsExactly(Documents.digest(ARM));
  }

  @Test
  void whatOneRequiresAndAnotherEntryDoesNotIsRequired() {
    String twice = Documents.indexOf(entry(AMD, "linux", "riscv64") + "," + entry(AMD, "linux", "amd64"), "");
    assertThat(refusal(requiring("linux/amd64"), twice).problems()).extracting(Problem::detail)
        .containsExactly(Documents.digest(AMD) + " for linux/amd64");
  }

  @Test
  void aThousandThingsMayBeMissingAndNoMoreIsLookedAt() {
    String thousand = Documents.index(texts(1_000));
    String more = Documents.index(texts(1_500));

    assertThat(lacking(NONE, APP, thousand)).hasSize(1_000);
    assertThat(refusal(NONE, more).problems()).singleElement().satisfies(problem -> {
      assertThat(problem.code()).isEqualTo(ErrorCode.MANIFEST_BLOB_UNKNOWN);
      assertThat(problem.message()).contains("500 more things");
    });
    assertThat(refusal(SparseRules.DEFAULT, more).problems()).hasSize(1_001).last()
        .satisfies(problem -> assertThat(problem.message()).contains("500 more things"));
  }

  private static String[] texts(int count) {
    return IntStream.range(0, count).mapToObj(i -> "absent " + i).toArray(String[]::new);
  }

  @Test
  void aPlatformThatIsMadeToFillALogIsCutInWords() {
    String hostile = Documents.indexOf(entry(AMD, "linux", "x".repeat(100_000)), "");
    assertThat(refusal(SparseRules.DEFAULT, hostile).problems()).singleElement()
        .satisfies(problem -> assertThat(problem.detail()).hasSizeLessThan(300));
  }

  private Copied copy(SparseRules rules, Tag... tags) {
    house.sparseRules.set(rules);
    return house.copies(100).copy(ALICE, LIB, new Order(APP, Documents.digest(INDEX), List.of(tags), true), ENOUGH);
  }

  @Test
  void aCopyBringsWhatThereIsAndSaysWhatIsMissing() {
    house.image(APP, Documents.digest(AMD), "{}", "amd");
    lacking(NONE, APP, INDEX);

    Copied copied = copy(requiring("linux/amd64"), tag("1.0"));

    assertThat(copied.complete()).isTrue();
    assertThat(copied.absent()).extracting(edge -> edge.target().digest()).containsExactly(Documents.digest(ARM));
    assertThat(house.manifests.get(ALICE, LIB, tag("1.0")).digest()).isEqualTo(Documents.digest(INDEX));
    assertThat(copy(requiring("linux/amd64")).absent()).as("when it is there already").isEqualTo(copied.absent());

    house.image(APP, Documents.digest(ARM), "{}", "arm");
    assertThat(copy(SparseRules.DEFAULT, tag("1.0")).absent()).isEmpty();
    assertThat(house.manifests.get(ALICE, LIB, Documents.digest(ARM)).digest()).isEqualTo(Documents.digest(ARM));
  }

  @Test
  void aCopyToWhereMoreMustBeThereIsRefusedAndNamesIt() {
    house.image(APP, Documents.digest(AMD), "{}", "amd");
    lacking(NONE, APP, INDEX);

    for (SparseRules rules : List.of(SparseRules.DEFAULT, requiring("linux/arm64"))) {
      assertThat(House.caught(() -> copy(rules, tag("1.0"))).problems()).extracting(Problem::code, Problem::detail)
          .containsExactly(tuple(ErrorCode.MANIFEST_BLOB_UNKNOWN, Documents.digest(ARM) + " for linux/arm64"));
    }
    copy(NONE);
    assertThat(House.caught(() -> copy(SparseRules.DEFAULT, tag("1.0"))).problems().stream().map(Problem::detail)
        .collect(Collectors.toSet())).as("also when a former copy brought the rest").containsExactly(Documents.digest(ARM).toString());
    assertThat(house.metadata.<List<Tag>>read(tx -> tx.tags(LIB, "", 10))).isEmpty();
  }
}
