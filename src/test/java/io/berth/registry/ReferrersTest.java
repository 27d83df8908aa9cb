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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReferrersTest {

  private static final long NO_BOUND = Long.MAX_VALUE / 4;
  private static final String SUBJECT = "subject";

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

  private Referrers.Page list(MediaType type, long after, int limit, long maxBytes) {
    return house.referrers.list(APP, digest(SUBJECT), type, after, limit, maxBytes);
  }

  private static List<Digest> digests(List<Referrer> referrers) {
    return referrers.stream().map(referrer -> referrer.descriptor().digest()).toList();
  }

  @Test
  void whatNothingRefersToHasAnEmptyList() {
    assertThat(list(null, 0, 10, NO_BOUND)).isEqualTo(new Referrers.Page(List.of(), false));
    assertThat(house.referrers.list(LIB, digest(SUBJECT), null, 0, 10, NO_BOUND)).isEqualTo(new Referrers.Page(List.of(), false));
  }

  @Test
  void pagesOfEverySizeMakeUpTheWholeList() {
    var pushed = new ArrayList<Digest>();
    for (int i = 0; i < 40; i++) {
      pushed.add(push(i, 0));
    }
    for (int limit : new int[] {1, 2, 15, 16, 17, 39, 40, 41, 10_000}) {
      var seen = new ArrayList<Digest>();
      Referrers.Page page = list(null, 0, limit, NO_BOUND);
      while (page.more()) {
        assertThat(page.referrers()).hasSize(limit);
        seen.addAll(digests(page.referrers()));
        page = list(null, page.referrers().getLast().position(), limit, NO_BOUND);
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
    long after = 0;
    Referrers.Page page;
    do {
      page = list(null, after, 10_000, bound);
      assertThat(page.referrers()).isNotEmpty();
      assertThat(page.referrers().stream().mapToLong(referrer -> referrer.annotations().length()).sum()).isLessThanOrEqualTo(bound);
      seen.addAll(digests(page.referrers()));
      after = page.referrers().getLast().position();
    } while (page.more());
    assertThat(seen).isEqualTo(pushed);
  }

  @Test
  void anEntryThatIsLargerThanAPageIsGivenAlone() {
    Digest large = push(1, 100_000);
    Digest small = push(2, 0);

    Referrers.Page page = list(null, 0, 10, 1_000);
    assertThat(digests(page.referrers())).containsExactly(large);
    assertThat(page.more()).isTrue();
    assertThat(digests(list(null, page.referrers().getLast().position(), 10, 1_000).referrers())).containsExactly(small);
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
    Referrers.Page first = list(type, 0, 18, NO_BOUND);
    Referrers.Page second = list(type, first.referrers().getLast().position(), 18, NO_BOUND);

    assertThat(first.more()).isTrue();
    assertThat(second.more()).isFalse();
    assertThat(digests(first.referrers())).isEqualTo(expected.subList(0, 18));
    assertThat(digests(second.referrers())).isEqualTo(expected.subList(18, 20));
    assertThat(list(new MediaType("x/none"), 0, 18, NO_BOUND)).isEqualTo(new Referrers.Page(List.of(), false));
  }

  @Test
  void aDeletedReferrerIsListedNoMoreWhileTheSubjectMayGo() {
    Digest one = push(1, 0);
    Digest two = push(2, 0);
    house.manifests.delete(ALICE, APP, one, Precondition.NONE);

    assertThat(digests(list(null, 0, 10, NO_BOUND).referrers())).containsExactly(two);
  }

  @Test
  void aLimitOfZeroGivesAnEmptyPage() {
    push(1, 0);

    assertThat(list(null, 0, 0, NO_BOUND).referrers()).isEmpty();
  }
}
