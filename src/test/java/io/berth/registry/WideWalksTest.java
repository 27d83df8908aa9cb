package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.caught;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.FilledStore;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.Limits;
import io.berth.oci.Referrer.Place;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.RegistryException;
import io.berth.policy.DeletionRules;
import io.berth.policy.Expiry;
import io.berth.policy.Glob;
import io.berth.policy.TagRule;
import io.berth.policy.TagRules;
import io.berth.policy.TagTerms;
import io.berth.registry.Copies.Copied;
import io.berth.registry.Copies.Memory;
import io.berth.registry.Copies.Order;
import io.berth.registry.Graphs.Direction;
import io.berth.registry.Graphs.Graph;
import io.berth.registry.Referrers.Asked;
import io.berth.registry.Referrers.Data;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Walks in two repositories in which more than 100,000 manifests point at one: all of them list it as a child, and are about it. */
final class WideWalksTest {

  private static final int MANIFESTS = Closure.MANIFESTS + 1;
  private static final Memory ENOUGH = _ -> () -> {
  };

  /** What all point at, and what nothing is but these. */
  private static final String HOT = "{\"schemaVersion\":2,\"mediaType\":\"" + Documents.INDEX + "\",\"manifests\":[]}";
  private static final String DOCUMENT =
      Documents.indexOf(Documents.descriptor(Documents.INDEX, HOT), ",\"subject\":" + Documents.descriptor(Documents.INDEX, HOT));

  private static void fill(Statement statement, String binary) throws SQLException {
    String numbers = "(WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < " + MANIFESTS
        + ") SELECT i FROM number) AS numbers";
    String manifest = "INSERT INTO manifest (repository_id, digest, media_type, artifact_type, size, created_at, annotations, content)"
        + " SELECT %d, %s, '" + Documents.INDEX + "', NULL, %d, 1, '{}', CAST('%s' AS " + binary + ") FROM %s";
    for (int repository = 1; repository <= 2; repository++) {
      statement.execute("INSERT INTO repository (name, created_at) VALUES ('" + (repository == 1 ? APP : LIB) + "', 1)");
      statement.execute(manifest.formatted(repository, "'" + Documents.digest(HOT) + "'", HOT.length(), HOT, "(SELECT 1) AS one"));
      statement.execute(manifest.formatted(repository, "'sha256:' || substr('" + "0".repeat(64)
          + "', 1, 64 - length(CAST(i AS TEXT))) || CAST(i AS TEXT)", DOCUMENT.length(), DOCUMENT, numbers));
      for (String[] edge : new String[][] {{"/subject", "subject"}, {"/manifests/0", "child"}}) {
        statement
            .execute("INSERT INTO edge (manifest_id, pointer, repository_id, kind, target, media_type, size, artifact_type) SELECT id, '"
                + edge[0] + "', repository_id, '" + edge[1] + "', '" + Documents.digest(HOT) + "', '" + Documents.INDEX + "', "
                + HOT.length()
                + ", NULL FROM manifest WHERE digest <> '" + Documents.digest(HOT) + "' AND repository_id = " + repository);
      }
    }
  }

  @Nested
  final class InSqlite extends OfWalks {

    @Override
    MetadataStore open(Path folder) {
      return FilledStore.inSqlite(folder, WideWalksTest::fill);
    }
  }

  @Nested
  final class InPostgresql extends OfWalks {

    @Override
    MetadataStore open(Path folder) {
      return FilledStore.inPostgresql(WideWalksTest::fill);
    }
  }

