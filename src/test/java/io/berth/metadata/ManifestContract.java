package io.berth.metadata;

import static io.berth.oci.Documents.about;
import static io.berth.oci.Documents.image;
import static io.berth.oci.Documents.imageWith;
import static io.berth.oci.Documents.index;
import static io.berth.oci.Documents.indexOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.Edge;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.Referrer;
import io.berth.oci.Referrer.Place;
import io.berth.oci.ReferrerFilter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every metadata store keeps: manifests, and what points at what. */
public abstract class ManifestContract extends StoreUnderTest {

  private static final String SUBJECT = image("subject");

  private List<Referrer> referrers(@Nullable MediaType type, long after, int limit) {
    ReferrerFilter filter = ReferrerFilter.SUBJECT.withArtifactTypes(type == null ? Set.of() : Set.of(type));
    return store.read(tx -> tx.referrers(APP, digest(SUBJECT), filter, Place.behind(after), limit));
  }

  private List<String> references(ReferrerFilter filter, Place after, int limit) {
    return store.read(tx -> tx.referrers(APP, digest(SUBJECT), filter, after, limit)).stream()
        .map(entry -> entry.kind() + " " + entry.descriptor().digest() + entry.place().pointer()).toList();
  }

  private static List<Digest> digests(List<Referrer> referrers) {
    return referrers.stream().map(referrer -> referrer.descriptor().digest()).toList();
  }

  @Test
  void manyManifestsAndSizesAreReadAtOnce() {
    var documents = new HashMap<Digest, String>();
    var blobs = new HashMap<Digest, Long>();
    for (int i = 0; i < 70; i++) {
      String document = image("c", "layer" + i);
      documents.put(put(APP, document), document);
      blobs.put(digest("layer" + i), (long) i);
    }
    Digest elsewhere = put(LIB, image("c", "elsewhere"));
    write(tx -> {
      blobs.forEach((blob, size) -> tx.linkBlob(APP, blob, size, NOW, NOW));
      tx.linkBlob(LIB, digest("elsewhere"), 9, NOW, NOW);
    });
    var asked = new ArrayList<>(List.of(elsewhere, digest("absent"), digest("elsewhere")));
    asked.addAll(documents.keySet());
    asked.addAll(blobs.keySet());

    look(tx -> assertThat(tx.graph().manifests(APP, asked)).hasSize(70).allSatisfy(
        stored -> assertThat(stored.bytes()).asString().isEqualTo(documents.get(stored.digest()))));
    look(tx -> assertThat(tx.graph().blobSizes(APP, asked)).isEqualTo(blobs));
    look(tx -> assertThat(tx.graph().manifests(APP, List.of())).isEmpty());
    look(tx -> assertThat(tx.graph().blobSizes(APP, List.of())).isEmpty());
  }

  @Test
  void aManifestIsStoredByteForByte() {
    String document = image("c", "l") + "\n  ";
    Digest digest = put(APP, document);

    look(tx -> assertThat(tx.manifest(APP, digest)).hasValueSatisfying(stored -> {
      assertThat(stored.digest()).isEqualTo(digest);
      assertThat(stored.mediaType()).isEqualTo(MediaType.OCI_MANIFEST);
      assertThat(stored.bytes()).isEqualTo(Documents.bytes(document));
    }));
    look(tx -> assertThat(tx.manifestSize(APP, digest)).hasValue(document.length()));
    assertThat(store.<Boolean>read(tx -> tx.repositoryExists(APP))).isTrue();
  }

  @Test
  void aManifestBelongsToItsRepositoryOnly() {
    Digest digest = put(APP, image("c"));
    put(LIB, image("other"));

    look(tx -> assertThat(tx.manifest(LIB, digest)).isEmpty());
    look(tx -> assertThat(tx.manifestSize(LIB, digest)).isEmpty());
    look(tx -> assertThat(tx.neededBy(LIB, digest("c"))).isEmpty());
  }

  @Test
  void aTagLeadsToItsManifest() {
    Digest one = put(APP, image("one"));
    Digest two = put(APP, image("two"));
    change(APP, "v", one, NOW);
    look(tx -> assertThat(tx.manifest(APP, tag("v")).orElseThrow().digest()).isEqualTo(one));
    change(APP, "v", two, NOW);
    look(tx -> assertThat(tx.manifest(APP, tag("v")).orElseThrow().digest()).isEqualTo(two));
    change(APP, "v", null, NOW);
    look(tx -> assertThat(tx.manifest(APP, tag("v"))).isEmpty());
    look(tx -> assertThat(tx.manifest(LIB, tag("v"))).isEmpty());
  }

