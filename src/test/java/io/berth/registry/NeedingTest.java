package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.tag;
import static io.berth.registry.SparsePushesTest.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.PostgresForTests;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.RepositoryName;
import io.berth.policy.Action;
import io.berth.policy.SparseRules;
import io.berth.policy.SparseTerms;
import io.berth.policy.TagTerms;
import io.berth.registry.Completeness.Holder;
import io.berth.registry.Completeness.News;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may read some tags is told what concerns these, whatever else needs the same, and whoever was there first. */
final class NeedingTest {

  private static final int OTHERS = 17;

  @Nested
  final class InSqlite extends OfNeeding {

    @Override
    MetadataStore open() {
      return SqliteMetadataStore.open(folder.resolve("metadata.db"));
    }
  }

  @Nested
  final class InPostgresql extends OfNeeding {

    @Override
    MetadataStore open() {
      return PostgresForTests.openIn(folder);
    }
  }

  @Timeout(120)
  abstract static class OfNeeding {

    private static final String ARM = Documents.image("{}", "arm");
    private static final String RELEASE = index("release");

    @TempDir Path folder;

    private final Caller reader = ReachTest.who("bob", "release-*", Action.PULL);
    private House house;

    abstract MetadataStore open();

    @BeforeEach
    void begin() {
      house = new House(open(), TagTerms.DEFAULT, House.GRACE);
      house.fetches.set(new Fetches(new Elsewhere(), house.mode));
    }

    @AfterEach
    void end() {
      house.close();
    }

    /** Has the image that is missing here. */
    private static final class Elsewhere implements Upstream {

      @Override
      public boolean serves(RepositoryName repository) {
        return true;
      }

      @Override
      public Optional<Body> manifest(RepositoryName repository, Descriptor wanted) {
        Iterator<ByteBuffer> pieces = List.of(ByteBuffer.wrap(Documents.bytes(ARM))).iterator();
        return Optional.of(new Body() {
          @Override
          public @Nullable ByteBuffer next() {
            return pieces.hasNext() ? pieces.next() : null;
          }

          @Override
          public void close() {}
        });
      }

      @Override
      public Optional<Body> blob(RepositoryName repository, Descriptor wanted) {
        return Optional.empty();
      }
    }

    private static String index(String name) {
      return Documents.indexOf(entry(ARM, "linux", "arm64"), ",\"annotations\":{\"name\":\"" + name + "\"}");
    }

    private void put(Caller caller, String name, String document) {
      verb().put(caller, APP, tag(name), List.of(), null, Precondition.NONE, Documents.bytes(document));
    }

    private Manifests verb() {
      return house.manifests(new SparseRules(List.of(), SparseTerms.NOTHING));
    }

    private void putOthers() {
      IntStream.range(0, OTHERS).forEach(i -> put(ALICE, "dev-" + i, index("dev-" + i)));
    }

    private List<News> news(Caller caller) {
      return new Completeness(house.metadata).behind(caller, APP, 0, 10).news();
    }

    @Test
    void whatComesIsToldToTheReadersOfAnIndexThatIsBehindManyOthers() {
      putOthers();
      put(ALICE, "release-1", RELEASE);
      house.image(APP, tag("arm"), "{}", "arm");

      assertThat(news(reader)).singleElement().satisfies(one -> {
        assertThat(one.content()).isEqualTo(Documents.digest(ARM));
        assertThat(one.holders()).containsExactly(new Holder(Documents.digest(RELEASE), true, List.of(tag("release-1"))));
      });
      assertThat(news(ALICE).getFirst().holders()).as("she is told some").hasSize(10);
    }

    @Test
    void whatIsMissingIsExplainedToThem() {
      house.fetches.set(Fetches.NONE);
      putOthers();
      put(ALICE, "release-1", RELEASE);

      assertThat(House.caught(() -> verb().get(reader, APP, Documents.digest(ARM))))
          .hasMessageStartingWith("index " + Documents.digest(RELEASE) + " lists this manifest for linux/arm64");
    }

    @Test
    void andAMissingBlobToo() {
      IntStream.range(0, OTHERS).forEach(i -> put(ALICE, "dev-" + i, Documents.image("dev " + i, "arm")));
      put(ALICE, "release-1", ARM);

      assertThat(House.caught(() -> house.blobs.open(reader, APP, Documents.digest("arm"))))
          .hasMessageStartingWith("manifest " + Documents.digest(ARM) + " needs this blob");
    }

    @Test
    void itIsFetchedForThem() {
      putOthers();
      put(ALICE, "release-1", RELEASE);

      assertThat(verb().get(reader, APP, Documents.digest(ARM)).bytes()).asString().isEqualTo(ARM);
    }

    /** Whoever has pushed the first could not read the image, so who reads that index does not either. */
    @Test
    void itIsFetchedForThemThoughAnotherIndexOfTheirsGivesNoRightToIt() {
      put(ReachTest.who("carol", "release-*", Action.PULL, Action.CREATE), "release-1", index("carol's"));
      assertThat(House.caughtOrNull(() -> verb().get(reader, APP, Documents.digest(ARM)))).isNotNull();
      put(ALICE, "release-2", RELEASE);

      assertThat(verb().get(reader, APP, Documents.digest(ARM)).bytes()).asString().isEqualTo(ARM);
    }

    @Test
    void anIndexThatNamesItOftenCountsOnce() {
      String often =
          Documents.indexOf(IntStream.range(0, 40).mapToObj(_ -> entry(ARM, "linux", "arm64")).collect(Collectors.joining(",")), "");
      put(ALICE, "often", often);
      put(ALICE, "release-1", RELEASE);
      house.image(APP, tag("arm"), "{}", "arm");

      assertThat(news(ALICE).getFirst().holders()).extracting(Holder::digest)
          .containsExactly(Documents.digest(often), Documents.digest(RELEASE));
    }

    @Test
    void forNewsMoreThanSomeOthersAreNotLookedAt() {
      List<Digest> others = house.putAll(APP, IntStream.range(0, Needing.REFERENCES + 100).mapToObj(i -> index("other " + i)).toList());
      put(ALICE, "release-1", RELEASE);
      assertThat(verb().get(reader, APP, Documents.digest(ARM)).bytes()).as("fetched, by what lets him have it").asString().isEqualTo(ARM);
      assertThat(news(reader)).isEmpty();

      house.metadata.write(tx -> {
        others.subList(0, 100).forEach(other -> tx.deleteManifest(APP, other, house.leases.until()));
        return others;
      });
      assertThat(news(reader)).hasSize(1);
    }
  }
}
