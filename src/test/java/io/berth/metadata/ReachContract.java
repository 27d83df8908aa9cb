package io.berth.metadata;

import static io.berth.oci.Documents.about;
import static io.berth.oci.Documents.image;
import static io.berth.oci.Documents.imageWith;
import static io.berth.oci.Documents.index;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.berth.metadata.GraphReads.Holder;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.Manifest;
import io.berth.oci.StoredManifest;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every metadata store keeps: by what content is reached, and who has pushed it. */
public abstract class ReachContract extends StoreUnderTest {

  private static final String IMAGE = image("config", "layer");

  private Digest put(String document, String... withheld) {
    byte[] bytes = Documents.bytes(document);
    Manifest parsed = Manifest.parse(null, bytes);
    write(tx -> tx.putManifest(APP, new StoredManifest(digest(document), parsed.mediaType(), bytes), parsed, Set.of(withheld), NOW, LATER));
    return digest(document);
  }

  private List<Holder> holders(String content, long after, int limit) {
    return store.read(tx -> tx.graph().holders(APP, digest(content), after, limit));
  }

  @Test
  void whatNeedsContentIsFoundWithItsTagsInTheOrderOfPushes() {
    Digest one = put(IMAGE);
    Digest two = put(about(IMAGE, "application/x.signature", "config"));
    Digest three = put(index(IMAGE));
    put(LIB, IMAGE);
    change(APP, "b", one, NOW);
    change(APP, "a", one, NOW);
    change(APP, "c", one, NOW);
    change(APP, "only", three, NOW);

    assertThat(holders("config", 0, 10)).extracting(Holder::manifest, Holder::first, Holder::last, Holder::isHeld, Holder::isAbout)
        .containsExactly(tuple(one, tag("a"), tag("c"), true, false),
            tuple(two, null, null, false, true));
    assertThat(holders(IMAGE, 0, 10)).extracting(Holder::manifest, Holder::first, Holder::last).containsExactly(
        tuple(three, tag("only"), tag("only")));
    assertThat(holders("config", holders("config", 0, 1).getFirst().position(), 10)).extracting(Holder::manifest).containsExactly(two);
    assertThat(holders("nothing", 0, 10)).isEmpty();
  }

  @Test
  void anEdgeThatIsWithheldDoesNotReach() {
    Digest image = put(IMAGE, "/layers/0");
    Digest index = put(index(IMAGE), "/manifests/0");

    assertThat(holders("layer", 0, 10)).isEmpty();
    assertThat(holders("config", 0, 10)).extracting(Holder::manifest).containsExactly(image);
    assertThat(holders(IMAGE, 0, 10)).isEmpty();
    look(tx -> assertThat(tx.graph().reaches(APP, image, digest("layer"))).isFalse());
    look(tx -> assertThat(tx.graph().reaches(APP, image, digest("config"))).isTrue());
    look(tx -> assertThat(tx.graph().children(APP, index, 10)).isEmpty());
    look(tx -> assertThat(tx.graph().edges(APP, image, "", 10)).as("it is there").hasSize(2));

    put(index(IMAGE));
    look(tx -> assertThat(tx.graph().children(APP, index, 10)).containsExactly(image));
    put(IMAGE, "/config");
    look(tx -> assertThat(tx.graph().reaches(APP, image, digest("config"))).isFalse());
    look(tx -> assertThat(tx.graph().reaches(APP, image, digest("layer"))).isTrue());
  }

  @Test
  void aSubjectThatReachedGoesOnDoingSo() {
    put(IMAGE);
    String document = imageWith(",\"subject\":" + Documents.descriptor(Documents.MANIFEST, IMAGE) + ",\"reference\":"
        + Documents.descriptor(Documents.MANIFEST, "absent"), "config");
    Digest manifest = put(document, "/subject");
    look(tx -> assertThat(tx.graph().subjects(APP, manifest, "", 10)).as("what is absent is none").isEmpty());
    look(tx -> assertThat(tx.graph().isReached(APP, manifest, digest("absent"))).isTrue());

    put(document);
    look(tx -> assertThat(tx.graph().subjects(APP, manifest, "", 10)).containsExactly(digest(IMAGE)));
    put(document, "/subject", "/reference");
    look(tx -> assertThat(tx.graph().subjects(APP, manifest, "", 10)).containsExactly(digest(IMAGE)));
    look(tx -> assertThat(tx.graph().isReached(APP, manifest, digest(IMAGE))).isTrue());
    look(tx -> assertThat(tx.graph().subjects(APP, manifest, digest(IMAGE).toString(), 10)).isEmpty());
  }

  @Test
  void whoHasPushedWhatIsRememberedUntilThen() {
    put(IMAGE);
    write(tx -> tx.own().put(APP, "user:bob", digest("layer"), LATER));
    write(tx -> tx.own().put(APP, "user:bob", digest("layer"), NOW));

    look(tx -> assertThat(tx.own().until(APP, "user:bob", digest("layer"))).as("the longer time holds").contains(LATER));
    look(tx -> assertThat(tx.own().until(APP, "user:carol", digest("layer"))).isEmpty());
    look(tx -> assertThat(tx.own().until(APP, "user:bob", digest("config"))).isEmpty());
    look(tx -> assertThat(tx.own().until(LIB, "user:bob", digest("layer"))).isEmpty());
  }

  @Test
  void whatIsOverIsForgottenTheLongestFirst() {
    put(IMAGE);
    write(tx -> {
      tx.own().put(APP, "user:bob", digest("a"), NOW);
      tx.own().put(APP, "user:bob", digest("b"), NOW.minusSeconds(5));
      tx.own().put(APP, "user:bob", digest("c"), LATER);
    });

    look(tx -> assertThat(tx.own().isAnyOver(NOW)).isTrue());
    assertThat(store.<Integer>write(tx -> tx.own().forget(NOW, 1))).isEqualTo(1);
    look(tx -> assertThat(tx.own().until(APP, "user:bob", digest("a"))).isPresent());
    assertThat(store.<Integer>write(tx -> tx.own().forget(NOW, 10))).isEqualTo(1);
    look(tx -> assertThat(tx.own().isAnyOver(NOW)).isFalse());
    look(tx -> assertThat(tx.own().until(APP, "user:bob", digest("c"))).contains(LATER));
  }

  @Test
  void theyGoWithTheRepository() {
    put(IMAGE);
    write(tx -> tx.own().put(APP, "user:bob", digest("layer"), LATER));
    write(tx -> tx.deleteRepository(APP, LATER));
    put(IMAGE);

    look(tx -> assertThat(tx.own().until(APP, "user:bob", digest("layer"))).isEmpty());
  }
}
