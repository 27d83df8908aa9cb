package io.berth.registry;

import static io.berth.oci.Documents.bytes;
import static io.berth.oci.Documents.descriptor;
import static io.berth.oci.Documents.digest;
import static io.berth.oci.Documents.image;
import static io.berth.oci.Documents.index;
import static io.berth.oci.Documents.indexOf;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.BOB;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.START;
import static io.berth.registry.House.caught;
import static io.berth.registry.House.refusal;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Author;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.Referrer;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.RegistryException.Problem;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagEvent;
import io.berth.policy.Access;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pushing, pulling and deleting manifests. */
final class ManifestsTest {

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

  private Descriptor target(Digest manifest) {
    return new Descriptor(MediaType.OCI_MANIFEST, manifest, house.manifests.get(ALICE, APP, manifest).bytes().length, null);
  }

  private List<TagEvent> history(RepositoryName repository, String tag) {
    return house.metadata.read(tx -> tx.history(repository, tag(tag), 100));
  }

  private List<Tag> tags(RepositoryName repository) {
    return house.tagLists.names(ALICE, repository, "", 100).tags();
  }

  private byte[] get(String tag) {
    return house.manifests.get(ALICE, APP, tag(tag)).bytes();
  }

  @Test
  void aManifestIsPulledByTagAndByDigestByteForByte() {
    Digest digest = house.image(APP, tag("v1"), "config", "layer");
    byte[] expected = bytes(image("config", "layer"));

    assertThat(digest).isEqualTo(digest(image("config", "layer")));
    assertThat(get("v1")).isEqualTo(expected);
    assertThat(house.manifests.get(ALICE, APP, digest).bytes()).isEqualTo(expected);
    assertThat(house.manifests.get(ALICE, APP, digest).mediaType()).isEqualTo(MediaType.OCI_MANIFEST);
  }