  @Timeout(300)
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  abstract static class OfWalks {

    private House house;
    private final Digest hot = Documents.digest(HOT);

    abstract MetadataStore open(Path folder);

    @BeforeAll
    void begin(@TempDir Path folder) {
      var immutable = new TagRule("once", Glob.ofRepositories("**"), Glob.ofTags("once-*"), true, Set.of(), new Expiry.Never(), Set.of());
      house =
          new House(open(folder), new TagTerms(DeletionRules.DEFAULT, new TagRules(List.of(immutable)), Duration.ofDays(14)), House.GRACE);
    }

    @AfterAll
    void end() {
      house.close();
    }

    @Test
    void aViewIsCutOffAndSaysSo() {
      for (Direction direction : List.of(Direction.UP, Direction.BOTH)) {
        Graph graph = house.graphs.around(ALICE, LIB, hot, direction, 5);
        assertThat(graph.truncated()).isTrue();
        assertThat(graph.nodes()).hasSizeLessThanOrEqualTo(Graphs.NODES);
        assertThat(graph.links()).hasSizeGreaterThan(10_000).hasSizeLessThanOrEqualTo(Graphs.EDGES);
      }
      assertThat(house.graphs.around(ALICE, LIB, hot, Direction.DOWN, 5)).extracting(Graph::truncated, graph -> graph.nodes().size())
          .containsExactly(false, 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void referrersComeInPagesUntilTheLast(boolean all) {
      var filter = all ? ReferrerFilter.of(ReferrerFilter.KINDS) : ReferrerFilter.SUBJECT;
      int found = 0;
      Place next = Place.START;
      while (next != null) {
        var page = house.referrers.list(ALICE, LIB, hot, new Asked(filter, Data.NONE, next, 10_000, Limits.REFERRERS_PAGE_BYTES));
        assertThat(page.referrers()).hasSizeBetween(1, 10_000);
        found += page.referrers().size();
        next = page.next();
      }
      assertThat(found).isEqualTo(all ? 2 * MANIFESTS : MANIFESTS);
    }

    @Test
    void whatTooManyNeedToLookAtAllOfThemStaysWhereATagMayBeImmutable() {
      RegistryException refused = caught(() -> house.manifests.delete(ALICE, LIB, hot, Precondition.NONE));
      assertThat(refused.status()).isEqualTo(409);
      assertThat(refused.problems().getFirst().message()).contains("more than 10000 manifests need this content");
    }

    private Copied copy(Copies copies, boolean referrers) {
      return copies.copy(ALICE, APP, new Order(LIB, hot, List.of(tag("copied")), referrers), ENOUGH);
    }

    @Test
    void aCopyOfTooMuchIsRefusedAndTagsNothing() {
      assertThat(caught(() -> copy(house.copies(2_000), true)).status()).isEqualTo(413);
      assertThat(house.metadata.<Boolean>read(tx -> tx.tag(APP, tag("copied")).isPresent())).isFalse();
    }

    @Test
    void aCopyWithoutReferrersNeverLooksAtThem() {
      assertThat(house.copies(2_000).copy(ALICE, APP, new Order(LIB, hot, List.of(), false), ENOUGH))
          .isEqualTo(new Copied(hot, 0, 0, 0, true, List.of()));
    }

    /** What ends a copy that has come far enough. */
    private static final class Enough extends RuntimeException {

      private static final long serialVersionUID = 1;
    }

    /** The clock is looked at between two steps of a walk, so there a copy can be held up. */
    @Test
    void notManyLargeCopiesAreMadeAtOnce() throws Exception {
      var large = new CountDownLatch(2);
      var done = new CountDownLatch(1);
      ThreadLocal<Integer> steps = ThreadLocal.withInitial(() -> 0);
      Copies copies = house.copies(() -> {
        steps.set(steps.get() + 1);
        if (steps.get() < 150) {
          return 0;
        }
        large.countDown();
        try {
          done.await();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
        throw new Enough();
      });
      House.inThreads(3, number -> {
        if (number < 2) {
          assertThatThrownBy(() -> copy(copies, true)).isInstanceOf(Enough.class);
          return;
        }
        large.await();
        try {
          assertThat(caught(() -> copy(copies, true)).status()).isEqualTo(503);
        } finally {
          done.countDown();
        }
      });
      assertThatThrownBy(() -> copy(copies, true)).as("there is room again").isInstanceOf(Enough.class);
    }
  }
}