  @Test
  void aManifestOfTheSameDigestIsReplacedWithItsEdges() {
    String document = "{\"schemaVersion\":2,\"config\":" + Documents.descriptor("x/config", "c") + ",\"layers\":[]}";
    MediaType unknown = new MediaType("application/vnd.example+json");
    Digest digest = store.write(tx -> put(tx, APP, MediaType.OCI_MANIFEST, document));
    look(tx -> assertThat(tx.neededBy(APP, digest("c"))).contains(digest));

    store.write(tx -> put(tx, APP, document, new Manifest.Other(unknown, null, Map.of(), List.of(), List.of())));

    look(tx -> assertThat(tx.manifest(APP, digest).orElseThrow().mediaType()).isEqualTo(unknown));
    look(tx -> assertThat(tx.neededBy(APP, digest("c"))).isEmpty());
    assertThat(store.<Boolean>write(tx -> tx.deleteManifest(APP, digest, LATER))).isTrue();
    assertThat(store.<Boolean>write(tx -> tx.deleteManifest(APP, digest, LATER))).isFalse();
  }

  @Test
  void configLayersAndChildrenAreNeededButSubjectsAndReferencesAreNot() {
    String child = image("c", "l1", "l2");
    Digest image = put(APP, child);
    String reference = ",\"reference\":" + Documents.descriptor(Documents.MANIFEST, "reference");
    Digest index = put(APP, indexOf(Documents.descriptor(Documents.MANIFEST, child),
        reference + ",\"subject\":" + Documents.descriptor(Documents.MANIFEST, "subject")));

    look(tx -> assertThat(tx.neededBy(APP, digest("c"))).contains(image));
    look(tx -> assertThat(tx.neededBy(APP, digest("l2"))).contains(image));
    look(tx -> assertThat(tx.neededBy(APP, image)).contains(index));
    look(tx -> assertThat(tx.neededBy(APP, digest("subject"))).isEmpty());
    look(tx -> assertThat(tx.neededBy(APP, digest("reference"))).isEmpty());
    look(tx -> assertThat(tx.neededBy(APP, digest("nothing"))).isEmpty());
  }

  @Test
  void whatADeletedManifestNeededIsNeededNoMore() {
    Digest one = put(APP, image("c", "shared"));
    Digest two = put(APP, image("d", "shared"));

    assertThat(store.<Boolean>write(tx -> tx.deleteManifest(APP, one, LATER))).isTrue();

    look(tx -> assertThat(tx.manifest(APP, one)).isEmpty());
    look(tx -> assertThat(tx.neededBy(APP, digest("c"))).isEmpty());
    look(tx -> assertThat(tx.neededBy(APP, digest("shared"))).contains(two));
    assertThat(store.<Boolean>write(tx -> tx.deleteManifest(LIB, two, LATER))).isFalse();
  }

  @Test
  void referrersAreListedInTheOrderOfThePushesWhetherOrNotTheSubjectExists() {
    var pushed = new ArrayList<Digest>();
    for (int i = 0; i < 7; i++) {
      pushed.add(put(APP, about(SUBJECT, "x/sbom", "c" + i)));
    }
    assertThat(digests(referrers(null, 0, 100))).isEqualTo(pushed);

    Digest subject = put(APP, SUBJECT);
    assertThat(digests(referrers(null, 0, 100))).isEqualTo(pushed);
    store.write(tx -> tx.deleteManifest(APP, subject, LATER));
    assertThat(digests(referrers(null, 0, 100))).isEqualTo(pushed);

    put(APP, about(SUBJECT, "x/sbom", "c2"));
    assertThat(digests(referrers(null, 0, 100))).isEqualTo(pushed);
  }

  @Test
  void referrersArePagedByPosition() {
    var pushed = new ArrayList<Digest>();
    for (int i = 0; i < 7; i++) {
      pushed.add(put(APP, about(SUBJECT, "x/sbom", "c" + i)));
    }
    var seen = new ArrayList<Digest>();
    long after = 0;
    for (List<Referrer> page = referrers(null, after, 3); !page.isEmpty(); page = referrers(null, after, 3)) {
      seen.addAll(digests(page));
      assertThat(page.getLast().place().manifest()).isGreaterThan(after);
      after = page.getLast().place().manifest();
      Digest gone = pushed.get(seen.size() - 1);
      store.write(tx -> tx.deleteManifest(APP, gone, LATER));
    }
    assertThat(seen).isEqualTo(pushed);
    assertThat(referrers(null, Long.MAX_VALUE, 3)).isEmpty();
  }