  @Test
  void whatWasNeverPushedIsUnknown() {
    house.image(LIB, tag("v1"), "config");

    assertThat(refusal(() -> house.manifests.get(ALICE, APP, tag("v1")))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    assertThat(refusal(() -> house.manifests.get(ALICE, APP, digest(image("config"))))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    assertThat(refusal(() -> house.manifests.get(ALICE, LIB, tag("v2")))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    assertThat(refusal(() -> house.manifests.delete(ALICE, APP, tag("v1"), Precondition.NONE))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    assertThat(refusal(() -> house.manifests.delete(ALICE, APP, digest("x"), Precondition.NONE)))
        .containsExactly(ErrorCode.MANIFEST_UNKNOWN);
  }

  @Test
  void eachMissingBlobIsNamedOnce() {
    house.blob(APP, "there");
    var refused = caught(() -> house.put(APP, image("no config", "no layer", "there", "no layer", "none either")));

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.problems()).extracting(Problem::code).containsOnly(ErrorCode.MANIFEST_BLOB_UNKNOWN);
    assertThat(refused.problems()).extracting(Problem::detail).containsExactly(digest("no config").toString(),
        digest("no layer").toString(),
        digest("none either").toString());
    assertThat(refusal(() -> house.manifests.get(ALICE, APP, digest(image("no config", "no layer", "there", "no layer", "none either")))))
        .containsExactly(ErrorCode.MANIFEST_UNKNOWN);
  }

  @Test
  void aBlobThatOnlyAnotherRepositoryHoldsIsMissing() {
    house.image(LIB, tag("v1"), "config", "layer");

    assertThat(refusal(() -> house.put(APP, tag("v1"), image("config", "layer")))).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN,
        ErrorCode.MANIFEST_BLOB_UNKNOWN);
    assertThat(house.metadata.<Boolean>read(tx -> tx.repositoryExists(APP))).isFalse();
  }

  @Test
  void aMissingChildOfAnIndexIsNamedAndAManifestOfAnotherRepositoryIsMissing() {
    house.image(APP, tag("a"), "a");
    house.image(LIB, tag("b"), "b");

    var refused = caught(() -> house.put(APP, index(image("a"), image("b"))));
    assertThat(refused.problems()).extracting(Problem::code, Problem::detail)
        .containsExactly(org.assertj.core.api.Assertions.tuple(ErrorCode.MANIFEST_BLOB_UNKNOWN, digest(image("b")).toString()));

    house.image(APP, tag("b"), "b");
    house.put(APP, index(image("a"), image("b")));
  }

  @Test
  void anIndexMayNameBlobsAndIndexes() {
    house.blob(APP, "cache");
    house.put(APP, index());
    String entries = descriptor("application/vnd.example.cache", "cache") + "," + descriptor(Documents.INDEX, index());

    assertThat(house.put(APP, indexOf(entries, ""))).isEqualTo(digest(indexOf(entries, "")));
  }

  @Test
  void aSizeThatIsALieIsRefused() {
    house.blob(APP, "config");
    house.image(APP, tag("child"), "config");
    String config = image("config").replace("\"size\":6", "\"size\":7");
    String child = index(image("config")).replace("\"size\":" + image("config").length(), "\"size\":1");

    var refused = caught(() -> house.put(APP, config));
    assertThat(refused.problems()).extracting(Problem::code).containsExactly(ErrorCode.MANIFEST_INVALID);
    assertThat(refused).hasMessageContaining("/config/size says 7 bytes, but it has 6");
    assertThat(refusal(() -> house.put(APP, child))).containsExactly(ErrorCode.MANIFEST_INVALID);
  }

  @Test
  void aLayerThatMayNotBeDistributedMayBeMissing() {
    house.blob(APP, "config");
    String document = image("config", "foreign").replace(Documents.LAYER, Documents.FOREIGN_LAYER);

    assertThat(house.put(APP, document)).isEqualTo(digest(document));
  }

  @Test
  void subjectsAndReferencesMayBeMissing() {
    house.blob(APP, "config");
    house.put(APP, Documents.about("never pushed", "x/y", "config"));
    house.put(APP, indexOf("", ",\"reference\":" + descriptor("x/y", "never pushed")));

    assertThat(house.referrers.list(ALICE, APP, digest("never pushed"),
        new Referrers.Asked(ReferrerFilter.SUBJECT, Referrers.Data.NONE, Referrer.Place.START, 10, 1 << 20)).referrers()).hasSize(1);
  }

  @Test
  void aPushByDigestOfOtherBytesIsRefused() {
    house.blob(APP, "config");
    for (String other : List.of(image("config") + " ", image("config") + "\n", image("config").replace(":2,", ": 2,"))) {
      assertThat(refusal(() -> house.put(APP, digest(image("config")), other))).containsExactly(ErrorCode.DIGEST_INVALID);
    }
    assertThat(house.put(APP, digest(image("config")), image("config"))).isEqualTo(digest(image("config")));
  }

  @Test
  void aPushBySha512IsPulledUnderSha512() {
    house.blob(APP, "config");
    byte[] bytes = bytes(image("config"));
    Digest sha512 = Digest.Algorithm.SHA512.of(bytes);
    house.manifests.put(ALICE, APP, sha512, List.of(tag("v1")), null, Precondition.NONE, bytes);

    assertThat(house.manifests.get(ALICE, APP, tag("v1")).digest()).isEqualTo(sha512);
    assertThat(house.manifests.get(ALICE, APP, sha512).bytes()).isEqualTo(bytes);
    assertThat(refusal(() -> house.manifests.get(ALICE, APP, digest(image("config"))))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
  }

  @Test
  void thePushSaysWhatWasStored() {
    house.blob(APP, "config");
    var pushed =
        house.manifests.put(ALICE, APP, tag("v1"), List.of(), MediaType.OCI_MANIFEST, Precondition.NONE,
            bytes(Documents.about("s", "x/y", "config")));

    assertThat(pushed.manifest()).isInstanceOf(Manifest.Image.class);
    assertThat(pushed.manifest().subject().digest()).isEqualTo(digest("s"));
    assertThat(pushed.digest()).isEqualTo(digest(Documents.about("s", "x/y", "config")));
  }

  @Test
  void tagAndHistoryChangeTogetherWithThePush() {
    Digest one = house.image(APP, tag("latest"), "one");
    house.now.set(START.plusSeconds(60));
    house.blob(APP, "two");
    Digest two = house.manifests.put(BOB, APP, tag("latest"), List.of(), null, Precondition.NONE, bytes(image("two"))).digest();

    assertThat(history(APP, "latest")).containsExactly(
        new TagEvent(2, tag("latest"), TagEvent.Kind.MOVED, one, target(two), START.plusSeconds(60), new Author("user:bob", "test/1"), 1),
        new TagEvent(1, tag("latest"), TagEvent.Kind.CREATED, null, target(one), START, new Author("user:alice", "test/1"), 1));
  }

  @Test
  void pushingTheSameAgainIsNoChangeOfTheTag() {
    house.image(APP, tag("latest"), "one");
    house.image(APP, tag("latest"), "one");

    assertThat(history(APP, "latest")).hasSize(1);
  }

  @Test
  void severalTagsMoveAllAtOnceOrNotAtAll() {
    house.blob(APP, "config");
    Digest digest = digest(image("config"));
    List<Tag> three = List.of(tag("a"), tag("b"), tag("a"), tag("c"));
    house.manifests.put(ALICE, APP, digest, three, null, Precondition.NONE, bytes(image("config")));
    assertThat(tags(APP)).extracting(Tag::value).containsExactly("a", "b", "c");

    refusal(() -> house.manifests.put(ALICE, APP, digest(image("missing")), List.of(tag("a"), tag("d")), null, Precondition.NONE,
        bytes(image("missing"))));
    assertThat(tags(APP)).extracting(Tag::value).containsExactly("a", "b", "c");
    assertThat(house.manifests.get(ALICE, APP, tag("a")).digest()).isEqualTo(digest);
    assertThat(history(APP, "a")).hasSize(1);
  }

  @Test
  void deletionByDigestRemovesEveryTagOfTheManifestWithAnEventEach() {
    Digest gone = house.image(APP, tag("v1"), "one");
    house.image(APP, tag("v2"), "one");
    house.image(APP, tag("other"), "two");
    get("v1");

    house.manifests.delete(BOB, APP, gone, Precondition.NONE);

    assertThat(tags(APP)).extracting(Tag::value).containsExactly("other");
    for (String tag : List.of("v1", "v2")) {
      assertThat(refusal(() -> house.manifests.get(ALICE, APP, tag(tag)))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
      assertThat(history(APP, tag)).hasSize(2).first()
          .extracting(TagEvent::kind, TagEvent::from, TagEvent::to, event -> event.author().actor())
          .containsExactly(TagEvent.Kind.DELETED, gone, null, "user:bob");
    }
    assertThat(refusal(() -> house.manifests.get(ALICE, APP, gone))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
    assertThat(refusal(() -> house.manifests.delete(BOB, APP, gone, Precondition.NONE))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
  }

  @Test
  void deletionByTagKeepsTheManifestAndItsOtherTags() {
    Digest digest = house.image(APP, tag("v1"), "one");
    house.image(APP, tag("v2"), "one");

    house.manifests.delete(ALICE, APP, tag("v1"), Precondition.NONE);

    assertThat(tags(APP)).extracting(Tag::value).containsExactly("v2");
    assertThat(house.manifests.get(ALICE, APP, digest).digest()).isEqualTo(digest);
    assertThat(history(APP, "v1")).hasSize(2);
    assertThat(refusal(() -> house.manifests.delete(ALICE, APP, tag("v1"), Precondition.NONE))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
  }

  @Test
  void deletionInOneRepositoryLeavesTheOther() {
    Digest digest = house.image(APP, tag("v1"), "one");
    house.image(LIB, tag("v1"), "one");
    house.manifests.get(ALICE, LIB, tag("v1"));

    house.manifests.delete(ALICE, APP, digest, Precondition.NONE);

    assertThat(house.manifests.get(ALICE, LIB, tag("v1")).digest()).isEqualTo(digest);
    assertThat(house.manifests.get(ALICE, LIB, digest).digest()).isEqualTo(digest);
  }

  @Test
  void aManifestPushedAgainUnderAnotherTypeIsPulledUnderThatTypeByEveryName() {
    house.blob(APP, "config");
    String document = "{\"schemaVersion\":2,\"config\":" + descriptor("x/config", "config") + ",\"layers\":[]}";
    Digest digest =
        house.manifests.put(ALICE, APP, tag("v1"), List.of(), MediaType.OCI_MANIFEST, Precondition.NONE, bytes(document)).digest();
    assertThat(house.manifests.get(ALICE, APP, tag("v1")).mediaType()).isEqualTo(MediaType.OCI_MANIFEST);

    house.manifests.put(ALICE, APP, digest, List.of(), MediaType.DOCKER_MANIFEST, Precondition.NONE, bytes(document));

    assertThat(house.manifests.get(ALICE, APP, digest).mediaType()).isEqualTo(MediaType.DOCKER_MANIFEST);
    assertThat(house.manifests.get(ALICE, APP, tag("v1")).mediaType()).isEqualTo(MediaType.DOCKER_MANIFEST);
  }

  @Test
  void aCachedManifestIsAtHandUntilItsNameChanges() {
    Digest digest = house.image(APP, tag("v1"), "one");
    get("v1");
    assertThat(house.manifests.cached(Access.ALL, APP, tag("v1")).digest()).isEqualTo(digest);
    assertThat(house.manifests.cached(Access.ALL, LIB, tag("v1"))).isNull();

    house.manifests.delete(ALICE, APP, tag("v1"), Precondition.NONE);
    assertThat(house.manifests.cached(Access.ALL, APP, tag("v1"))).isNull();
  }

  @Test
  void aSubjectThatIsThereHasTheSizeThatItIsSaidToHave() {
    Digest subject = house.image(APP, tag("v1"), "config", "layer");
    String lie = ",\"subject\":{\"mediaType\":\"" + Documents.MANIFEST + "\",\"digest\":\"" + subject + "\",\"size\":1}";

    assertThat(refusal(() -> house.put(APP, Documents.imageWith(lie, "config")))).containsExactly(ErrorCode.MANIFEST_INVALID);
    house.put(APP, Documents.imageWith(lie.replace(subject.toString(), digest("never pushed").toString()), "config"));
  }
}
