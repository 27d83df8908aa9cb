package io.berth.registry;

import static io.berth.oci.Documents.digest;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.refusal;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.PostgresForTests;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.MediaType;
import io.berth.oci.TagObject;
import io.berth.policy.Action;
import io.berth.policy.TagTerms;
import io.berth.registry.Copies.Order;
import io.berth.registry.Tags.Operation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever writes and may read some tags only has it found out before others wait for him, whether he may read what he names; and then it must still be so. */
final class WaysTest {

  /** Images that hold the same layer, and that nobody reads who reads some tags. */
  private static final int HIDDEN = 1_500;

  /** Questions, rows and changes of one writing, where all that is named is found as it was before. */
  private static final int FEW = 60;

  private static final String CONFIG = "config";
  private static final String LAST = numbered("last");
  private static final Copies.Memory ENOUGH = _ -> () -> {
  };

  private static String numbered(Object name) {
    return Documents.imageWith(",\"annotations\":{\"n\":\"" + name + "\"}", CONFIG, "base");
  }

  @Nested
  final class InSqlite extends OfWays {

    @Override
    MetadataStore open() {
      return SqliteMetadataStore.open(folder.resolve("metadata.db"));
    }
  }

  @Nested
  final class InPostgresql extends OfWays {

    @Override
    MetadataStore open() {
      return PostgresForTests.openIn(folder);
    }
  }

  @Timeout(120)
  abstract static class OfWays {

    @TempDir Path folder;

    private WatchedStore store;
    private House house;
    private final Caller maker = ReachTest.who("carol", "release-*", Action.PULL, Action.PUSH);

    abstract MetadataStore open();

    /** The layer is in many images and, last of all, in one that is tagged; the first tags within do not lead there. */
    @BeforeEach
    void begin() {
      store = new WatchedStore(open());
      house = new House(store, TagTerms.DEFAULT, House.GRACE);
      house.blob(APP, CONFIG);
      house.blob(APP, "base");
      String other = Documents.image(CONFIG);
      IntStream.range(100, 200).forEach(i -> house.put(APP, tag("release-0" + i), other));
      house.putAll(APP, IntStream.range(0, HIDDEN).mapToObj(WaysTest::numbered).toList());
      house.put(APP, tag("release-1"), LAST);
      store.forget();
    }

    @AfterEach
    void end() {
      house.close();
    }

    private void push(Caller caller, String name) {
      house.manifests.put(caller, APP, tag(name), List.of(), null, Precondition.NONE,
          Documents.bytes(Documents.image(CONFIG, "base", "base")));
    }

    private static Operation pointing(String name) {
      var object = new TagObject(null, null, null, new TagObject.Target(new MediaType("text/plain"), null, digest("base")));
      return new Operation(tag(name), new TagProposal.Unsigned(object), Precondition.NONE);
    }

    private void requireFoundBefore(String verb) {
      assertThat(store.read()).as(verb + " looks for it").isGreaterThan(HIDDEN);
      assertThat(store.written()).as(verb + " writes").isBetween(1L, (long) FEW);
      store.forget();
    }

    @Test
    void whicheverVerbNamesItTheSearchIsOverBeforeItWrites() {
      push(maker, "release-2");
      requireFoundBefore("a push");

      house.manifests.delete(ALICE, APP, tag("release-2"), Precondition.NONE);
      house.manifests.delete(ALICE, APP, digest(Documents.image(CONFIG, "base", "base")), Precondition.NONE);
      store.forget();
      house.tags.change(maker, APP, pointing("release-9999"));
      requireFoundBefore("a tag");

      house.manifests.delete(ALICE, APP, tag("release-9999"), Precondition.NONE);
      store.forget();
      house.tags.change(maker, APP, List.of(pointing("release-9998"), pointing("release-9997")));
      requireFoundBefore("a batch");

      house.manifests.delete(ALICE, APP, tag("release-9997"), Precondition.NONE);
      house.manifests.delete(ALICE, APP, tag("release-9998"), Precondition.NONE);
      long before = house.metadata.<Long>read(tx -> tx.progress(APP).sequence()) - 2;
      store.forget();
      house.tags.change(maker, APP,
          new Operation(tag("release-9998"), new TagProposal.Restored(new Moment.Sequence(before)), Precondition.NONE));
      requireFoundBefore("a restoration");
    }

