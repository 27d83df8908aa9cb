package io.berth.registry;

import static io.berth.oci.Documents.digest;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.TagMove;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ImageRefs;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.StoredManifest;
import io.berth.oci.TagContent;
import io.berth.oci.TagFilter;
import io.berth.policy.Action;
import io.berth.policy.TagTerms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What it takes to find out who may read what is bounded, however much there is, and whatever is wrong with it. */
@Timeout(120)
final class ReachBoundsTest {

  private static final String CONFIG = "config";
  private static final String PUBLIC = Documents.image(CONFIG, "base");

  @TempDir Path folder;

  private House house;
  private final Caller reader = ReachTest.who("bob", "release-*", Action.PULL);

  @BeforeEach
  void begin() {
    house = new House(folder, TagTerms.DEFAULT);
    house.image(APP, tag("release-1"), CONFIG, "base");
  }

  @AfterEach
  void end() {
    house.close();
  }

  /** A way that is too long to be found in time. */
  @Test
  void beyondTheBoundNothingIsReadable() {
    String deep = Documents.index(Documents.index(PUBLIC));
    house.put(APP, Documents.index(PUBLIC));
    house.put(APP, tag("release-1"), deep);
    for (int i = 0; i < 100; i++) {
      house.put(APP, tag("dev-" + i), Documents.imageWith(",\"annotations\":{\"n\":\"" + i + "\"}", CONFIG, "base"));
    }
    house.metadata.read(tx -> {
      assertThat(Reach.of(tx, reader, APP).shows(digest("base"))).isTrue();
      var tired = Reach.of(tx, reader, APP, 20);
      assertThat(tired.shows(digest("base"))).isFalse();
      return assertThat(tired.isSpent()).isTrue();
    });
  }

  @Test
  void beyondTheBoundATagThatIsNamedShowsWhatIsItsAndALieShowsNothing() {
    for (int i = 0; i < 100; i++) {
      house.put(APP, tag("dev-" + i), Documents.imageWith(",\"annotations\":{\"n\":\"" + i + "\"}", CONFIG, "base"));
    }
    house.put(APP, tag("release-1"), Documents.imageWith(",\"annotations\":{\"n\":\"last\"}", CONFIG, "base"));
    house.put(APP, tag("release-2"), Documents.imageWith(",\"annotations\":{\"n\":\"other\"}", CONFIG));

    for (String named : List.of("", "dev-1", "release-2", "release-3")) {
      assertThat(shows(named, 10)).as("little looked at, with '%s'", named).isFalse();
      assertThat(shows(named, Reach.LOOKS)).as("all looked at, with '%s'", named).isTrue();
    }
    assertThat(shows("release-1", 10)).isTrue();
    assertThat(shows("release-1", Reach.LOOKS)).isTrue();
  }

  private boolean shows(String named, int looks) {
    var caller = new Caller(reader.rights(), reader.client(), reader.address(), ImageRefs.parse(List.of(), List.of(named), _ -> false));
    return house.metadata.read(tx -> Reach.of(tx, caller, APP, looks).shows(digest("base")));
  }

  @Test
  void whatASearchHasMetInVainIsNotLookedForAgain() {
    house.image(APP, tag("dev"), CONFIG, "other");
    List<String> images =
        IntStream.range(0, 100).mapToObj(i -> Documents.imageWith(",\"annotations\":{\"n\":\"" + i + "\"}", CONFIG, "other")).toList();
    images.forEach(image -> house.put(APP, tag("dev-" + images.indexOf(image)), image));

    house.metadata.read(tx -> {
      var reach = Reach.of(tx, reader, APP, 250);
      assertThat(reach.shows(digest("other"))).isFalse();
      assertThat(images).noneMatch(image -> reach.shows(digest(image)));
      return assertThat(reach.isSpent()).isFalse();
    });
  }