  @Test
  void aReferrerThatComesWhileAnotherGoesIsNotMissedByWhoPages() {
    put(APP, about(SUBJECT, "x/sbom", "c1"));
    Digest last = put(APP, about(SUBJECT, "x/sbom", "c2"));
    long position = referrers(null, 0, 10).getLast().place().manifest();

    store.write(tx -> tx.deleteManifest(APP, last, LATER));
    Digest next = put(APP, about(SUBJECT, "x/sbom", "c3"));

    assertThat(digests(referrers(null, position, 10))).containsExactly(next);
  }

  @Test
  void referrersAreFilteredByArtifactType() {
    Digest sbom = put(APP, about(SUBJECT, "x/sbom", "c1"));
    Digest signature = put(APP, about(SUBJECT, "x/signature", "c2"));
    Digest untyped = put(APP, indexOf("", ",\"subject\":" + Documents.descriptor(Documents.MANIFEST, SUBJECT)));
    Digest byConfig = put(APP, imageWith(",\"subject\":" + Documents.descriptor(Documents.MANIFEST, SUBJECT), "c3"));

    assertThat(digests(referrers(null, 0, 10))).containsExactly(sbom, signature, untyped, byConfig);
    assertThat(digests(referrers(new MediaType("x/sbom"), 0, 10))).containsExactly(sbom);
    assertThat(digests(referrers(new MediaType("x/signature"), 0, 10))).containsExactly(signature);
    assertThat(digests(referrers(new MediaType(Documents.CONFIG), 0, 10))).containsExactly(byConfig);
    assertThat(referrers(new MediaType("x/nothing"), 0, 10)).isEmpty();
    assertThat(referrers(null, 0, 10)).extracting(Referrer::artifactType).containsExactly(new MediaType("x/sbom"),
        new MediaType("x/signature"),
        null, new MediaType(Documents.CONFIG));
  }

  @Test
  void aReferrerSaysWhatTheManifestIs() {
    String document =
        imageWith(",\"annotations\":{\"a\":\"\\u003c\u20ac\\n\"},\"subject\":" + Documents.descriptor(Documents.MANIFEST, SUBJECT), "c");
    Digest digest = put(APP, document);

    Referrer referrer = referrers(null, 0, 10).getFirst();
    assertThat(referrer.descriptor().digest()).isEqualTo(digest);
    assertThat(referrer.descriptor().mediaType()).isEqualTo(MediaType.OCI_MANIFEST);
    assertThat(referrer.descriptor().size()).isEqualTo(Documents.bytes(document).length);
    assertThat(referrer.annotations()).isEqualTo("{\"a\":\"<\u20ac\\n\"}");
  }

  @Test
  void aDeletedReferrerIsListedNoMoreAndOthersStay() {
    Digest one = put(APP, about(SUBJECT, "x/sbom", "c1"));
    Digest two = put(APP, about(SUBJECT, "x/sbom", "c2"));
    store.write(tx -> tx.deleteManifest(APP, one, LATER));

    assertThat(digests(referrers(null, 0, 10))).containsExactly(two);
  }

  @Test
  void referrersOfAnotherRepositoryAreNotListed() {
    put(LIB, about(SUBJECT, "x/sbom", "c1"));
    assertThat(referrers(null, 0, 10)).isEmpty();

    Digest own = put(APP, about(SUBJECT, "x/sbom", "c1"));
    assertThat(digests(referrers(null, 0, 10))).containsExactly(own);
  }

  @Test
  void childrenLayersAndReferencesAreNoReferrers() {
    put(APP, index(SUBJECT));
    put(APP, indexOf("", ",\"reference\":" + Documents.descriptor(Documents.MANIFEST, SUBJECT)));
    put(APP, "{\"schemaVersion\":2,\"config\":" + Documents.descriptor("x/y", SUBJECT) + "}");

    assertThat(referrers(null, 0, 10)).isEmpty();
  }

  private static String subjectIn(String field) {
    return "\"" + field + "\":" + Documents.descriptor(Documents.MANIFEST, SUBJECT);
  }

