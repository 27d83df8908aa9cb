package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.tag;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.sql.PostgresForTests;
import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.Referrer.Place;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.policy.Action;
import io.berth.policy.SparseRules;
import io.berth.policy.SparseTerms;
import io.berth.policy.TagTerms;
import io.berth.registry.Copies.Copied;
import io.berth.registry.Copies.Order;
import io.berth.registry.Referrers.Asked;
import io.berth.registry.Referrers.Data;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A copy of an index that lists what is not there takes along what is said of that, so that it is signed when it comes. */
final class SparseCopiesTest {

  @Nested
  final class InSqlite extends OfSparseCopies {

    @Override
    MetadataStore open() {
      return SqliteMetadataStore.open(folder.resolve("metadata.db"));
    }
  }

  @Nested
  final class InPostgresql extends OfSparseCopies {

    @Override
    MetadataStore open() {
      return PostgresForTests.openIn(folder);
    }
  }

  @Timeout(120)
  abstract static class OfSparseCopies {

    private static final String HERE = Documents.image("{}", "here");
    private static final String ABSENT = Documents.image("{}", "absent");
    private static final String BOTH =
        Documents.descriptor(Documents.MANIFEST, ABSENT) + "," + Documents.descriptor(Documents.MANIFEST, HERE);
    private static final String SPARSE = Documents.indexOf(BOTH, "");
    private static final String AROUND = Documents.indexOf(Documents.descriptor(Documents.INDEX, SPARSE), "");
    private static final String SIGNATURE = Documents.about(ABSENT, "application/x.signature", "{}");
    private static final String COUNTERSIGNATURE = Documents.about(SIGNATURE, "application/x.signature", "{}");
    /** It is about what it lists itself. */
    private static final String CIRCLE = Documents.indexOf(BOTH, ",\"subject\":" + Documents.descriptor(Documents.MANIFEST, ABSENT));

    @TempDir Path folder;

    private House house;

    abstract MetadataStore open();

    @BeforeEach
    void begin() {
      house = new House(open(), TagTerms.DEFAULT, House.GRACE);
      house.sparseRules.set(new SparseRules(List.of(), SparseTerms.NOTHING));
      house.image(LIB, Documents.digest(HERE), "{}", "here");
      Manifests verb = house.manifests(house.sparseRules.get());
      for (String document : List.of(SPARSE, AROUND, SIGNATURE, COUNTERSIGNATURE, CIRCLE)) {
        TagOrDigest name = document.equals(SPARSE) ? tag("release-1") : Documents.digest(document);
        verb.put(ALICE, LIB, name, List.of(), null, Precondition.NONE, Documents.bytes(document));
      }
    }

    @AfterEach
    void end() {
      house.close();
    }

    private Copied copy(Caller caller, int pace, TagOrDigest name, boolean referrers) {
      List<Tag> tags = name instanceof Tag tag ? List.of(tag) : List.of();
      return house.copies(pace).copy(caller, APP, new Order(LIB, name, tags, referrers), _ -> () -> {
      });
    }

    private boolean has(RepositoryName repository, String manifest) {
      return house.metadata.<Boolean>read(tx -> tx.manifestSize(repository, Documents.digest(manifest)).isPresent());
    }

    private List<Digest> referrersOfTheAbsent() {
      var asked = new Asked(ReferrerFilter.SUBJECT, Data.NONE, Place.START, 10, 10_000);
      return house.referrers.list(ALICE, APP, Documents.digest(ABSENT), asked).referrers().stream()
          .map(referrer -> referrer.descriptor().digest()).toList();
    }

    @Test
    void whatIsSaidOfAnImageComesBeforeTheImage() {
      Copied done = copy(ALICE, 100, Documents.digest(AROUND), true);

      assertThat(done.complete()).isTrue();
      assertThat(done.absent()).extracting(edge -> edge.target().digest()).containsExactly(Documents.digest(ABSENT));
      assertThat(done.manifests()).as("all there is").isEqualTo(6);
      assertThat(referrersOfTheAbsent()).containsExactlyInAnyOrder(Documents.digest(SIGNATURE), Documents.digest(CIRCLE));
      assertThat(has(APP, COUNTERSIGNATURE)).isTrue();
    }

    @Test
    void soItIsSignedWhenItArrivesAndStaysSo() {
      copy(ALICE, 100, tag("release-1"), true);
      house.pass(House.GRACE.multipliedBy(4));
      house.collect();
      house.image(APP, Documents.digest(ABSENT), "{}", "absent");

      assertThat(referrersOfTheAbsent()).contains(Documents.digest(SIGNATURE));
      house.image(LIB, tag("late"), "{}", "absent");
      assertThat(copy(ALICE, 100, tag("late"), true).manifests()).as("nothing else has stayed behind").isZero();
    }

    @Test
    void aCopyInManyPartsEndsWithAllOfIt() {
      int parts = 1;
      while (!copy(ALICE, 1, tag("release-1"), true).complete() && parts < 20) {
        parts++;
      }
      assertThat(parts).isBetween(5, 6);
      assertThat(has(APP, SIGNATURE) && has(APP, COUNTERSIGNATURE) && has(APP, CIRCLE)).isTrue();
    }

    @Test
    void withoutReferrersItStaysBehind() {
      assertThat(copy(ALICE, 100, tag("release-1"), false).manifests()).isEqualTo(2);
      assertThat(referrersOfTheAbsent()).isEmpty();
    }

    @Test
    void whoReadsSomeTagsDoesNotReadItAndCopiesTheRest() {
      Caller bob = ReachTest.who("bob", "release-*", Action.PULL, Action.CREATE, Action.PUSH);

      assertThat(House.refusal(() -> house.manifests.get(bob, LIB, Documents.digest(SIGNATURE))))
          .containsExactly(ErrorCode.MANIFEST_UNKNOWN);
      assertThat(copy(bob, 100, tag("release-1"), true).complete()).isTrue();
      assertThat(has(APP, HERE)).isTrue();
      assertThat(referrersOfTheAbsent()).isEmpty();
    }
  }
}
