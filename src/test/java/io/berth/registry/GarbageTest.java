package io.berth.registry;

import static io.berth.oci.Documents.image;
import static io.berth.oci.Documents.index;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.GRACE;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.START;
import static io.berth.registry.House.body;
import static io.berth.registry.House.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Backlog;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.RepositoryName;
import io.berth.registry.Garbage.Work;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes, what stays, and when; {@link GarbageRacesTest} has many at once, {@link InterruptedGarbageTest} failures and crashes. */
final class GarbageTest {

  private static final Duration HALF = GRACE.dividedBy(2);
  private static final Duration MOMENT = Duration.ofMillis(1);

  @TempDir Path folder;

  private House house;

  @BeforeEach
  void begin() {
    house = new House(folder);
  }

  @AfterEach
  void end() {
    house.close();
  }

  private boolean isUnknown(RepositoryName repository, Digest blob) {
    return refusal(() -> house.blobs.size(ALICE, repository, blob)).equals(List.of(ErrorCode.BLOB_UNKNOWN));
  }

  @Test
  void aBlobThatNoManifestNeedsGoesAfterAGrace() {
    Digest blob = house.blob(APP, "blob");
    house.pass(GRACE.minus(MOMENT));
    assertThat(house.collect()).isEqualTo(Work.NONE);
    assertThat(house.isStored(blob)).isTrue();

    house.pass(MOMENT);
    assertThat(house.collect()).isEqualTo(new Work(0, 0, 1, 1, 4, 0, false));

    assertThat(house.isStored(blob)).isFalse();
    assertThat(isUnknown(APP, blob)).isTrue();
    assertThat(house.garbage.backlog()).isEqualTo(new Backlog(0, 0, null, 0, 0, 0, 0, null));
    assertThat(house.garbage.total()).isEqualTo(new Work(0, 0, 1, 1, 4, 0, false));
  }

  @Test
  void whatAManifestNeedsStaysAndIsNotLookedAtAgain() {
    Digest manifest = house.image(APP, House.tag("v1"), "c", "l");
    house.pass(GRACE);
    assertThat(house.collect()).isEqualTo(new Work(0, 2, 0, 0, 0, 0, false));

    house.pass(GRACE.multipliedBy(100));
    assertThat(house.collect()).isEqualTo(Work.NONE);
    assertThat(house.isStored(Documents.digest("c"))).isTrue();
    assertThat(house.manifests.get(ALICE, APP, manifest).digest()).isEqualTo(manifest);
  }

  @Test
  void anUntaggedManifestKeepsWhatItNeeds() {
    house.image(APP, House.tag("v1"), "c", "l");
    house.tags.change(ALICE, APP, new Tags.Operation(House.tag("v1"), new TagProposal.Gone(), Precondition.NONE));
    house.pass(GRACE.multipliedBy(100));

    assertThat(house.collect()).isEqualTo(new Work(0, 2, 0, 0, 0, 0, false));
  }

  @Test
  void whatADeletedManifestNeededGoesAGraceAfterTheDeletion() {
    Digest manifest = house.image(APP, House.tag("v1"), "c", "shared");
    house.image(APP, House.tag("v2"), "d", "shared");
    house.pass(GRACE);
    house.collect();
    house.manifests.delete(ALICE, APP, manifest, Precondition.NONE);

    house.pass(GRACE.minus(MOMENT));
    assertThat(house.collect()).isEqualTo(Work.NONE);
    house.pass(MOMENT);
    assertThat(house.collect()).isEqualTo(new Work(0, 1, 1, 1, 1, 0, false));
    assertThat(house.isStored(Documents.digest("c"))).isFalse();
    assertThat(house.isStored(Documents.digest("shared"))).isTrue();
  }

  @Test
  void blobsThatAnIndexNamesAsEntriesStay() {
    house.blob(APP, "cache");
    house.put(APP, index("cache"));
    house.pass(GRACE);

    assertThat(house.collect()).isEqualTo(new Work(0, 1, 0, 0, 0, 0, false));
  }

  @Test
  void whatAManifestOfAnUnknownTypeMentionsStaysAsLongAsTheManifest() {
    Digest blob = house.blob(APP, "blob");
    Digest manifest = house.put(APP, "{\"mediaType\":\"application/vnd.example.bundle+json\",\"blobs\":[{\"digest\":\"" + blob + "\"}]}");
    house.pass(GRACE);
    house.collect();
    house.pass(GRACE);
    house.collect();
    assertThat(house.isStored(blob)).isTrue();
    assertThat(refusal(() -> house.blobs.delete(ALICE, APP, blob))).containsExactly(ErrorCode.UNSUPPORTED);

    house.manifests.delete(ALICE, APP, manifest, Precondition.NONE);
    house.pass(GRACE);
    house.collect();
    house.collect();

    assertThat(house.isStored(blob)).isFalse();
  }

