package io.berth.metadata;

import static io.berth.oci.Documents.image;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.ReadTransaction.DueLink;
import io.berth.metadata.ReadTransaction.HeldBlob;
import io.berth.metadata.ReadTransaction.Orphan;
import io.berth.oci.Backlog;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.RepositoryName;
import io.berth.oci.RepositoryUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every metadata store keeps: how long a repository holds a blob, and which bytes may go. */
public abstract class LeaseContract extends StoreUnderTest {

  private static final Digest BLOB = digest("blob");
  private static final Instant SOON = NOW.plus(Duration.ofHours(1));
  private static final Instant EVER = NOW.plus(Duration.ofDays(365));

  private void link(RepositoryName repository, Digest blob, Instant until) {
    write(tx -> tx.linkBlob(repository, blob, 4, NOW, until));
  }

  private Instant until(RepositoryName repository, Digest blob) {
    return store.<HeldBlob>read(tx -> tx.heldBlob(repository, blob).orElseThrow()).until();
  }

  private List<Digest> orphans(Instant now) {
    return store.<List<Orphan>>read(tx -> tx.dueOrphans(now, 100)).stream().map(Orphan::blob).toList();
  }

  private boolean condemn(Digest blob, Instant now) {
    return store.write(tx -> tx.condemnBlob(blob, now, EVER));
  }

  private boolean isCondemned(Digest blob) {
    return store.read(tx -> tx.isCondemned(blob));
  }

  @Test
  void aLinkIsHeldUntilItsTime() {
    link(APP, BLOB, LATER);

    look(tx -> assertThat(tx.heldBlob(APP, BLOB)).contains(new HeldBlob(4, LATER)));
    look(tx -> assertThat(tx.heldBlob(LIB, BLOB)).isEmpty());
    look(tx -> assertThat(tx.dueLinks(LATER.minusMillis(1), 10)).isEmpty());
    look(tx -> assertThat(tx.dueLinks(LATER, 10)).containsExactly(new DueLink(APP, BLOB)));
  }

  @Test
  void linkingAgainRenewsTheLeaseAndNeverShortensIt() {
    link(APP, BLOB, SOON);
    link(APP, BLOB, LATER);
    assertThat(until(APP, BLOB)).isEqualTo(LATER);
    link(APP, BLOB, SOON);
    assertThat(until(APP, BLOB)).isEqualTo(LATER);
  }

  @Test
  void aLeaseIsRenewedInItsRepositoryOnly() {
    link(APP, BLOB, SOON);
    link(LIB, BLOB, SOON);

    write(tx -> tx.renewLease(APP, BLOB, LATER));
    assertThat(until(APP, BLOB)).isEqualTo(LATER);
    assertThat(until(LIB, BLOB)).isEqualTo(SOON);
    write(tx -> tx.renewLease(APP, BLOB, SOON));
    assertThat(until(APP, BLOB)).isEqualTo(LATER);

    write(tx -> tx.renewLease(APP, digest("unknown"), LATER));
    look(tx -> assertThat(tx.heldBlob(APP, digest("unknown"))).isEmpty());
  }

  @Test
  void whatAManifestNeedsIsHeldWithoutATime() {
    link(APP, BLOB, SOON);
    write(tx -> tx.endLease(APP, BLOB));

    assertThat(until(APP, BLOB)).isNull();
    look(tx -> assertThat(tx.dueLinks(EVER, 10)).isEmpty());
    link(APP, BLOB, LATER);
    write(tx -> tx.renewLease(APP, BLOB, LATER));
    assertThat(until(APP, BLOB)).as("neither a push nor a HEAD gives it a time").isNull();
  }

  @Test
  void dueLinksComeTheLongestDueFirst() {
    link(APP, digest("b"), NOW.plusSeconds(2));
    link(LIB, digest("c"), NOW.plusSeconds(3));
    link(APP, digest("a"), NOW.plusSeconds(1));

    look(tx -> assertThat(tx.dueLinks(LATER, 10)).containsExactly(new DueLink(APP, digest("a")), new DueLink(APP, digest("b")),
        new DueLink(LIB, digest("c"))));
    look(tx -> assertThat(tx.dueLinks(LATER, 1)).containsExactly(new DueLink(APP, digest("a"))));
  }

