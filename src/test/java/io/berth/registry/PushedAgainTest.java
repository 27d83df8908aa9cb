package io.berth.registry;

import static io.berth.oci.Documents.digest;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.body;
import static io.berth.registry.House.caught;
import static io.berth.registry.House.caughtOrNull;
import static io.berth.registry.House.tag;
import static io.berth.registry.SparsePushesTest.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.PostgresForTests;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RegistryException.Problem;
import io.berth.oci.RepositoryName;
import io.berth.policy.Action;
import io.berth.policy.SparseRules;
import io.berth.policy.SparseTerms;
import io.berth.policy.TagTerms;
import io.berth.registry.Copies.Order;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * To push a manifest again that is there, in a repository that takes what is not whole, takes nothing from those who read because of it, and gives nothing to who pushes it.
 */
final class PushedAgainTest {

  private static final String CONFIG = "{}";
  private static final String AMD = Documents.image(CONFIG, "amd");
  private static final String ARM = Documents.image(CONFIG, "arm");
  private static final String INDEX = Documents.indexOf(entry(AMD, "linux", "amd64") + "," + entry(ARM, "linux", "arm64"), "");
  private static final Copies.Memory ENOUGH = _ -> () -> {
  };

  @Nested
  final class InSqlite extends OfPushes {

    @Override
    MetadataStore open() {
      return SqliteMetadataStore.open(folder.resolve("metadata.db"));
    }
  }

  @Nested
  final class InPostgresql extends OfPushes {

    @Override
    MetadataStore open() {
      return PostgresForTests.openIn(folder);
    }
  }

  @Timeout(120)
  abstract static class OfPushes {

    @TempDir Path folder;

    private House house;
    private Manifests manifests;
    private final Caller maker = ReachTest.who("carol", "release-*", Action.PULL, Action.PUSH);
    private final Caller reader = ReachTest.who("bob", "release-*", Action.PULL);
    private final Caller watcher = ReachTest.who("erin", "latest", Action.PULL);

    abstract MetadataStore open();

    @BeforeEach
    void begin() {
      house = new House(open(), TagTerms.DEFAULT, House.GRACE);
      manifests = house.manifests(new SparseRules(List.of(), SparseTerms.NOTHING));
      house.image(APP, tag("release-1"), CONFIG, "amd");
    }

    @AfterEach
    void end() {
      house.close();
    }

    private void put(Caller caller, RepositoryName repository, String name, String document) {
      manifests.put(caller, repository, tag(name), List.of(), null, Precondition.NONE, Documents.bytes(document));
    }

    private void put(Caller caller, String name, String document) {
      put(caller, APP, name, document);
    }

    private boolean reads(Caller caller, String content) {
      return caughtOrNull(() -> house.blobs.size(caller, APP, digest(content))) == null
          || caughtOrNull(() -> manifests.get(caller, APP, digest(content))) == null;
    }

    private static void requireUnknown(RegistryException refused, String detail) {
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.problems()).extracting(Problem::code).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);
      assertThat(refused.problems()).extracting(Problem::detail).containsExactly(detail);
      assertThat(refused.getMessage()).isEqualTo(refused.problems().getFirst().message()).endsWith("push it first");
    }

    @Test
    void theRestOfAnIndexStaysWithThoseWhoReadIt() {
      house.image(APP, tag("dev-1"), CONFIG, "arm");
      put(ALICE, "latest", INDEX);

      requireUnknown(caught(() -> put(maker, "release-2", INDEX)), digest(ARM) + " for linux/arm64");

      assertThat(reads(watcher, ARM)).isTrue();
      assertThat(reads(watcher, "arm")).isTrue();
      assertThat(reads(maker, INDEX)).isFalse();
      assertThat(reads(maker, ARM)).isFalse();
    }

    @Test
    void andSoDoTheLayersOfAnImage() {
      house.image(APP, tag("latest"), CONFIG, "arm");

      requireUnknown(caught(() -> put(maker, "release-2", ARM)), digest("arm").toString());

      assertThat(reads(watcher, "arm")).isTrue();
      assertThat(reads(maker, "arm")).isFalse();
    }

    @Test
    void andWhatComesLater() {
      put(ALICE, "latest", INDEX);

      requireUnknown(caught(() -> put(maker, "release-2", INDEX)), digest(ARM) + " for linux/arm64");
      house.image(APP, tag("dev-1"), CONFIG, "arm");

      assertThat(reads(watcher, ARM)).isTrue();
      assertThat(reads(maker, ARM)).isFalse();
    }

    @Test
    void whoHasItHimselfPushesItAndNobodyLosesAnything() {
      house.image(APP, tag("dev-1"), CONFIG, "arm");
      put(ALICE, "latest", INDEX);
      house.uploads.push(maker, APP, digest("arm"), body("arm"));
      put(maker, "release-2", ARM);

      put(maker, "release-3", INDEX);

      assertThat(reads(watcher, "arm")).isTrue();
      assertThat(reads(reader, INDEX)).isTrue();
      assertThat(reads(reader, "arm")).isTrue();
    }

    @Test
    void whoReadsItByATagGivesItAnother() {
      put(ALICE, "release-2", INDEX); // a platform is missing

      put(maker, "release-3", INDEX);
      house.image(APP, tag("dev-1"), CONFIG, "arm");

      assertThat(reads(reader, ARM)).isTrue();
    }

    @Test
    void whatDidNotReachIsNotWidenedByWhoCantReadIt() {
      put(maker, "release-2", INDEX);
      house.image(APP, tag("dev-1"), CONFIG, "arm");
      assertThat(reads(reader, ARM)).isFalse();

      put(maker, "release-3", INDEX);
      assertThat(reads(reader, ARM)).isFalse();
      assertThat(reads(maker, ARM)).isFalse();

      put(ALICE, "latest", INDEX);
      assertThat(reads(reader, ARM)).as("who reads it vouches for it").isTrue();
    }

    @Test
    void aCopyComesByTheSameDoor() {
      house.image(APP, tag("dev-1"), CONFIG, "arm");
      put(ALICE, "latest", INDEX);
      house.image(LIB, tag("release-1"), CONFIG, "amd");
      put(ALICE, LIB, "release-2", INDEX);
      var order = new Order(LIB, tag("release-2"), List.of(tag("release-2")), true);

      requireUnknown(caught(() -> house.copies(100).copy(maker, APP, order, ENOUGH)), digest(ARM) + " for linux/arm64");

      assertThat(reads(watcher, ARM)).isTrue();
      assertThat(reads(maker, ARM)).isFalse();
    }
  }
}