  @Test
  void aPushedBlobHoldsForAGraceAgainWhenItIsPushedAgain() {
    Digest blob = house.blob(APP, "blob");
    house.pass(GRACE.minus(MOMENT));
    house.blob(APP, "blob");
    house.pass(GRACE.minus(MOMENT));
    assertThat(house.collect()).isEqualTo(Work.NONE);
    assertThat(house.isStored(blob)).isTrue();
  }

  /** A client that saw it there has half a grace to push the manifest. */
  @Test
  void whoIsToldThatItIsThereMayRelyOnItForHalfAGrace() {
    Digest blob = house.blob(APP, "c");
    for (int i = 0; i < 10; i++) {
      house.pass(HALF.minus(MOMENT));
      house.collect();
      assertThat(house.blobs.size(ALICE, APP, blob)).isEqualTo(1);
    }
    house.pass(HALF.minus(MOMENT));
    house.collect();
    house.put(APP, image("c"));
    house.pass(GRACE);
    house.collect();
    assertThat(house.isStored(blob)).isTrue();
  }

  @Test
  void whatAnotherRepositoryHoldsGoesFromTheFirstAlone() {
    Digest blob = house.blob(APP, "c");
    house.pass(HALF);
    assertThat(house.mounts().mount(ALICE, LIB, blob, APP)).isTrue();
    house.put(LIB, image("c"));

    house.pass(HALF);
    assertThat(house.collect()).isEqualTo(new Work(0, 0, 1, 0, 0, 0, false));
    assertThat(isUnknown(APP, blob)).isTrue();
    house.pass(GRACE);
    house.collect();
    assertThat(house.isStored(blob)).isTrue();
    assertThat(house.blobs.size(ALICE, LIB, blob)).isEqualTo(1);
  }

  @Test
  void bytesGoAGraceAfterAClientDeletedTheBlob() {
    Digest blob = house.blob(APP, "blob");
    house.pass(GRACE.minus(MOMENT));
    house.blobs.delete(ALICE, APP, blob);

    house.pass(GRACE.minus(MOMENT));
    assertThat(house.collect()).isEqualTo(Work.NONE);
    assertThat(house.isStored(blob)).isTrue();
    assertThat(house.garbage.backlog())
        .isEqualTo(new Backlog(0, 0, null, 1, 4, 0, 0, START.plus(GRACE).plus(GRACE).minus(MOMENT)));
    house.pass(MOMENT);
    assertThat(house.collect()).isEqualTo(new Work(0, 0, 0, 1, 4, 0, false));
    assertThat(house.isStored(blob)).isFalse();
  }

  @Test
  void bytesGoAGraceAfterTheirRepositoryButForThoseThatOthersHold() {
    house.image(APP, House.tag("v1"), "c", "shared");
    house.image(LIB, House.tag("v1"), "d", "shared");
    house.repositories.delete(ALICE, APP);
    house.pass(GRACE.minus(MOMENT));
    assertThat(house.collect()).isEqualTo(Work.NONE);
    house.pass(MOMENT);

    assertThat(house.collect()).isEqualTo(new Work(0, 2, 0, 1, 1, 0, false));
    assertThat(house.isStored(Documents.digest("c"))).isFalse();
    assertThat(house.isStored(Documents.digest("shared"))).isTrue();
  }

  @Test
  void aBlobThatIsPushedAgainAfterItsDeletionStays() {
    Digest blob = house.blob(APP, "blob");
    house.blobs.delete(ALICE, APP, blob);
    house.pass(GRACE.minus(MOMENT));
    house.blob(LIB, "blob");
    house.pass(MOMENT);

    assertThat(house.collect()).isEqualTo(Work.NONE);
    assertThat(house.isStored(blob)).isTrue();
    assertThat(house.blobs.size(ALICE, LIB, blob)).isEqualTo(4);
  }

  @Test
  void equalBytesUnderTwoAlgorithmsGoEachOnItsOwn() {
    Digest sha256 = house.blob(APP, "blob");
    Digest sha512 = Digest.Algorithm.SHA512.of(Documents.bytes("blob"));
    house.pass(HALF);
    house.uploads.push(ALICE, APP, sha512, body("blob"));
    house.pass(HALF);

    assertThat(house.collect()).isEqualTo(new Work(0, 0, 1, 1, 4, 0, false));
    assertThat(house.isStored(sha256)).isFalse();
    assertThat(house.isStored(sha512)).isTrue();
  }

  @Test
  void aStepDoesABoundedPartAndSaysThatThereIsMore() {
    for (int i = 0; i < 501; i++) {
      house.blob(APP, "blob" + i);
    }
    house.pass(GRACE);

    Work first = house.garbage.step();
    assertThat(first.expired()).isEqualTo(500);
    assertThat(first.more()).isTrue();
    Work rest = house.collect();
    assertThat(first.and(rest).blobs()).isEqualTo(501);
    assertThat(rest.more()).isFalse();
  }