  @Test
  void aCircleIsWalkedOnce() {
    Digest one = Digest.parse("sha256:" + "1".repeat(64));
    Digest two = Digest.parse("sha256:" + "2".repeat(64));
    house.metadata.write(tx -> { // which only damaged data could bring about
      for (List<Digest> pair : List.of(List.of(one, two), List.of(two, one))) {
        String document =
            Documents.indexOf("{\"mediaType\":\"" + Documents.INDEX + "\",\"digest\":\"" + pair.getLast() + "\",\"size\":1}", "");
        Manifest parsed = Manifest.parse(null, Documents.bytes(document));
        tx.putManifest(APP, new StoredManifest(pair.getFirst(), MediaType.OCI_INDEX, Documents.bytes(document)), parsed, House.START,
            House.START);
      }
      return one;
    });

    house.metadata.read(tx -> assertThat(Reach.of(tx, reader, APP).shows(one)).isFalse());
  }

  @Test
  void whatIsCommonIsFoundBehindThousandsThatOneMayNotRead() {
    for (int i = 0; i < 400; i++) {
      house.put(APP, tag("dev-" + i), Documents.imageWith(",\"annotations\":{\"n\":\"" + i + "\"}", CONFIG, "base"));
    }
    house.put(APP, tag("release-1"), Documents.imageWith(",\"annotations\":{\"n\":\"last\"}", CONFIG, "base"));
    house.metadata.read(tx -> assertThat(Reach.of(tx, reader, APP, 1_500).shows(digest("base"))).isTrue());
  }

  /** As any client does: the manifest by its tag, then what is in it. */
  @Test
  void whatBelongsToATagThatWasPulledLatelyIsFoundHoweverMuchElseHoldsIt() {
    for (int i = 0; i < 200; i++) {
      house.put(APP, tag("dev-" + i), Documents.imageWith(",\"annotations\":{\"n\":\"" + i + "\"}", CONFIG, "base"));
    }
    house.put(APP, tag("release-1"), Documents.imageWith(",\"annotations\":{\"n\":\"last\"}", CONFIG, "base"));
    for (int i = 0; i < 40; i++) {
      house.put(APP, tag("release-0" + i), Documents.imageWith(",\"annotations\":{\"n\":\"other " + i + "\"}", CONFIG));
    }

    house.metadata.read(tx -> assertThat(Reach.of(tx, reader, APP, house.leases.recent(), 60).shows(digest("base"))).isFalse());
    house.manifests.get(reader, APP, tag("release-1"));
    house.metadata.read(tx -> assertThat(Reach.of(tx, reader, APP, house.leases.recent(), 60).shows(digest("base"))).isTrue());
    house.manifests.get(ALICE, APP, tag("dev-1"));
    house.metadata.read(
        tx -> assertThat(
            Reach.of(tx, ReachTest.who("carol", "release-*", Action.PULL), APP, house.leases.recent(), 60).shows(digest("base")))
            .as("what others pull does not matter").isFalse());
  }

  @Test
  void listsAreBoundedWhereFewOfManyTagsAreWithin() {
    var few = ReachTest.who("grace", "*-last", Action.PULL);
    Digest target = digest(PUBLIC);
    house.metadata.write(tx -> {
      var moves = new ArrayList<TagMove>();
      for (int i = 0; i < 12_000; i++) {
        var content = new TagContent(tx.descriptor(APP, target).orElseThrow(), null, null, null);
        moves.add(new TagMove(tag("t" + (100_000 + i) + (i == 11_999 ? "-last" : "")), null, content, null,
            TagMove.Cause.REQUEST));
      }
      return tx.moveTags(APP, moves, ALICE.author(), House.START);
    });

    TagLists.Names first = house.tagLists.names(few, APP, "", 10);
    assertThat(first.tags()).isEmpty();
    assertThat(first.next()).isNotNull();
    TagLists.Names second = house.tagLists.names(few, APP, first.next().value(), 10);
    assertThat(second.tags()).containsExactly(tag("t111999-last"));
    assertThat(second.next()).isNull();
    assertThat(house.tagLists.page(few, APP, TagFilter.ALL, "", 10, null, true).total()).isEqualTo(1);
  }
}