    @Test
    void soItIsWithAMountAndACopyMovesNothingThatIsLookedForAgain() {
      assertThat(house.mounts().mount(maker, LIB, digest("base"), APP)).isTrue();
      requireFoundBefore("a mount");

      house.image(LIB, tag("release-1"), CONFIG, "base", "base");
      store.forget();
      assertThat(house.copies(100).copy(maker, APP, new Order(LIB, tag("release-1"), List.of(tag("release-2")), true), ENOUGH).complete())
          .isTrue();
      assertThat(store.written()).as("three writings").isBetween(1L, 3L * FEW);
    }

    @Test
    void whoeverReadsEverythingPaysNothingForThat() {
      push(ALICE, "release-2");

      assertThat(store.readings()).isZero();
      assertThat(store.written()).isLessThan(FEW);
    }

    @Test
    void whatIsNotReadableIsNotLookedForWhileOthersWait() {
      house.manifests.delete(ALICE, APP, tag("release-1"), Precondition.NONE);
      store.forget();

      assertThat(refusal(() -> push(maker, "release-2"))).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);
      requireFoundBefore("a refusal");
    }

    /** What was found is no right: it is gone again, and so is the answer. */
    @Test
    void aWayThatGoesMeanwhileIsNone() {
      store.meanwhile(() -> house.manifests.delete(ALICE, APP, tag("release-1"), Precondition.NONE));

      assertThat(refusal(() -> push(maker, "release-2"))).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);

      assertThat(store.written()).as("it has looked for another one, not for long").isLessThan(2 * Reach.LOOKS_AGAIN);
      assertThat(house.tagLists.names(ALICE, APP, "release-1", 10).tags()).isEmpty();
    }

    @Test
    void soItIsWhereTheTagNowPointsElsewhere() {
      store.meanwhile(() -> house.put(APP, tag("release-1"), Documents.image(CONFIG)));

      assertThat(refusal(() -> house.tags.change(maker, APP, pointing("release-2")))).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);
    }

    @Test
    void whereAnotherWayIsEasyToSeeItIsTaken() {
      store.meanwhile(() -> {
        house.put(APP, tag("release-1"), Documents.image(CONFIG));
        house.put(APP, tag("release-00"), LAST);
      });

      push(maker, "release-2");

      assertThat(store.written()).isLessThan(2 * Reach.LOOKS_AGAIN);
      assertThat(house.manifests.get(ALICE, APP, tag("release-2"))).isNotNull();
    }

    /** Where the way leads over more manifests than may be asked again, it counts as none. */
    @Test
    void aWayOfMoreStepsThanMayBeGoneAgainIsNone() {
      house.blob(APP, "deep");
      var tower = new ArrayList<String>(List.of(Documents.image(CONFIG, "deep")));
      IntStream.range(0, Reach.LOOKS_AGAIN + 10).forEach(_ -> tower.add(Documents.index(tower.getLast())));
      house.putAll(APP, tower);
      house.put(APP, tag("release-2"), tower.getLast());
      assertThat(house.metadata.<Boolean>read(tx -> Reach.of(tx, maker, APP).shows(digest("deep")))).isTrue();
      store.forget();

      assertThat(refusal(() -> house.manifests.put(maker, APP, tag("release-3"), List.of(), null, Precondition.NONE,
          Documents.bytes(Documents.image(CONFIG, "deep", "deep"))))).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);
      assertThat(store.written()).isLessThan(2 * Reach.LOOKS_AGAIN);
    }
  }
}
