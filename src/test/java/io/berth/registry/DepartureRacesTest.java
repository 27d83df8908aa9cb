package io.berth.registry;

import static io.berth.oci.Documents.about;
import static io.berth.oci.Documents.descriptor;
import static io.berth.oci.Documents.indexOf;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.GRACE;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.PostgresForTests;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Departing;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.Tag;
import io.berth.oci.TagObject;
import io.berth.policy.DeletionRules;
import io.berth.policy.ReferrerLife;
import io.berth.policy.ReferrerRules;
import io.berth.policy.TagRules;
import io.berth.policy.TagTerms;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Images and what is about them are pushed, tagged, listed and deleted while the collector works without a rest and no grace is given: what is held,
 * or was pushed after its subject went, is there. Nobody deletes a referrer himself.
 */
@Timeout(180)
final class DepartureRacesTest {

  private static final int CLIENTS = 4;
  private static final int ACTS = 250;
  private static final int SHARED = 3;
  /** More are to go meanwhile, however busy the machine is. */
  private static final int WENT = 10;

  @TempDir Path folder;

  @Nested
  final class Sqlite {

    @Test
    void whatIsHeldStays() throws Exception {
      race(SqliteMetadataStore.open(folder.resolve("metadata.db")));
    }
  }

  @Nested
  final class Postgresql {

    @Test
    void whatIsHeldStays() throws Exception {
      race(PostgresForTests.openIn(folder));
    }
  }

  private static void race(MetadataStore metadata) throws Exception {
    try (var house = new House(metadata, new TagTerms(DeletionRules.DEFAULT, TagRules.NONE, Duration.ZERO), GRACE)) {
      Manifests manifests = house.manifests(new ReferrerRules(List.of(), new ReferrerLife.WithSubject(Duration.ZERO)));
      house.blob(APP, "c");
      var working = new AtomicInteger(CLIENTS);
      House.inThreads(CLIENTS + 1, number -> {
        if (number == CLIENTS) {
          while (working.get() > 0) {
            assertThat(house.garbage.step().failed()).isZero();
          }
        } else {
          try {
            var client = new Client(house, manifests, number);
            var random = new SplittableRandom(number);
            for (int i = 0; i < ACTS || house.garbage.total().referrers() <= WENT; i++) {
              client.act(random);
            }
          } finally {
            working.decrementAndGet();
          }
        }
      });
      house.collect();
      assertThat(house.garbage.departing()).isEqualTo(new Departing(0, 0, null, 0, 0));
      assertThat(house.garbage.total().referrers()).as("manifests that went meanwhile").isGreaterThan(WENT);
    }
  }

  /** One client, with a tag, an index and an image of its own, which nobody else touches. */
  private record Client(House house, Manifests manifests, int number) {

    private static String image(String name) {
      return Documents.imageWith(",\"annotations\":{\"name\":\"" + name + "\"}", "c");
    }

    private static String signature(String name) {
      return about(image(name), "x/signature", "c");
    }

    void act(SplittableRandom random) {
      String shared = "shared" + random.nextInt(SHARED);
      switch (random.nextInt(5)) {
        case 0 -> {
          push(image(shared));
          push(signature(shared));
        }
        case 1 -> delete(Documents.digest(image(shared)));
        case 2 -> hold(shared);
        case 3 -> list(shared);
        default -> pushAgain("own" + number);
      }
    }

    private Digest push(String document) {
      return manifests.put(ALICE, APP, Documents.digest(document), List.of(), null, Precondition.NONE, Documents.bytes(document)).digest();
    }

    private boolean delete(Digest manifest) {
      return quietly(() -> manifests.delete(ALICE, APP, manifest, Precondition.NONE));
    }

    private void isThere(Digest manifest) {
      assertThat(manifests.get(ALICE, APP, manifest).digest()).isEqualTo(manifest);
    }

    /** Gives a referrer a name; as long as it has that, it is there. */
    private void hold(String shared) {
      var tag = new Tag("tag" + number);
      Digest signature = Documents.digest(signature(shared));
      if (quietly(() -> house.tags.change(ALICE, APP, new Tags.Operation(tag, pointing(signature), Precondition.NONE)))) {
        isThere(signature);
        delete(Documents.digest(image(shared)));
        house.garbage.step();
        isThere(signature);
        assertThat(manifests.get(ALICE, APP, tag).digest()).isEqualTo(signature);
        assertThat(quietly(() -> manifests.delete(ALICE, APP, tag, Precondition.NONE))).isTrue();
      }
    }

    private static TagProposal pointing(Digest target) {
      return new TagProposal.Unsigned(new TagObject(null, null, null, new TagObject.Target(null, null, target)));
    }

    /** Pushes an index that lists a referrer; as long as that is there, so is the referrer. */
    private void list(String shared) {
      String index = indexOf(descriptor(Documents.MANIFEST, signature(shared)), ",\"annotations\":{\"number\":\"" + number + "\"}");
      if (quietly(() -> push(index))) {
        delete(Documents.digest(image(shared)));
        house.garbage.step();
        isThere(Documents.digest(signature(shared)));
        assertThat(delete(Documents.digest(index))).isTrue();
      }
    }

    /** What is pushed after its subject went stays, be it for the second time. */
    private void pushAgain(String own) {
      push(image(own));
      push(signature(own));
      assertThat(delete(Documents.digest(image(own)))).isTrue();
      push(signature(own));
      house.garbage.step();
      isThere(Documents.digest(signature(own)));
    }

    /** Whether it was done; others may have been quicker. */
    private static boolean quietly(Runnable act) {
      try {
        act.run();
        return true;
      } catch (RegistryException refused) {
        assertThat(refused.problems()).allMatch(
            problem -> List.of(ErrorCode.MANIFEST_UNKNOWN, ErrorCode.MANIFEST_BLOB_UNKNOWN).contains(problem.code()));
        return false;
      }
    }
  }
}
