package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.caught;
import static io.berth.registry.House.refusal;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.PostgresForTests;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.Limits;
import io.berth.oci.Manifest;
import io.berth.oci.MediaType;
import io.berth.oci.Referrer.Place;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import io.berth.policy.DeletionRules;
import io.berth.policy.Expiry;
import io.berth.policy.Glob;
import io.berth.policy.TagRule;
import io.berth.policy.TagRules;
import io.berth.policy.TagTerms;
import io.berth.registry.Copies.Memory;
import io.berth.registry.Copies.Order;
import io.berth.registry.Graphs.Direction;
import io.berth.registry.Graphs.Graph;
import io.berth.registry.Referrers.Asked;
import io.berth.registry.Referrers.Data;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every walk over what points at what ends, and meets each thing once: in circles, which nobody can push, since a digest can't be foreseen, but
 * damaged data could have; and in towers of a thousand levels, which anybody can push.
 */
final class DeepWalksTest {

  private static final Memory ENOUGH = _ -> () -> {
  };
  private static final int LEVELS = 1_000;

  /** The bytes of each manifest of a circle, so that what points at it can say its size. */
  private static final int SIZE = 1_000;

  @Nested
  final class InSqlite extends OfWalks {

    @Override
    MetadataStore open() {
      return SqliteMetadataStore.open(folder.resolve("metadata.db"));
    }
  }

  @Nested
  final class InPostgresql extends OfWalks {

    @Override
    MetadataStore open() {
      return PostgresForTests.openIn(folder);
    }
  }

  @Timeout(120)
  abstract static class OfWalks {

    @TempDir Path folder;

    private House house;

    abstract MetadataStore open();

    @BeforeEach
    void begin() {
      var immutable = new TagRule("once", Glob.ofRepositories("**"), Glob.ofTags("once-*"), true, Set.of(), new Expiry.Never(), Set.of());
      house = new House(open(), new TagTerms(DeletionRules.DEFAULT, new TagRules(List.of(immutable)), Duration.ofDays(14)), House.GRACE);
      house.blob(LIB, "{}");
    }

    @AfterEach
    void end() {
      house.close();
    }

    private static String pointing(String kind, String target) {
      String descriptor = "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}".formatted(Documents.INDEX, Documents.digest(target), SIZE);
      return kind.equals("child") ? Documents.indexOf(descriptor, "") : Documents.indexOf("", ",\"%s\":%s".formatted(kind, descriptor));
    }

    /** Stores a manifest under a digest that it does not have. */
    private Digest forge(String name, String kind, String target) {
      String bare = pointing(kind, target);
      String document = bare.substring(0, bare.length() - 1) + " ".repeat(SIZE - bare.length()) + "}";
      byte[] bytes = Documents.bytes(document);
      var stored = new StoredManifest(Documents.digest(name), MediaType.OCI_INDEX, bytes);
      house.metadata.write(tx -> {
        tx.putManifest(LIB, stored, Manifest.parse(null, bytes), house.clock.instant(), house.leases.until());
        return stored;
      });
      return stored.digest();
    }

    private Digest forgeCircle(String kind, int length) {
      for (int i = 0; i < length; i++) {
        forge("link " + i, kind, "link " + (i + 1) % length);
      }
      return Documents.digest("link 0");
    }

    private Copies.Copied copy(Digest digest, Tag... tags) {
      return house.copies(10_000).copy(ALICE, APP, new Order(LIB, digest, List.of(tags), true), ENOUGH);
    }

    private boolean isThere(Digest manifest) {
      return house.metadata.<Boolean>read(tx -> tx.manifestSize(LIB, manifest).isPresent());
    }

    private int referrers(Digest digest) {
      var asked = new Asked(ReferrerFilter.of(ReferrerFilter.KINDS), Data.BLOBS, Place.START, 10, Limits.REFERRERS_PAGE_BYTES);
      return house.referrers.list(ALICE, LIB, digest, asked).referrers().size();
    }

    private void everyWalkEnds(String kind, int length) {
      Digest start = forgeCircle(kind, length);

      for (Direction direction : Direction.values()) {
        Graph graph = house.graphs.around(ALICE, LIB, start, direction, Graphs.MAX_DEPTH);
        assertThat(graph.nodes()).hasSize(length);
        assertThat(graph.links()).hasSize(length);
        assertThat(graph.truncated()).isFalse();
      }
      assertThat(referrers(start)).isEqualTo(1);
      if (kind.equals("child")) { // which of them should come first?
        assertThat(refusal(() -> copy(start, tag("copied")))).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);
        assertThat(house.metadata.<Boolean>read(tx -> tx.tag(APP, tag("copied")).isPresent())).isFalse();
      } else {
        assertThat(copy(start, tag("copied"))).extracting(Copies.Copied::manifests, Copies.Copied::complete)
            .containsExactly((long) length, true);
      }
      house.manifests.delete(ALICE, LIB, start, Precondition.NONE);
      assertThat(isThere(start)).isFalse();
      house.repositories.delete(ALICE, LIB);
      house.pass(House.GRACE.multipliedBy(3));
      house.collect();
    }

