package io.berth.registry;

import static io.berth.oci.Documents.digest;
import static io.berth.oci.Documents.image;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.NOBODY;
import static io.berth.registry.House.caught;
import static io.berth.registry.House.refusal;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.RepositoryName;
import io.berth.policy.Access;
import io.berth.policy.DeletionRules;
import io.berth.storage.Staged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs, mounts and repositories, and what may be deleted. */
final class BlobsTest {

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

  @Test
  void aBlobIsReadByTheRepositoryThatHoldsItAndByNoOther() throws IOException {
    Digest digest = house.blob(APP, "content");

    try (BlobContent content = house.blobs.open(ALICE, APP, digest)) {
      assertThat(content.size()).isEqualTo(7);
    }
    var elsewhere = caught(() -> house.blobs.size(ALICE, LIB, digest));
    var nowhere = caught(() -> house.blobs.size(ALICE, LIB, digest("never pushed")));
    assertThat(elsewhere.problems().getFirst().code()).isEqualTo(ErrorCode.BLOB_UNKNOWN);
    assertThat(elsewhere.getMessage()).isEqualTo(nowhere.getMessage());
    assertThat(refusal(() -> house.blobs.open(ALICE, LIB, digest))).containsExactly(ErrorCode.BLOB_UNKNOWN);
    assertThat(refusal(() -> house.blobs.delete(ALICE, LIB, digest))).containsExactly(ErrorCode.BLOB_UNKNOWN);
  }

  @Test
  void aBlobWhoseBytesAreMissingOrOfAnotherSizeIsNotServed() throws IOException {
    Digest missing = house.blob(APP, "missing");
    Digest damaged = house.blob(APP, "damaged");
    house.storage.delete(missing);
    try (Staged staged = house.storage.stage("damage")) {
      staged.append(ByteBuffer.wrap(new byte[3]));
      house.storage.commit(staged, damaged);
    }

    assertThat(refusal(() -> house.blobs.open(ALICE, APP, missing))).containsExactly(ErrorCode.BLOB_UNKNOWN);
    assertThat(refusal(() -> house.blobs.open(ALICE, APP, damaged))).containsExactly(ErrorCode.BLOB_UNKNOWN);
    house.blob(APP, "missing");
    house.blobs.open(ALICE, APP, missing).close();
  }

  @Test
  void aDeletedBlobIsGoneFromOneRepositoryOnly() throws IOException {
    Digest digest = house.blob(APP, "content");
    house.blob(LIB, "content");

    house.blobs.delete(ALICE, APP, digest);

    assertThat(refusal(() -> house.blobs.size(ALICE, APP, digest))).containsExactly(ErrorCode.BLOB_UNKNOWN);
    assertThat(refusal(() -> house.blobs.delete(ALICE, APP, digest))).containsExactly(ErrorCode.BLOB_UNKNOWN);
    house.blobs.open(ALICE, LIB, digest).close();
    house.blob(LIB, "content");
    assertThat(refusal(() -> house.blobs.size(ALICE, APP, digest))).containsExactly(ErrorCode.BLOB_UNKNOWN);
  }

  @Test
  void aBlobThatAManifestNeedsIsNotDeleted() {
    Digest manifest = house.image(APP, tag("v1"), "config", "layer");

    for (String needed : List.of("config", "layer")) {
      var refused = caught(() -> house.blobs.delete(ALICE, APP, digest(needed)));
      assertThat(refused.status()).isEqualTo(405);
      assertThat(refused).hasMessageContaining(manifest.toString());
      assertThat(house.blobs.size(ALICE, APP, digest(needed))).isEqualTo(needed.length());
    }
    house.manifests.delete(ALICE, APP, manifest, Precondition.NONE);
    house.blobs.delete(ALICE, APP, digest("layer"));
    house.blobs.delete(ALICE, APP, digest("config"));
  }

  @Test
  void aBlobThatIsOnlyASubjectMayBeDeleted() {
    house.blob(APP, "config");
    house.blob(APP, "subject");
    house.put(APP, Documents.about("subject", "x/y", "config"));

    house.blobs.delete(ALICE, APP, digest("subject"));
  }

  @Test
  void neededBlobsMayBeDeletedWhereTheOperatorAllowsIt() {
    house.close();
    house = new House(folder, new DeletionRules(true, true));
    house.image(APP, tag("v1"), "config");

    house.blobs.delete(ALICE, APP, digest("config"));
    assertThat(house.manifests.get(ALICE, APP, tag("v1")).digest()).isEqualTo(digest(image("config")));
  }

