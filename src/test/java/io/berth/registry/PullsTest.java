package io.berth.registry;

import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ImageRefs;
import io.berth.oci.PullCounts;
import io.berth.oci.Tag;
import io.berth.policy.Action;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.registry.Pulls.Counted;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pulls as they are counted in memory. */
@Timeout(60)
final class PullsTest {

  private static final Digest LAYER = Documents.digest("layer");
  private static final Rights ANYTHING = Rights.open(new Identity.User("alice"));
  private static final PullCounts ONE = new PullCounts(0, 1, 100);

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-01T23:59:59.999Z"));

  private Pulls pulls(int capacity) {
    return new Pulls(now::get, capacity);
  }

  private static ImageRefs refs(String... tags) {
    return ImageRefs.parse(List.of(), List.of(tags), _ -> false);
  }

  private static void count(Pulls pulls, String content) {
    pulls.count(APP, Documents.digest(content), ANYTHING, ImageRefs.NONE, ONE);
  }

  @Test
  void theSameThingIsCountedTogether() {
    Pulls pulls = pulls(10);
    for (int i = 0; i < 3; i++) {
      count(pulls, "layer");
    }
    pulls.count(LIB, LAYER, ANYTHING, ImageRefs.NONE, ONE);

    assertThat(pulls.waiting()).isEqualTo(2);
    assertThat(pulls.drain()).extracting(Counted::counts).containsExactlyInAnyOrder(new PullCounts(0, 3, 300), ONE);
    assertThat(pulls.waiting()).isZero();
    assertThat(pulls.drain()).isEmpty();
  }

  @Test
  void aDayEndsAtMidnightOfUtc() {
    Pulls pulls = pulls(10);
    count(pulls, "layer");
    now.set(Instant.parse("2026-03-02T00:00:00Z"));
    count(pulls, "layer");

    assertThat(pulls.drain()).extracting(Counted::day).containsExactlyInAnyOrder(LocalDate.of(2026, 3, 1), LocalDate.of(2026, 3, 2));
  }

  @Test
  void whatAClientSaysOfATagIsNotedWithWhetherItMayPullIt() {
    Pulls pulls = pulls(10);
    pulls.count(APP, LAYER, ReachTest.who("bob", "release-*", Action.PULL).rights(), refs("release-1", "latest"), ONE);

    assertThat(pulls.drain()).singleElement().satisfies(counted -> assertThat(counted.about().claims())
        .containsExactly(new Pulls.Claim(new Tag("release-1"), true), new Pulls.Claim(new Tag("latest"), false)));
  }

  @Test
  void whoAsksForATagNeedsToSayNothingAndWhatHeSaysDoesNotCount() {
    Pulls pulls = pulls(10);
    pulls.count(APP, new Tag("1.0"), ANYTHING, refs("2.0"), ONE);
    pulls.count(APP, new Tag("1.0"), ANYTHING, ImageRefs.NONE, ONE);

    assertThat(pulls.drain()).singleElement().satisfies(counted -> assertThat(counted.about().claims()).isEmpty());
  }

  @Test
  void aFewTagsCountForOneRequest() {
    Pulls pulls = pulls(10);
    pulls.count(APP, LAYER, ANYTHING, refs(IntStream.range(0, 16).mapToObj(i -> "t" + i).toArray(String[]::new)), ONE);

    assertThat(pulls.drain()).singleElement().satisfies(counted -> assertThat(counted.about().claims()).hasSize(Pulls.CLAIMS));
  }

  @Test
  void whenItIsFullNewThingsAreLeftOutAndCountedWhileOthersGoOn() {
    Pulls pulls = pulls(3);
    for (int i = 0; i < 10; i++) {
      count(pulls, "layer " + i);
    }
    count(pulls, "layer 0");

    assertThat(pulls.dropped()).isEqualTo(7);
    assertThat(pulls.waiting()).isEqualTo(3);
    assertThat(pulls.drain()).extracting(Counted::counts).containsExactlyInAnyOrder(new PullCounts(0, 2, 200), ONE, ONE);
    count(pulls, "layer 9");
    assertThat(pulls.waiting()).isEqualTo(1);
  }

  @Test
  void somebodyIsToldBeforeItIsFull() {
    Pulls pulls = pulls(4);
    var told = new AtomicInteger();
    pulls.whenHalfFull(told::incrementAndGet);
    count(pulls, "layer 1");
    assertThat(told).hasValue(0);
    count(pulls, "layer 2");
    assertThat(told).hasValue(1);
    count(pulls, "layer 2");
    assertThat(told).as("nothing new").hasValue(1);
  }

  @Test
  void whatIsPutBackIsAddedToWhatCameSince() {
    Pulls pulls = pulls(10);
    count(pulls, "layer");
    List<Counted> taken = pulls.drain();
    count(pulls, "layer");
    pulls.restore(taken);

    assertThat(pulls.drain()).extracting(Counted::counts).containsExactly(new PullCounts(0, 2, 200));
  }

  @Test
  void nothingIsLostThatIsCountedWhileOthersTakeItOut() throws Exception {
    Pulls pulls = pulls(1_000);
    var over = new AtomicBoolean();
    var taken = new ArrayList<Counted>();
    House.inThreads(5, thread -> {
      if (thread == 0) {
        while (!over.get()) {
          taken.addAll(pulls.drain());
        }
      } else {
        for (int i = 0; i < 50_000; i++) {
          count(pulls, "layer " + i % 7);
        }
        if (thread == 1) {
          over.set(true);
        }
      }
    });
    taken.addAll(pulls.drain());

    assertThat(taken.stream().mapToLong(counted -> counted.counts().blobs()).sum()).isEqualTo(200_000);
    assertThat(taken.stream().mapToLong(counted -> counted.counts().bytes()).sum()).isEqualTo(20_000_000);
    assertThat(pulls.dropped()).isZero();
    assertThat(pulls.waiting()).isZero();
  }
}
