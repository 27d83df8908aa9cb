package io.berth.registry;

import static io.berth.oci.Documents.bytes;
import static io.berth.oci.Documents.digest;
import static io.berth.oci.Documents.image;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.body;
import static io.berth.registry.House.inThreads;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.Tag;
import io.berth.oci.TagEvent;
import io.berth.oci.TagOrDigest;
import io.berth.policy.Access;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many clients at once on the same names: what was acknowledged is what is seen. */
final class ManifestRacesTest {

  private static final int IMAGES = 4;

  @TempDir Path folder;

  private House house;

  @BeforeEach
  void begin() {
    house = new House(folder);
    for (int i = 0; i < 60; i++) {
      house.blob(APP, "config " + i);
    }
  }

  @AfterEach
  void end() {
    house.close();
  }

  private static String document(int number) {
    return image("config " + number);
  }

  private Digest target(TagOrDigest name) {
    try {
      return house.manifests.get(ALICE, APP, name).digest();
    } catch (RegistryException absent) {
      assertThat(absent.problems().getFirst().code()).isEqualTo(ErrorCode.MANIFEST_UNKNOWN);
      return null;
    }
  }

  /** Each writer has a tag of its own and knows what it must see; readers keep the cache busy with all tags, old and new. */
  @Test
  void aPullSeesEachAcknowledgedChangeOfATag() throws Exception {
    long seed = RandomGenerator.getDefault().nextLong();
    var ended = new AtomicBoolean();
    inThreads(6, number -> {
      var random = new SplittableRandom(seed + number);
      if (number >= 4) {
        while (!ended.get()) {
          target(tag("tag" + random.nextInt(4)));
        }
        return;
      }
      try {
        writeAndLook(tag("tag" + number), random, seed);
      } finally {
        ended.set(true);
      }
    });
  }

  private void writeAndLook(Tag own, SplittableRandom random, long seed) {
    Digest expected = null;
    for (int i = 0; i < 250; i++) {
      int number = random.nextInt(IMAGES);
      switch (random.nextInt(4)) {
        case 0 -> {
          if (expected != null) {
            house.manifests.delete(ALICE, APP, own, Precondition.NONE);
          }
          expected = null;
        }
        case 1 -> expected = house.put(APP, own, document(number));
        case 2 -> {
          house.manifests.put(ALICE, APP, digest(document(number)), List.of(own), null, Precondition.NONE, bytes(document(number)));
          expected = digest(document(number));
        }
        default -> {
          // only a look
        }
      }
      assertThat(target(own)).as("step %d of seed %d", i, seed).isEqualTo(expected);
    }
  }

  @Test
  void aPullSeesEachAcknowledgedDeletionByDigest() throws Exception {
    var ended = new AtomicBoolean();
    inThreads(4, number -> {
      if (number >= 2) {
        while (!ended.get()) {
          target(tag("a0"));
          target(digest(document(0)));
          target(tag("a1"));
        }
        return;
      }
      try {
        for (int i = 0; i < 150; i++) {
          Tag own = tag("a" + number);
          Digest digest = house.put(APP, own, document(number));
          assertThat(target(own)).isEqualTo(digest);
          house.manifests.delete(ALICE, APP, digest, Precondition.NONE);
          assertThat(target(own)).isNull();
          assertThat(target(digest)).isNull();
          assertThat(house.manifests.cached(Access.ALL, APP, own)).isNull();
        }
      } finally {
        ended.set(true);
      }
    });
  }

  @Test
  void aPullSeesThatTheRepositoryIsGone() throws Exception {
    var ended = new AtomicBoolean();
    inThreads(3, number -> {
      if (number > 0) {
        while (!ended.get()) {
          target(tag("v1"));
        }
        return;
      }
      try {
        for (int i = 0; i < 100; i++) {
          Digest digest = house.image(APP, tag("v1"), "config " + i % 2);
          assertThat(target(tag("v1"))).isEqualTo(digest);
          house.repositories.delete(ALICE, APP);
          assertThat(target(tag("v1"))).isNull();
        }
      } finally {
        ended.set(true);
      }
    });
  }

  @Test
  void fiftyRacingMovesOfOneTagEndAtOneOfThemAndTheHistoryHoldsAllInOneOrder() throws Exception {
    Tag latest = tag("latest");
    inThreads(50, number -> house.put(APP, latest, document(number)));

    List<TagEvent> history = house.metadata.read(tx -> tx.history(APP, latest, 100)).reversed();
    assertThat(history).hasSize(50);
    assertThat(history).extracting(TagEvent::to).doesNotHaveDuplicates().doesNotContainNull();
    assertThat(target(latest)).isEqualTo(history.getLast().to());
    Digest at = null;
    for (int i = 0; i < history.size(); i++) {
      assertThat(history.get(i).sequence()).isEqualTo(i + 1);
      assertThat(history.get(i).from()).isEqualTo(at);
      assertThat(history.get(i).kind()).isEqualTo(at == null ? TagEvent.Kind.CREATED : TagEvent.Kind.MOVED);
      assertThat(i == 0 || history.get(i).at().isAfter(history.get(i - 1).at())).isTrue();
      at = history.get(i).to();
    }
  }

  @Test
  void manyClientsPushTheSameManifestUnderOneTag() throws Exception {
    inThreads(20, _ -> house.put(APP, tag("same"), document(0)));

    List<TagEvent> history = house.metadata.read(tx -> tx.history(APP, tag("same"), 100));
    assertThat(history).hasSize(1);
    assertThat(target(tag("same"))).isEqualTo(digest(document(0)));
  }

  /** Whatever the order: an image that was accepted has its blobs. */
  @Test
  void aBlobIsNeverDeletedFromUnderAManifest() throws Exception {
    for (int round = 0; round < 40; round++) {
      String config = "contended " + round;
      house.blob(APP, config);
      var accepted = new ArrayList<String>();
      inThreads(2, number -> {
        try {
          if (number == 0) {
            house.put(APP, image(config));
            accepted.add(config);
          } else {
            house.blobs.delete(ALICE, APP, digest(config));
          }
        } catch (RegistryException refused) {
          assertThat(refused.problems().getFirst().code()).isIn(ErrorCode.MANIFEST_BLOB_UNKNOWN, ErrorCode.UNSUPPORTED);
        }
      });
      if (accepted.isEmpty()) {
        house.uploads.push(ALICE, APP, digest(config), body(config));
      }
      assertThat(house.blobs.size(ALICE, APP, digest(config))).isEqualTo(config.length());
    }
  }

  /** Tags that point somewhere, point at a manifest that is there. */
  @Test
  void aTagNeverPointsAtADeletedManifest() throws Exception {
    inThreads(6, number -> {
      for (int i = 0; i < 100; i++) {
        try {
          if (number < 4) {
            house.put(APP, tag("t" + number), document(i % IMAGES));
          } else {
            house.manifests.delete(ALICE, APP, digest(document(i % IMAGES)), Precondition.NONE);
          }
        } catch (RegistryException absent) {
          assertThat(absent.problems().getFirst().code()).isEqualTo(ErrorCode.MANIFEST_UNKNOWN);
        }
        house.metadata.read(tx -> {
          for (Tag tag : tx.tags(APP, "", 10)) {
            assertThat(tx.manifest(APP, tag)).isPresent();
          }
          return tag("done");
        });
      }
    });
  }
}