  @Test
  void whenAManifestGoesWhatItNeededIsLookedAtAndNothingElse() {
    String document = Documents.imageWith(",\"subject\":" + Documents.descriptor(Documents.MANIFEST, "subject"), "c", "l");
    for (String blob : List.of("c", "l", "subject", "stranger")) {
      for (RepositoryName repository : List.of(APP, LIB)) {
        link(repository, digest(blob), SOON);
        write(tx -> tx.endLease(repository, digest(blob)));
      }
    }
    link(APP, digest("l"), SOON);
    Digest manifest = put(APP, document);
    put(LIB, document);

    store.write(tx -> tx.deleteManifest(APP, manifest, LATER));

    assertThat(until(APP, digest("c"))).isEqualTo(LATER);
    assertThat(until(APP, digest("l"))).isEqualTo(LATER);
    assertThat(until(APP, digest("subject"))).isNull();
    assertThat(until(APP, digest("stranger"))).isNull();
    assertThat(until(LIB, digest("c"))).isNull();
  }

  @Test
  void aDeletedManifestLeavesNoLessTimeThanThereWas() {
    link(APP, digest("c"), SOON);
    link(APP, digest("l"), EVER);
    Digest manifest = put(APP, image("c", "l"));

    store.write(tx -> tx.deleteManifest(APP, manifest, LATER));

    assertThat(until(APP, digest("c"))).isEqualTo(LATER);
    assertThat(until(APP, digest("l"))).isEqualTo(EVER);
  }

  @Test
  void aManifestPushedAgainChangesNoLeases() {
    link(APP, digest("c"), SOON);
    link(APP, digest("l"), SOON);
    put(APP, image("c", "l"));
    write(tx -> tx.endLease(APP, digest("c")));

    put(APP, image("c", "l"));

    assertThat(until(APP, digest("c"))).isNull();
    assertThat(until(APP, digest("l"))).isEqualTo(SOON);
  }

  /** The same bytes under a media type whose form nobody knows need nothing. */
  @Test
  void whatAManifestNeedsNoMoreWhenItIsReadAsSomethingElseIsLookedAt() {
    String document = "{\"schemaVersion\":2,\"config\":" + Documents.descriptor("x/config", "c") + ",\"layers\":[]}";
    link(APP, digest("c"), SOON);
    store.write(tx -> put(tx, APP, MediaType.OCI_MANIFEST, document));
    write(tx -> tx.endLease(APP, digest("c")));

    MediaType unknown = new MediaType("application/vnd.example+json");
    store.write(tx -> put(tx, APP, document, new Manifest.Other(unknown, null, Map.of(), List.of(), List.of())));

    assertThat(until(APP, digest("c"))).isEqualTo(LATER);
  }

  @Test
  void whatNobodyHoldsMayGoWhenItsTimeHasCome() {
    link(APP, BLOB, LATER);
    assertThat(orphans(EVER)).isEmpty();
    store.write(tx -> tx.unlinkBlob(APP, BLOB, LATER));

    assertThat(orphans(LATER.minusMillis(1))).isEmpty();
    look(tx -> assertThat(tx.dueOrphans(LATER, 10)).containsExactly(new Orphan(BLOB, 4)));
    assertThat(condemn(BLOB, LATER.minusMillis(1))).isFalse();
    assertThat(isCondemned(BLOB)).isFalse();
    assertThat(condemn(BLOB, LATER)).isTrue();
    assertThat(isCondemned(BLOB)).isTrue();
    assertThat(condemn(BLOB, LATER)).as("again, after a crash").isTrue();
    assertThat(store.<Boolean>write(tx -> tx.deleteBlob(BLOB))).isTrue();
    assertThat(store.<Boolean>write(tx -> tx.deleteBlob(BLOB))).isFalse();
    assertThat(orphans(EVER)).isEmpty();
    assertThat(condemn(BLOB, EVER)).isFalse();
  }

  @Test
  void whatAnotherRepositoryHoldsIsNoOrphan() {
    link(APP, BLOB, LATER);
    link(LIB, BLOB, LATER);
    store.write(tx -> tx.unlinkBlob(APP, BLOB, SOON));

    assertThat(condemn(BLOB, SOON)).isFalse();
    assertThat(orphans(EVER)).as("it was looked at").isEmpty();
    store.write(tx -> tx.unlinkBlob(LIB, BLOB, SOON));
    assertThat(condemn(BLOB, SOON)).isTrue();
  }

  @Test
  void theLastDeletionSaysWhenTheBytesMayGo() {
    link(APP, BLOB, LATER);
    link(LIB, BLOB, LATER);
    store.write(tx -> tx.unlinkBlob(APP, BLOB, LATER));
    store.write(tx -> tx.unlinkBlob(LIB, BLOB, NOW));

    assertThat(orphans(LATER.minusMillis(1))).isEmpty();
    assertThat(orphans(LATER)).containsExactly(BLOB);
  }

