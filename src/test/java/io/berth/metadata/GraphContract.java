package io.berth.metadata;

import static io.berth.oci.Documents.about;
import static io.berth.oci.Documents.image;
import static io.berth.oci.Documents.imageWith;
import static io.berth.oci.Documents.index;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.berth.metadata.GraphReads.Content;
import io.berth.metadata.GraphReads.Incoming;
import io.berth.metadata.GraphReads.Target;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.Edge;
import io.berth.oci.MediaType;
import io.berth.oci.Platform;
import io.berth.oci.Referrer.Place;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every metadata store tells of what points at what, in both directions. */
public abstract class GraphContract extends StoreUnderTest {

  @Test
  void theEdgesOfAManifestComeInPages() {
    String document = imageWith(",\"subject\":" + Documents.descriptor(Documents.MANIFEST, "s"), "c", "one", "two");
    Digest digest = put(APP, document);

    look(tx -> assertThat(tx.graph().edges(APP, digest, "", 10)).extracting(Edge::pointer).containsExactly("/config", "/layers/0",
        "/layers/1", "/subject"));
    look(tx -> assertThat(tx.graph().edges(APP, digest, "/config", 2)).containsExactly(
        new Edge(Edge.Kind.LAYER, "/layers/0", new Descriptor(new MediaType(Documents.LAYER), digest("one"), 3, null)),
        new Edge(Edge.Kind.LAYER, "/layers/1", new Descriptor(new MediaType(Documents.LAYER), digest("two"), 3, null))));
    look(tx -> assertThat(tx.graph().edges(LIB, digest, "", 10)).isEmpty());
  }

  @Test
  void anEntryOfAnIndexKeepsItsPlatform() {
    Digest index = put(APP, Documents.indexOf(Documents.descriptor(Documents.MANIFEST, "a",
        ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\"}") + ","
        + Documents.descriptor(Documents.MANIFEST, "b", ",\"platform\":{\"os\":\"linux\",\"architecture\":\"a/b\"}"), ""));

    look(tx -> assertThat(tx.graph().edges(APP, index, "", 10)).extracting(edge -> edge.target().platform())
        .containsExactly(new Platform("linux", "arm", "v7"), null));
    look(tx -> assertThat(tx.graph().targets(APP, index, Set.of(Edge.Kind.CHILD), "", 10))
        .extracting(target -> target.edge().target().platform()).containsExactly(new Platform("linux", "arm", "v7"), null));
    look(tx -> assertThat(tx.graph().incoming(APP, digest("a"), EnumSet.allOf(Edge.Kind.class), Place.START, 10))
        .extracting(Incoming::platform).containsExactly(new Platform("linux", "arm", "v7")));
    look(tx -> assertThat(tx.graph().incoming(APP, digest("b"), Set.of(Edge.Kind.CHILD), Place.START, 10)).extracting(Incoming::platform)
        .containsExactly((Platform) null));
  }

  @Test
  void whatPointsAtSomethingIsFoundByKindInTheOrderOfPushes() {
    Digest one = put(APP, image("c", "shared"));
    Digest two = put(APP, image("other", "shared", "shared"));
    put(LIB, image("c", "shared"));

    List<Incoming> all = store.read(tx -> tx.graph().incoming(APP, digest("shared"), Set.of(Edge.Kind.LAYER), Place.START, 10));
    assertThat(all).extracting(Incoming::manifest).containsExactly(one, two, two);
    assertThat(all).extracting(found -> found.place().pointer()).containsExactly("/layers/0", "/layers/0", "/layers/1");
    look(tx -> assertThat(tx.graph().incoming(APP, digest("shared"), Set.of(Edge.Kind.LAYER), all.get(1).place(), 5))
        .containsExactly(all.getLast()));
    look(tx -> assertThat(tx.graph().incoming(APP, digest("shared"), Set.of(Edge.Kind.SUBJECT), Place.START, 10)).isEmpty());
  }

