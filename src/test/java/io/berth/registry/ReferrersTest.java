package io.berth.registry;

import static io.berth.oci.Documents.digest;
import static io.berth.oci.Documents.imageWith;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.MediaType;
import io.berth.oci.Referrer;
import io.berth.oci.Referrer.Place;
import io.berth.oci.ReferrerFilter;
import io.berth.registry.Referrers.Asked;
import io.berth.registry.Referrers.Data;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReferrersTest {

  private static final long NO_BOUND = Long.MAX_VALUE / 4;
  private static final String SUBJECT = "subject";
  private static final Referrers.Page EMPTY = new Referrers.Page(List.of(), Map.of(), List.of(), null);

  @TempDir Path folder;

  private House house;

  @BeforeEach
  void begin() {
    house = new House(folder);
    house.blob(APP, "config");
  }

  @AfterEach
  void end() {
    house.close();
  }

  private Digest push(int number, int annotationBytes) {
    return house.put(APP, imageWith(",\"artifactType\":\"x/t%d\",\"annotations\":{\"a\":\"%s\"},\"subject\":%s".formatted(number % 3,
        number + "x".repeat(annotationBytes), Documents.descriptor(Documents.MANIFEST, SUBJECT)), "config"));
  }

  private Referrers.Page list(@Nullable MediaType type, Place after, int limit, long maxBytes) {
    return list(ReferrerFilter.SUBJECT.withArtifactTypes(type == null ? Set.of() : Set.of(type)), Data.NONE, after, limit, maxBytes);
  }

  private Referrers.Page list(ReferrerFilter filter, Data data, Place after, int limit, long maxBytes) {
    return house.referrers.list(ALICE, APP, digest(SUBJECT), new Asked(filter, data, after, limit, maxBytes));
  }

  private static boolean more(Referrers.Page page) {
    return page.next() != null;
  }

  private static List<Digest> digests(List<Referrer> referrers) {
    return referrers.stream().map(referrer -> referrer.descriptor().digest()).toList();
  }

  @Test
  void whatNothingRefersToHasAnEmptyList() {
    assertThat(list(null, Place.START, 10, NO_BOUND)).isEqualTo(EMPTY);
    assertThat(house.referrers.list(ALICE, LIB, digest(SUBJECT), new Asked(ReferrerFilter.SUBJECT, Data.NONE, Place.START, 10, NO_BOUND)))
        .isEqualTo(EMPTY);
  }

  @Test
  void pagesOfEverySizeMakeUpTheWholeList() {
    var pushed = new ArrayList<Digest>();
    for (int i = 0; i < 40; i++) {
      pushed.add(push(i, 0));
    }
    for (int limit : new int[] {1, 2, 15, 16, 17, 39, 40, 41, 10_000}) {
      var seen = new ArrayList<Digest>();
      Referrers.Page page = list(null, Place.START, limit, NO_BOUND);
      while (more(page)) {
        assertThat(page.referrers()).hasSize(limit);
        seen.addAll(digests(page.referrers()));
        page = list(null, page.referrers().getLast().place(), limit, NO_BOUND);
      }
      seen.addAll(digests(page.referrers()));
      assertThat(seen).isEqualTo(pushed);
    }
  }

  @Test
  void aPageOfLargeAnnotationsIsBounded() {
    var pushed = new ArrayList<Digest>();
    for (int i = 0; i < 30; i++) {
      pushed.add(push(i, i % 4 == 0 ? 90_000 : 10));
    }
    int bound = 400_000;
    var seen = new ArrayList<Digest>();
    Place after = Place.START;
    Referrers.Page page;
    do {
      page = list(null, after, 10_000, bound);
      assertThat(page.referrers()).isNotEmpty();
      assertThat(page.referrers().stream().mapToLong(referrer -> referrer.annotations().length()).sum()).isLessThanOrEqualTo(bound);
      seen.addAll(digests(page.referrers()));
      after = page.referrers().getLast().place();
    } while (more(page));
    assertThat(seen).isEqualTo(pushed);
  }

  @Test
  void anEntryThatIsLargerThanAPageIsGivenAlone() {
    Digest large = push(1, 100_000);
    Digest small = push(2, 0);

    Referrers.Page page = list(null, Place.START, 10, 1_000);
    assertThat(digests(page.referrers())).containsExactly(large);
    assertThat(more(page)).isTrue();
    assertThat(digests(list(null, page.referrers().getLast().place(), 10, 1_000).referrers())).containsExactly(small);
  }

  @Test
  void theFilterHoldsOverPages() {
    var expected = new ArrayList<Digest>();
    for (int i = 0; i < 60; i++) {
      Digest digest = push(i, 0);
      if (i % 3 == 1) {
        expected.add(digest);
      }
    }
    MediaType type = new MediaType("x/t1");
    Referrers.Page first = list(type, Place.START, 18, NO_BOUND);
    Referrers.Page second = list(type, first.referrers().getLast().place(), 18, NO_BOUND);

    assertThat(more(first)).isTrue();
    assertThat(more(second)).isFalse();
    assertThat(digests(first.referrers())).isEqualTo(expected.subList(0, 18));
    assertThat(digests(second.referrers())).isEqualTo(expected.subList(18, 20));
    assertThat(list(new MediaType("x/none"), Place.START, 18, NO_BOUND)).isEqualTo(EMPTY);
  }

  @Test
  void aDeletedReferrerIsListedNoMoreWhileTheSubjectMayGo() {
    Digest one = push(1, 0);
    Digest two = push(2, 0);
    house.manifests.delete(ALICE, APP, one, Precondition.NONE);

    assertThat(digests(list(null, Place.START, 10, NO_BOUND).referrers())).containsExactly(two);
  }

  @Test
  void aLimitOfZeroGivesAnEmptyPage() {
    push(1, 0);

    assertThat(list(null, Place.START, 0, NO_BOUND).referrers()).isEmpty();
  }

  private static ReferrerFilter annotated(String key, String value) {
    return new ReferrerFilter(ReferrerFilter.KINDS, Set.of(), Set.of(), List.of(new ReferrerFilter.Annotation(key, value)));
  }

  @Test
  void aPageThatLookedAtManyInVainSaysWhereToGoOn() {
    for (int i = 0; i < 1_100; i++) {
      push(i, 0);
    }
    Digest wanted = house.put(APP,
        Documents.indexOf("", ",\"annotations\":{\"a\":\"b\"},\"reference\":" + Documents.descriptor(Documents.MANIFEST, SUBJECT)));

    Referrers.Page first = list(annotated("a", "b"), Data.NONE, Place.START, 10, NO_BOUND);
    assertThat(first.referrers()).isEmpty();
    assertThat(more(first)).isTrue();
    Referrers.Page second = list(annotated("a", "b"), Data.NONE, first.next(), 10, NO_BOUND);
    assertThat(digests(second.referrers())).containsExactly(wanted);
    assertThat(more(second)).isFalse();
  }

  @Test
  void pagesWithContentAreBoundedAndMakeUpTheWholeList() {
    var pushed = new ArrayList<Digest>();
    for (int i = 0; i < 20; i++) {
      pushed.add(push(i, 10_000));
    }
    Digest large = push(20, 70_000);
    pushed.add(large);
    int bound = 200_000;
    var seen = new ArrayList<Digest>();
    Place after = Place.START;
    Referrers.Page page;
    do {
      page = list(ReferrerFilter.SUBJECT, Data.MANIFESTS, after, 1_000, bound);
      assertThat(page.manifests().values().stream().mapToLong(bytes -> bytes.length * 4L / 3).sum()).isLessThan(bound);
      page.manifests().forEach((digest, bytes) -> assertThat(digest.algorithm().of(bytes)).isEqualTo(digest));
      assertThat(page.manifests().keySet()).isEqualTo(
          Set.copyOf(digests(page.referrers()).stream().filter(digest -> !digest.equals(large)).toList()));
      seen.addAll(digests(page.referrers()));
      after = page.next();
    } while (after != null);
    assertThat(seen).isEqualTo(pushed);
  }

  @Test
  void layersGoAlongEachOnceWhileTheyAreSmallAndThere() {
    house.blob(APP, "shared");
    house.blob(APP, "x".repeat(70_000));
    house.blob(APP, "gone");
    String subject = ",\"subject\":" + Documents.descriptor(Documents.MANIFEST, SUBJECT);
    house.put(APP, imageWith(subject, "config", "shared", "x".repeat(70_000), "gone"));
    house.put(APP, imageWith(subject + ",\"annotations\":{}", "config", "shared", "shared"));
    house.storage.delete(digest("gone"));

    Referrers.Page page = list(ReferrerFilter.SUBJECT, Data.BLOBS, Place.START, 10, NO_BOUND);
    assertThat(page.referrers()).hasSize(2);
    assertThat(page.blobs()).singleElement().satisfies(blob -> {
      assertThat(blob.descriptor().digest()).isEqualTo(digest("shared"));
      assertThat(blob.bytes()).isEqualTo(Documents.bytes("shared"));
    });
    assertThat(list(ReferrerFilter.SUBJECT, Data.MANIFESTS, Place.START, 10, NO_BOUND).blobs()).isEmpty();
  }

  @Test
  void theLayersOfOneManifestAreBounded() {
    String[] layers = new String[10];
    for (int i = 0; i < layers.length; i++) {
      layers[i] = i + "y".repeat(60_000);
      house.blob(APP, layers[i]);
    }
    house.put(APP, imageWith(",\"subject\":" + Documents.descriptor(Documents.MANIFEST, SUBJECT), "config", layers));

    assertThat(list(ReferrerFilter.SUBJECT, Data.BLOBS, Place.START, 10, NO_BOUND).blobs()).hasSize(4);
  }
}