  @Test
  void whatIsLinkedAgainIsNoOrphanAndNotCondemned() {
    link(APP, BLOB, LATER);
    store.write(tx -> tx.unlinkBlob(APP, BLOB, SOON));
    assertThat(condemn(BLOB, SOON)).isTrue();

    link(LIB, BLOB, EVER);

    assertThat(isCondemned(BLOB)).isFalse();
    assertThat(orphans(EVER)).isEmpty();
    assertThat(store.<Boolean>write(tx -> tx.deleteBlob(BLOB))).isFalse();
    look(tx -> assertThat(tx.blobSize(LIB, BLOB)).hasValue(4));
  }

  @Test
  void nothingThatIsNotCondemnedIsForgotten() {
    link(APP, BLOB, LATER);
    store.write(tx -> tx.unlinkBlob(APP, BLOB, SOON));

    assertThat(store.<Boolean>write(tx -> tx.deleteBlob(BLOB))).isFalse();
    assertThat(orphans(SOON)).containsExactly(BLOB);
  }

  @Test
  void anOrphanThatCouldNotBeRemovedIsTriedLater() {
    link(APP, BLOB, LATER);
    store.write(tx -> tx.unlinkBlob(APP, BLOB, SOON));
    assertThat(condemn(BLOB, SOON)).isTrue();

    write(tx -> tx.postponeOrphan(BLOB, LATER));

    assertThat(orphans(SOON)).isEmpty();
    assertThat(orphans(LATER)).containsExactly(BLOB);
    link(APP, BLOB, EVER);
    write(tx -> tx.postponeOrphan(BLOB, LATER));
    assertThat(orphans(EVER)).as("what is held is not tried at all").isEmpty();
  }

  @Test
  void bytesThatNeverBecameABlobAreAnOrphan() {
    write(tx -> tx.orphanBlob(BLOB, 9, NOW, SOON));
    look(tx -> assertThat(tx.dueOrphans(SOON, 10)).containsExactly(new Orphan(BLOB, 9)));

    link(APP, BLOB, LATER);
    look(tx -> assertThat(tx.blobSize(APP, BLOB)).as("what the push says").hasValue(4));
    write(tx -> tx.orphanBlob(BLOB, 9, NOW, SOON));
    assertThat(orphans(EVER)).as("a blob that is known").isEmpty();
  }

  @Test
  void aDeletedRepositoryLeavesItsBlobsAsOrphansButForThoseOfOthers() {
    link(APP, BLOB, LATER);
    link(APP, digest("shared"), LATER);
    link(LIB, digest("shared"), LATER);
    store.write(tx -> tx.deleteRepository(APP, SOON));

    look(tx -> assertThat(tx.backlog(SOON)).isEqualTo(new Backlog(1, 0, LATER, 1, 4, 1, 4, SOON)));
    assertThat(orphans(SOON.minusMillis(1))).isEmpty();
    assertThat(condemn(BLOB, SOON)).isTrue();
    assertThat(condemn(digest("shared"), SOON)).isFalse();
    look(tx -> assertThat(tx.blobSize(LIB, digest("shared"))).hasValue(4));
  }

  @Test
  void theBacklogIsWhatWaits() {
    look(tx -> assertThat(tx.backlog(NOW)).isEqualTo(new Backlog(0, 0, null, 0, 0, 0, 0, null)));
    link(APP, digest("needed"), SOON);
    write(tx -> tx.endLease(APP, digest("needed")));
    link(APP, digest("a"), SOON);
    link(APP, digest("b"), LATER);
    link(LIB, digest("gone"), LATER);
    link(LIB, digest("going"), LATER);
    store.write(tx -> tx.unlinkBlob(LIB, digest("gone"), SOON) && tx.unlinkBlob(LIB, digest("going"), LATER));

    look(tx -> assertThat(tx.backlog(NOW)).isEqualTo(new Backlog(2, 0, SOON, 2, 8, 0, 0, SOON)));
    look(tx -> assertThat(tx.backlog(SOON)).isEqualTo(new Backlog(2, 1, SOON, 2, 8, 1, 4, SOON)));
  }

  @Test
  void everythingWaitsStillAfterReopening() {
    link(APP, BLOB, SOON);
    link(APP, digest("gone"), SOON);
    store.write(tx -> tx.unlinkBlob(APP, digest("gone"), SOON));
    assertThat(condemn(digest("gone"), SOON)).isTrue();

    reopen();

    assertThat(until(APP, BLOB)).isEqualTo(SOON);
    assertThat(isCondemned(digest("gone"))).isTrue();
    assertThat(orphans(SOON)).containsExactly(digest("gone"));
  }

