package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.PostgresForTests;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Backlog;
import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.policy.TagTerms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pushes, mounts, answers that something is there, manifests and deletions while the collector works without a rest, with a grace of a few
 * hundred steps of the clock, which each act puts on by one. In the repository {@code kept} no client deletes blobs, so every promise can be held
 * against what becomes of it.
 */
@Timeout(180)
final class GarbageRacesTest {

  private static final Duration GRACE = Duration.ofMinutes(5);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final RepositoryName KEPT = RepositoryName.parse("kept");
  private static final List<RepositoryName> ALL = List.of(APP, LIB, KEPT);
  private static final int CLIENTS = 6;
  private static final int ACTS = 400;
  private static final int CONTENTS = 60;

  @TempDir Path folder;

  @Nested
  final class Sqlite {

    @Test
    void nothingThatWasPromisedIsLostAndNothingElseStays() throws Exception {
      race(SqliteMetadataStore.open(folder.resolve("metadata.db")));
    }
  }

  @Nested
  final class Postgresql {

    @Test
    void nothingThatWasPromisedIsLostAndNothingElseStays() throws Exception {
      race(PostgresForTests.openIn(folder));
    }
  }

  private static void race(MetadataStore metadata) throws Exception {
    try (var house = new House(metadata, TagTerms.DEFAULT, GRACE)) {
      var race = new Race(house);
      House.inThreads(CLIENTS + 1, number -> {
        if (number == CLIENTS) {
          race.collect();
        } else {
          race.act(new SplittableRandom(number));
        }
      });
      assertThat(race.promises).as("promises that were looked at in time").hasValueGreaterThan(CLIENTS * ACTS / 100);
      assertThat(house.garbage.total().blobs()).as("blobs that went meanwhile").isPositive();
      race.settle();
    }
  }

  private record Race(House house, Mounts mounts, AtomicInteger working, AtomicInteger promises) {

    Race(House house) {
      this(house, house.mounts(), new AtomicInteger(CLIENTS), new AtomicInteger());
    }

    void collect() {
      while (working.get() > 0) {
        assertThat(house.garbage.step().failed()).isZero();
        house.pass(TICK);
      }
    }

    void act(SplittableRandom random) throws Exception {
      try {
        for (int i = 0; i < ACTS; i++) {
          house.pass(TICK);
          int config = random.nextInt(CONTENTS);
          int layer = (config + random.nextInt(2)) % CONTENTS;
          act(random, ALL.get(random.nextInt(ALL.size())), "c" + config, "l" + layer);
        }
      } finally {
        working.decrementAndGet();
      }
    }

    private void act(SplittableRandom random, RepositoryName repository, String config, String layer) throws Exception {
      switch (random.nextInt(10)) {
        case 0, 1 -> {
          Instant told = house.clock.instant();
          promised(repository, house.blob(repository, layer), told);
        }
        case 2 -> {
          Instant told = house.clock.instant();
          if (mounts.mount(ALICE, repository, Documents.digest(layer), ALL.get(random.nextInt(ALL.size())))) {
            promised(repository, Documents.digest(layer), told);
          }
        }
        case 3, 4, 5 -> pushWhatIsMissing(repository, config, layer);
        case 6, 7 ->
            quietly(() -> house.manifests.delete(ALICE, repository, Documents.digest(Documents.image(config, layer)), Precondition.NONE));
        case 8 -> {
          if (!repository.equals(KEPT)) {
            quietly(() -> house.blobs.delete(ALICE, repository, Documents.digest(layer)));
          }
        }
        default -> {
          if (repository.equals(LIB)) {
            quietly(() -> house.repositories.delete(ALICE, LIB));
          }
          house.pass(TICK.multipliedBy(random.nextInt(20)));
        }
      }
    }

    /** As clients do: they ask for each blob, push those that are not there, then the manifest. */
    private void pushWhatIsMissing(RepositoryName repository, String config, String layer) {
      Instant told = house.clock.instant();
      for (String content : List.of(config, layer)) {
        if (!quietly(() -> house.blobs.size(ALICE, repository, Documents.digest(content)))) {
          house.blob(repository, content);
        }
      }
      boolean accepted = quietly(() -> house.put(repository, Documents.image(config, layer)));
      if (isInTime(repository, told)) {
        assertThat(accepted).as("what was there half a grace ago").isTrue();
        promises.incrementAndGet();
      }
    }

    private void promised(RepositoryName repository, Digest blob, Instant told) throws Exception {
      boolean isThere = quietly(() -> {
        try (BlobContent content = house.blobs.open(ALICE, repository, blob)) {
          assertThat(content.size()).isBetween(2L, 3L);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
      if (isInTime(repository, told)) {
        assertThat(isThere).as("what was there half a grace ago").isTrue();
        promises.incrementAndGet();
      }
    }

    private boolean isInTime(RepositoryName repository, Instant told) {
      return repository.equals(KEPT) && house.clock.instant().isBefore(told.plus(GRACE.dividedBy(2)));
    }

    /** Whether it was done; a refusal for what others did is one of what is missing, and says nothing of damage. */
    private static boolean quietly(Runnable act) {
      try {
        act.run();
        return true;
      } catch (RegistryException refused) {
        assertThat(refused.problems()).allSatisfy(problem -> {
          assertThat(problem.code()).isIn(ErrorCode.BLOB_UNKNOWN, ErrorCode.MANIFEST_UNKNOWN, ErrorCode.MANIFEST_BLOB_UNKNOWN,
              ErrorCode.NAME_UNKNOWN, ErrorCode.UNSUPPORTED);
          assertThat(problem.message()).doesNotContain("damaged");
        });
        return false;
      }
    }

    /** In the end there is what manifests need, with its bytes, and nothing else. */
    void settle() {
      for (int i = 0; i < 3; i++) {
        house.pass(GRACE);
        assertThat(house.collect().failed()).isZero();
      }
      assertThat(house.garbage.backlog()).isEqualTo(new Backlog(0, 0, null, 0, 0, 0, 0, null));
      assertThat(house.digests.size()).isZero();
      for (String content : IntStream.range(0, CONTENTS).boxed().flatMap(i -> List.of("c" + i, "l" + i).stream()).toList()) {
        Digest blob = Documents.digest(content);
        boolean anywhere = false;
        for (RepositoryName repository : ALL) {
          boolean held = house.metadata.read(tx -> tx.heldBlob(repository, blob).isPresent());
          boolean needed = house.metadata.read(tx -> tx.neededBy(repository, blob).isPresent());
          assertThat(held).as("%s is held by %s, and it is needed there: %s", content, repository, needed).isEqualTo(needed);
          anywhere |= held;
        }
        assertThat(house.isStored(blob)).as("the bytes of %s are there", content).isEqualTo(anywhere);
      }
    }
  }
}