    @ParameterizedTest
    @ValueSource(strings = {"subject", "reference", "child"})
    void aManifestThatPointsAtItselfEndsEveryWalk(String kind) {
      everyWalkEnds(kind, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"subject", "reference", "child"})
    void aCircleEndsEveryWalk(String kind) {
      everyWalkEnds(kind, 3);
    }

    @Test
    void inACircleAnImmutableTagKeepsAll() {
      Digest start = forgeCircle("child", 3);
      String tagged = Documents.indexOf("{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}".formatted(Documents.INDEX,
          Documents.digest("link 1"), SIZE), "");
      assertThat(caught(() -> {
        house.put(LIB, tag("once-1"), tagged);
        house.manifests.delete(ALICE, LIB, start, Precondition.NONE);
      }).problems().getFirst().message()).contains("once-1");
      assertThat(isThere(start)).isTrue();
    }

    /** Manifests of which each points at the one before. */
    private String tower(String kind) {
      String top = Documents.image("{}");
      house.put(LIB, top);
      for (int i = 0; i < LEVELS; i++) {
        top = switch (kind) {
          case "subject" -> Documents.about(top, "application/x.signature", "{}");
          case "reference" -> Documents.imageWith(",\"reference\":" + Documents.descriptor(Documents.MANIFEST, top), "{}");
          default -> Documents.index(top);
        };
        house.put(LIB, top);
      }
      return top;
    }

    @ParameterizedTest
    @ValueSource(strings = {"subject", "reference", "child"})
    void aTowerIsSeenAsFarAsAskedAndCopiedWholeAndItsStonesCanBeRemoved(String kind) {
      Digest top = Documents.digest(tower(kind));
      Digest bottom = Documents.digest(Documents.image("{}"));

      assertThat(house.graphs.around(ALICE, LIB, bottom, Direction.UP, Graphs.MAX_DEPTH).nodes()).hasSize(Graphs.MAX_DEPTH + 1);
      assertThat(house.graphs.around(ALICE, LIB, top, Direction.DOWN, Graphs.MAX_DEPTH).nodes()).hasSizeGreaterThan(Graphs.MAX_DEPTH);
      assertThat(referrers(bottom)).isEqualTo(1);
      assertThat(copy(kind.equals("child") ? top : bottom, tag("copied")).manifests()).isEqualTo(LEVELS + 1);
      house.manifests.delete(ALICE, LIB, bottom, Precondition.NONE);
      assertThat(referrers(bottom)).as("what is said of it stays").isEqualTo(1);
      house.repositories.delete(ALICE, LIB);
    }

    @Test
    void anImmutableTagOnTopOfATowerKeepsTheBottom() {
      house.put(LIB, tag("once-1"), tower("child"));

      assertThat(caught(() -> house.manifests.delete(ALICE, LIB, Documents.digest(Documents.image("{}")), Precondition.NONE)).problems()
          .getFirst().message()).contains("once-1");
    }

    private static String nested(int levels) {
      String reference = Documents.descriptor("x/y", "end");
      for (int i = 0; i < levels; i++) {
        reference = Documents.descriptor("x/y", "level " + i, ",\"reference\":" + reference);
      }
      return Documents.imageWith(",\"reference\":" + reference, "{}");
    }

    @Test
    void referencesOfReferencesAreTakenAsDeepAsJsonMayBeAndNoDeeper() {
      assertThat(refusal(() -> house.put(LIB, nested(LEVELS)))).containsExactly(ErrorCode.MANIFEST_INVALID);
      Digest deepest = house.put(LIB, nested(Limits.JSON_DEPTH - 3));
      assertThat(house.graphs.around(ALICE, LIB, deepest, Direction.DOWN, 1).links()).hasSize(Limits.JSON_DEPTH - 3 + 1 + 1);
      assertThat(copy(deepest, tag("copied")).manifests()).isEqualTo(1);
      house.manifests.delete(ALICE, LIB, deepest, Precondition.NONE);
      assertThat(house.graphs.around(ALICE, LIB, Documents.digest("end"), Direction.UP, 5).nodes()).hasSize(1);
    }
  }
}