  @Test
  void whatIsTakenAwayByWorkThatThrowsIsNotTakenAway() {
    link(APP, BLOB, LATER);
    try {
      write(tx -> {
        tx.unlinkBlob(APP, BLOB, SOON);
        throw new IllegalStateException("enough");
      });
    } catch (IllegalStateException expected) {
      assertThat(expected).hasMessage("enough");
    }

    assertThat(until(APP, BLOB)).isEqualTo(LATER);
    assertThat(orphans(EVER)).isEmpty();
  }

  /** Removals of the last links at the same time leave an orphan, whoever was first; with a link that is made meanwhile, they do not. */
  @Test
  void noOrphanIsForgottenAndNoneIsMadeOfWhatIsHeld() throws Exception {
    for (int i = 0; i < 40; i++) {
      Digest blob = digest("blob" + i);
      RepositoryName third = RepositoryName.parse("third");
      boolean relinks = i % 2 == 0;
      link(APP, blob, LATER);
      link(LIB, blob, LATER);
      inThreads(3, number -> {
        switch (number) {
          case 0 -> store.write(tx -> tx.unlinkBlob(APP, blob, NOW));
          case 1 -> store.write(tx -> tx.deleteRepository(LIB, NOW));
          default -> {
            if (relinks) {
              link(third, blob, LATER);
            }
          }
        }
      });

      assertThat(condemn(blob, NOW)).as("condemned, the %d. time", i).isEqualTo(!relinks);
      assertThat(orphans(EVER).contains(blob)).isEqualTo(!relinks);
    }
  }

  /** A blob is condemned while others link and unlink it: in the end it is condemned, or held, or an orphan that waits, but never forgotten. */
  @Test
  void condemningRacesWithLinksAndRemovals() throws Exception {
    for (int i = 0; i < 40; i++) {
      Digest blob = digest("race" + i);
      link(APP, blob, LATER);
      link(LIB, blob, LATER);
      store.write(tx -> tx.unlinkBlob(APP, blob, NOW));
      inThreads(4, number -> {
        switch (number) {
          case 0 -> link(APP, blob, LATER);
          case 1 -> store.write(tx -> tx.unlinkBlob(LIB, blob, NOW));
          case 2 -> condemn(blob, NOW);
          default -> store.write(tx -> tx.unlinkBlob(APP, blob, NOW));
        }
      });

      boolean held = store.read(tx -> tx.heldBlob(APP, blob).isPresent());
      assertThat(condemn(blob, NOW)).as("condemned, the %d. time", i).isEqualTo(!held);
      assertThat(isCondemned(blob)).isEqualTo(!held);
    }
  }

  @Test
  void usageCountsWhatARepositoryHoldsAndWhatNoOtherDoes() {
    look(tx -> assertThat(tx.usage(APP)).isEmpty());
    look(tx -> assertThat(tx.unsharedBytes(APP)).isZero());
    String document = image("c", "own", "shared");
    link(LIB, digest("shared"), LATER);
    for (String blob : List.of("c", "own", "shared")) {
      link(APP, digest(blob), LATER);
    }
    Digest manifest = put(APP, document);
    change(APP, "v1", manifest, NOW);
    change(APP, "v2", manifest, NOW);
    change(APP, "v2", null, NOW);
    long manifestBytes = Documents.bytes(document).length;

    look(tx -> assertThat(tx.usage(APP)).contains(new RepositoryUsage(1, 1, 3, manifestBytes + 12)));
    look(tx -> assertThat(tx.unsharedBytes(APP)).isEqualTo(manifestBytes + 8));
    look(tx -> assertThat(tx.usage(LIB)).contains(new RepositoryUsage(0, 0, 1, 4)));
    look(tx -> assertThat(tx.unsharedBytes(LIB)).isEqualTo(0));
    store.write(tx -> tx.unlinkBlob(LIB, digest("shared"), LATER));
    look(tx -> assertThat(tx.usage(APP)).contains(new RepositoryUsage(1, 1, 3, manifestBytes + 12)));
    look(tx -> assertThat(tx.unsharedBytes(APP)).isEqualTo(manifestBytes + 12));
    look(tx -> assertThat(tx.usage(LIB)).contains(new RepositoryUsage(0, 0, 0, 0)));
    look(tx -> assertThat(tx.unsharedBytes(LIB)).isEqualTo(0));
  }
}