  @Test
  void whatPointsAtSomethingByAnyKindComesInOneOrder() {
    Digest first = put(APP, about("s", "x/y", "c"));
    Digest second = put(APP, index("s"));
    Digest third = put(APP, imageWith(",\"reference\":" + Documents.descriptor("x/y", "s"), "c", "s"));

    Set<Edge.Kind> kinds = EnumSet.allOf(Edge.Kind.class);
    List<Incoming> all = store.read(tx -> tx.graph().incoming(APP, digest("s"), kinds, Place.START, 10));
    assertThat(all).extracting(Incoming::manifest).containsExactly(first, second, third, third);
    assertThat(all).extracting(Incoming::kind).containsExactly(Edge.Kind.SUBJECT, Edge.Kind.CHILD, Edge.Kind.LAYER, Edge.Kind.REFERENCE);
    look(tx -> assertThat(tx.graph().incoming(APP, digest("s"), kinds, all.get(1).place(), 1)).containsExactly(all.get(2)));
  }

  @Test
  void whatARepositoryHasUnderADigestIsKnownWithSomeOfItsTags() {
    String document = about("s", "application/x.signature", "c");
    Digest digest = put(APP, document);
    change(APP, "b", digest, NOW);
    change(APP, "a", digest, NOW);
    store.write(tx -> {
      tx.linkBlob(APP, digest, document.length(), NOW, NOW);
      tx.linkBlob(APP, digest("c"), 1, NOW, NOW);
      return true;
    });

    look(tx -> assertThat(tx.graph().content(APP, digest, 1)).contains(
        new Content(MediaType.OCI_MANIFEST, new MediaType("application/x.signature"), document.length(), List.of(tag("a")))));
    look(tx -> assertThat(tx.graph().content(APP, digest, 5).orElseThrow().tags()).containsExactly(tag("a"), tag("b")));
    look(tx -> assertThat(tx.graph().content(APP, digest("c"), 5)).contains(new Content(null, null, 1, List.of())));
    look(tx -> assertThat(tx.graph().content(LIB, digest, 5)).isEmpty());
  }

  @Test
  void whatAManifestPointsAtIsThereOrNotAndWhatAnotherRepositoryLacksIsKnown() {
    Digest child = put(APP, image("c", "l"));
    String foreign = Documents.descriptor(Documents.FOREIGN_LAYER, "foreign");
    Digest index = put(APP, Documents.indexOf(Documents.descriptor(Documents.MANIFEST, image("c", "l")) + ","
        + Documents.descriptor("x/y", "blob") + "," + Documents.descriptor("x/y", "gone") + "," + foreign,
        ",\"subject\":"
            + Documents.descriptor(Documents.MANIFEST, "absent")));
    for (String blob : List.of("c", "l", "blob")) {
      store.write(tx -> {
        tx.linkBlob(APP, digest(blob), blob.length(), NOW, NOW);
        return true;
      });
    }
    store.write(tx -> {
      tx.linkBlob(LIB, digest("c"), 1, NOW, NOW.plusSeconds(60));
      return true;
    });

    Set<Edge.Kind> all = EnumSet.allOf(Edge.Kind.class);
    List<Target> targets = store.read(tx -> tx.graph().targets(APP, index, all, "", 10));
    assertThat(targets).extracting(target -> target.edge().pointer(), Target::isManifest, Target::isBlob).containsExactly(
        tuple("/manifests/0", true, false), tuple("/manifests/1", false, true), tuple("/manifests/2", false, false),
        tuple("/manifests/3", false, false), tuple("/subject", false, false));
    assertThat(targets).extracting(Target::edge).isEqualTo(store.<List<Edge>>read(tx -> tx.graph().edges(APP, index, "", 10)));
    look(tx -> assertThat(tx.graph().targets(APP, index, all, "/manifests/1", 2)).isEqualTo(targets.subList(2, 4)));
    look(tx -> assertThat(tx.graph().targets(APP, index, EnumSet.of(Edge.Kind.SUBJECT), "", 2)).isEqualTo(targets.subList(4, 5)));
    look(tx -> assertThat(tx.graph().targets(LIB, index, all, "", 10)).isEmpty());
    look(tx -> assertThat(tx.graph().lacking(APP, child, LIB, NOW)).containsExactly(digest("l")));
    look(tx -> assertThat(tx.graph().lacking(APP, child, LIB, NOW.plusSeconds(60))).containsExactlyInAnyOrder(digest("c"), digest("l")));
    look(tx -> assertThat(tx.graph().lacking(APP, index, LIB, NOW)).containsExactly(digest("blob")));
    look(tx -> assertThat(tx.graph().lacking(LIB, child, APP, NOW)).isEmpty());
  }
}