  // clocks

  @Test
  void nothingGoesEarlyWhenTheClockIsPutBack() {
    Digest blob = house.blob(APP, "blob");
    turn(now -> now.minus(Duration.ofDays(9)));
    house.pass(GRACE);
    assertThat(house.collect()).isEqualTo(Work.NONE);
    house.pass(Duration.ofDays(9));
    house.collect();
    assertThat(house.isStored(blob)).isFalse();
  }

  @Test
  void afterTheClockWasPutForwardThoseWhoAreInTheMiddleOfAPushHaveAnHour() {
    Digest blob = house.blob(APP, "c");
    house.collect();
    turn(now -> now.plus(GRACE.multipliedBy(2)));

    assertThat(house.collect()).isEqualTo(Work.NONE);
    assertThat(house.garbage.rest()).contains(Duration.ofHours(1));
    house.pass(Duration.ofHours(1).minus(MOMENT));
    assertThat(house.collect()).isEqualTo(Work.NONE);
    assertThat(house.blobs.size(ALICE, APP, blob)).as("and renews the lease").isEqualTo(1);
    house.pass(MOMENT);
    assertThat(house.garbage.rest()).isEmpty();
    assertThat(house.collect()).isEqualTo(Work.NONE);
    house.pass(GRACE);
    assertThat(house.collect().blobs()).isEqualTo(1);
  }

  @Test
  void aClockThatIsAdjustedALittleStopsNothing() {
    house.blob(APP, "blob");
    house.pass(GRACE);
    turn(now -> now.plusSeconds(60));

    assertThat(house.collect().blobs()).isEqualTo(1);
  }

  private Garbage started() {
    return house.freshGarbage(house.storage);
  }

  @Test
  void afterItWasAwayForLongerThanARestartTakesItRestsToo() {
    Digest blob = house.blob(APP, "c");
    house.collect();
    house.pass(GRACE);

    Garbage next = started();
    assertThat(next.step()).isEqualTo(Work.NONE);
    assertThat(next.rest()).contains(Duration.ofHours(1));
    assertThat(house.blobs.size(ALICE, APP, blob)).as("and renews the lease").isEqualTo(1);
    house.pass(Duration.ofHours(1));
    assertThat(next.rest()).isEmpty();
    assertThat(next.step()).isEqualTo(Work.NONE);
    assertThat(house.isStored(blob)).isTrue();
  }

  @Test
  void aRestartEndsNoRest() {
    Digest blob = house.blob(APP, "blob");
    house.collect();
    turn(now -> now.plus(GRACE));
    assertThat(house.collect()).isEqualTo(Work.NONE);
    house.garbage.leave();

    assertThat(started().step()).isEqualTo(Work.NONE);
    assertThat(house.isStored(blob)).isTrue();
  }

  @Test
  void aRestartMakesNone() {
    house.blob(APP, "blob");
    house.pass(GRACE.minus(Duration.ofMinutes(10)));
    house.garbage.leave();
    house.pass(Duration.ofMinutes(10));

    assertThat(started().rest()).isEmpty();
    assertThat(started().step().blobs()).isEqualTo(1);
  }

  private void turn(UnaryOperator<Instant> clock) {
    house.now.updateAndGet(clock);
  }

  @Test
  void promisesOfAReadOnlyRegistryAreKeptAfterwards() {
    Digest blob = house.blob(APP, "c");
    house.pass(GRACE.minus(MOMENT));
    house.mode.readOnly(true);
    assertThat(house.blobs.size(ALICE, APP, blob)).isEqualTo(1);
    house.mode.readOnly(false);

    house.pass(HALF.minus(MOMENT));
    assertThat(house.collect()).isEqualTo(Work.NONE);
    house.pass(MOMENT);
    assertThat(house.collect().expired()).isEqualTo(1);
  }

  /** As links from before there were leases have it. */
  @Test
  void whatIsFromBeforeThereWasACollectorStaysUntilSomebodyTouchesIt() {
    Digest needed = house.blob(APP, "c");
    house.put(APP, image("c"));
    Digest unneeded = house.blob(APP, "blob");
    house.metadata.write(tx -> {
      tx.endLease(APP, needed);
      tx.endLease(APP, unneeded);
      return needed;
    });

    assertThat(house.blobs.size(ALICE, APP, unneeded)).isEqualTo(4); // which renews nothing
    house.pass(GRACE.multipliedBy(2));
    assertThat(house.collect()).isEqualTo(Work.NONE);
    assertThat(house.isStored(unneeded)).isTrue();

    house.blobs.delete(ALICE, APP, unneeded);
    house.pass(GRACE);
    assertThat(house.collect()).isEqualTo(new Work(0, 0, 0, 1, 4, 0, false));
  }
}