  /** An image manifest that points at the subject in three ways, and an index in three more. */
  private List<String> pointInManyWays() {
    String layer = Documents.descriptor(Documents.LAYER, "l", "," + subjectIn("reference"));
    Digest image = put(APP, "{\"schemaVersion\":2,\"artifactType\":\"x/sbom\",\"config\":" + Documents.descriptor("x/y", "c")
        + ",\"layers\":[" + layer + "]," + subjectIn("subject") + "," + subjectIn("reference") + "}");
    String child = Documents.descriptor(Documents.MANIFEST, SUBJECT, ",\"reference\":" + Documents.descriptor("x/z", "z", "," + subjectIn(
        "reference")));
    Digest index = put(APP, indexOf(child + "," + Documents.descriptor(Documents.MANIFEST, SUBJECT), ",\"artifactType\":\"x/set\""));
    return List.of("REFERENCE " + image + "/layers/0/reference", "REFERENCE " + image + "/reference", "SUBJECT " + image + "/subject",
        "CHILD " + index + "/manifests/0", "REFERENCE " + index + "/manifests/0/reference/reference", "CHILD " + index + "/manifests/1");
  }

  @Test
  void whatPointsAtSomethingIsListedByArrivalAndPointer() {
    List<String> all = pointInManyWays();
    ReferrerFilter every = ReferrerFilter.of(ReferrerFilter.KINDS);

    assertThat(references(every, Place.START, 100)).isEqualTo(all);
    assertThat(references(ReferrerFilter.of(Set.of(Edge.Kind.CHILD)), Place.START, 100)).containsExactly(all.get(3), all.get(5));
    assertThat(references(ReferrerFilter.of(Set.of(Edge.Kind.CHILD, Edge.Kind.SUBJECT)), Place.START, 100)).containsExactly(all.get(2),
        all.get(3), all.get(5));
    assertThat(references(every.withArtifactTypes(Set.of(new MediaType("x/set"))), Place.START, 100)).isEqualTo(all.subList(3, 6));
    assertThat(references(every.withArtifactTypes(Set.of(new MediaType("x/set"), new MediaType("x/sbom"))), Place.START, 100))
        .isEqualTo(all);
    assertThat(references(every.withArtifactTypes(Set.of(new MediaType("x/other"))), Place.START, 100)).isEmpty();
  }

  @Test
  void pagesOfEverySizeMakeUpAllThatPointsAtSomething() {
    List<String> all = pointInManyWays();
    Set<MediaType> types = Set.of(new MediaType("x/set"), new MediaType("x/sbom"), new MediaType("x/other"));
    for (ReferrerFilter filter : List.of(ReferrerFilter.of(ReferrerFilter.KINDS), ReferrerFilter.of(ReferrerFilter.KINDS)
        .withArtifactTypes(types))) {
      for (int limit = 1; limit <= all.size(); limit++) {
        var seen = new ArrayList<String>();
        Place after = Place.START;
        List<Referrer> page;
        do {
          Place from = after;
          int size = limit;
          page = store.read(tx -> tx.referrers(APP, digest(SUBJECT), filter, from, size));
          seen.addAll(references(filter, from, size));
          after = page.isEmpty() ? after : page.getLast().place();
        } while (!page.isEmpty());
        assertThat(seen).isEqualTo(all);
      }
    }
  }

  @Test
  void aManifestThatIsReadAsSomethingElseHasTheTypeItHasThen() {
    String document = about(SUBJECT, "x/sbom", "c");
    put(APP, document);
    MediaType unknown = new MediaType("application/vnd.example+json");
    Manifest parsed = Manifest.parse(null, Documents.bytes(document));
    store.write(tx -> put(tx, APP, document, new Manifest.Other(unknown, new MediaType("x/new"), Map.of(), parsed.edges(), List.of())));

    assertThat(referrers(new MediaType("x/sbom"), 0, 10)).isEmpty();
    assertThat(referrers(new MediaType("x/new"), 0, 10)).hasSize(1);
  }

  @Test
  void aManifestMayHaveManyEdgesAndNameOneThingManyTimes() {
    String[] layers = new String[2_000];
    Arrays.fill(layers, "same");
    Digest digest = put(APP, image("c", layers));

    look(tx -> assertThat(tx.neededBy(APP, digest("same"))).contains(digest));
    assertThat(store.<Boolean>write(tx -> tx.deleteManifest(APP, digest, LATER))).isTrue();
    look(tx -> assertThat(tx.neededBy(APP, digest("same"))).isEmpty());
  }
}