  @Test
  void switchedOffDeletionRefusesEveryEffectWhateverTheRoute() {
    Digest manifest = house.image(APP, tag("v1"), "config");
    Digest loose = house.blob(APP, "loose");
    house.close();
    house = new House(folder, new DeletionRules(false, true));

    List<Runnable> effects =
        List.of(() -> house.blobs.delete(ALICE, APP, loose), () -> house.manifests.delete(ALICE, APP, manifest, Precondition.NONE),
            () -> house.manifests.delete(ALICE, APP, tag("v1"), Precondition.NONE),
            () -> house.tags.change(ALICE, APP, new Tags.Operation(tag("v1"), new TagProposal.Gone(), Precondition.NONE)),
            () -> house.repositories.delete(ALICE, APP), () -> house.repositories.delete(ALICE, RepositoryName.parse("no/such")));
    for (Runnable effect : effects) {
      var refused = caught(effect);
      assertThat(refused.status()).isEqualTo(405);
      assertThat(refused.problems().getFirst().code()).isEqualTo(ErrorCode.UNSUPPORTED);
    }
    assertThat(house.blobs.size(ALICE, APP, loose)).isEqualTo(5);
    assertThat(house.manifests.get(ALICE, APP, tag("v1")).digest()).isEqualTo(manifest);
  }

  @Test
  void aBlobIsMountedFromARepositoryThatTheCallerMayRead() throws IOException {
    Digest digest = house.blob(APP, "content");

    assertThat(house.mounts().mount(ALICE, LIB, digest, APP)).isTrue();
    house.blobs.open(ALICE, LIB, digest).close();
    assertThat(house.mounts().mount(NOBODY, RepositoryName.parse("a"), digest, LIB)).isTrue();
    assertThat(house.mounts().mount(NOBODY, APP, digest, APP)).isTrue();
  }

  @Test
  void aMountOfWhatIsNotThereOrNotReadableOrNotNamedMountsNothing() {
    Digest digest = house.blob(APP, "content");

    assertThat(house.mounts().mount(House.STRANGER, LIB, digest, APP)).as("unreadable").isFalse();
    assertThat(house.mounts().mount(ALICE, LIB, digest, null)).as("no origin").isFalse();
    assertThat(house.mounts().mount(ALICE, LIB, digest, RepositoryName.parse("no/such"))).as("no such origin").isFalse();
    assertThat(house.mounts().mount(ALICE, LIB, digest("absent"), APP)).as("no such blob").isFalse();
    assertThat(house.repositories.list(ALICE, "", 10).repositories()).containsExactly(APP);
    assertThat(refusal(() -> house.blobs.size(ALICE, LIB, digest))).containsExactly(ErrorCode.BLOB_UNKNOWN);
  }

  @Test
  void aManifestIsNoBlobToMount() {
    Digest manifest = house.image(APP, tag("v1"), "config");

    assertThat(house.mounts().mount(ALICE, LIB, manifest, APP)).isFalse();
  }

  @Test
  void aDeletedRepositoryIsForgottenWithItsCachedManifests() {
    Digest digest = house.image(APP, tag("v1"), "config");
    house.image(LIB, tag("v1"), "config");
    house.manifests.get(ALICE, APP, tag("v1"));
    house.manifests.get(ALICE, APP, digest);

    house.repositories.delete(ALICE, APP);

    assertThat(house.manifests.cached(Access.ALL, APP, tag("v1"))).isNull();
    assertThat(refusal(() -> house.manifests.get(ALICE, APP, tag("v1")))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    assertThat(refusal(() -> house.manifests.get(ALICE, APP, digest))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    assertThat(refusal(() -> house.tagLists.names(ALICE, APP, "", 10).tags())).containsExactly(ErrorCode.NAME_UNKNOWN);
    assertThat(refusal(() -> house.repositories.delete(ALICE, APP))).containsExactly(ErrorCode.NAME_UNKNOWN);
    assertThat(house.repositories.list(ALICE, "", 10).repositories()).containsExactly(LIB);
    assertThat(house.manifests.get(ALICE, LIB, tag("v1")).digest()).isEqualTo(digest);
  }

  @Test
  void tagsAreListedInPagesAndAnUnknownRepositoryIsAnError() {
    for (String tag : List.of("b", "A", "a", "1")) {
      house.image(APP, tag(tag), "config");
    }
    house.blob(LIB, "only a blob");

    assertThat(house.tagLists.names(ALICE, APP, "", 3).tags()).extracting(Object::toString).containsExactly("1", "A", "a");
    assertThat(house.tagLists.names(ALICE, APP, "Z", 3).tags()).extracting(Object::toString).containsExactly("a", "b");
    assertThat(house.tagLists.names(ALICE, APP, "", 0).tags()).isEmpty();
    assertThat(house.tagLists.names(ALICE, LIB, "", 10).tags()).isEmpty();
    assertThat(refusal(() -> house.tagLists.names(ALICE, RepositoryName.parse("no/such"), "", 10))).containsExactly(ErrorCode.NAME_UNKNOWN);
  }
}
