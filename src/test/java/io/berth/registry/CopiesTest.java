package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.caught;
import static io.berth.registry.House.inThreads;
import static io.berth.registry.House.refusal;
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
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.policy.DeletionRules;
import io.berth.policy.Expiry;
import io.berth.policy.Glob;
import io.berth.policy.TagRule;
import io.berth.policy.TagRules;
import io.berth.policy.TagTerms;
import io.berth.registry.Copies.Copied;
import io.berth.registry.Copies.Memory;
import io.berth.registry.Copies.Order;
import io.berth.registry.Referrers.Asked;
import io.berth.registry.Referrers.Data;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A copy takes along what belongs to a manifest, moves no bytes, goes on where it was, and shows nothing before it is whole. */
final class CopiesTest {

  private static final Tag STABLE = tag("stable");
  private static final Memory ENOUGH = _ -> () -> {
  };

  @Nested
  final class InSqlite extends OfCopies {

    @Override
    MetadataStore open() {
      return SqliteMetadataStore.open(folder.resolve("metadata.db"));
    }
  }

  @Nested
  final class InPostgresql extends OfCopies {

    @Override
    MetadataStore open() {
      return PostgresForTests.openIn(folder);
    }
  }

  @Timeout(120)
  abstract static class OfCopies {

    @TempDir Path folder;

    private House house;
    private final String amd = Documents.image("config amd", "layer amd", "shared");
    private final String arm = Documents.image("config arm", "layer arm", "shared");
    private final String index = Documents.index(amd, arm);
    private final String signature = Documents.about(index, "application/x.signature", "{}");
    private final String attestation = Documents.about(amd, "application/x.attestation", "{}");
    private final String countersignature = Documents.about(signature, "application/x.signature", "{}");

    abstract MetadataStore open();

    @BeforeEach
    void begin() {
      var immutable = new TagRule("once", Glob.ofRepositories("**"), Glob.ofTags("once-*"), true, Set.of(), new Expiry.Never(), Set.of());
      house = new House(open(), new TagTerms(DeletionRules.DEFAULT, new TagRules(List.of(immutable)), Duration.ofDays(14)), House.GRACE);
      for (String blob : List.of("config amd", "config arm", "layer amd", "layer arm", "shared", "{}")) {
        house.blob(LIB, blob);
      }
      for (String image : List.of(amd, arm)) {
        house.put(LIB, image);
      }
      house.put(LIB, tag("1.2"), index);
      for (String referrer : List.of(countersignature, signature, attestation)) {
        house.put(LIB, referrer);
      }
    }

    @AfterEach
    void end() {
      house.close();
    }

    private Copied copy(Caller caller, int pace, TagOrDigest name, boolean referrers, Tag... tags) {
      return house.copies(pace).copy(caller, APP, new Order(LIB, name, List.of(tags), referrers), ENOUGH);
    }

    private Copied copy(TagOrDigest name, boolean referrers, Tag... tags) {
      return copy(ALICE, 100, name, referrers, tags);
    }

    private boolean has(RepositoryName repository, String manifest) {
      return house.metadata.<Boolean>read(tx -> tx.manifestSize(repository, Documents.digest(manifest)).isPresent());
    }

    private boolean isTagged(RepositoryName repository) {
      return house.metadata.<Boolean>read(tx -> tx.tag(repository, STABLE).isPresent());
    }

    @Test
    void anImageComesWithAllThatItNeedsAndAllThatIsSaidOfIt() {
      Copied done = copy(tag("1.2"), true, STABLE, tag("1"));

      long bytes = 0;
      for (String part : List.of(amd, arm, index, signature, attestation, countersignature, "config amd", "config arm", "layer amd",
          "layer arm", "shared", "{}")) {
        bytes += part.length();
      }
      assertThat(done).isEqualTo(new Copied(Documents.digest(index), 6, 6, bytes, true, List.of()));
      assertThat(house.manifests.get(ALICE, APP, STABLE).bytes()).isEqualTo(Documents.bytes(index));
      assertThat(house.manifests.get(ALICE, APP, tag("1")).digest()).isEqualTo(Documents.digest(index));
      assertThat(has(APP, attestation) && has(APP, countersignature)).isTrue();
      assertThat(
          house.referrers.list(ALICE, APP, Documents.digest(index), new Asked(ReferrerFilter.SUBJECT, Data.NONE, Place.START, 10, 10_000))
              .referrers())
          .hasSize(1);
      assertThat(house.blobs.size(ALICE, APP, Documents.digest("layer arm"))).isEqualTo("layer arm".length());
    }

    @Test
    void aCopyOutlivesItsOriginAndTheCollector() {
      copy(tag("1.2"), true, STABLE);
      house.repositories.delete(ALICE, LIB);
      house.pass(House.GRACE.multipliedBy(3));
      house.collect();

      for (String blob : List.of("config amd", "config arm", "layer amd", "layer arm", "shared", "{}")) {
        assertThat(house.isStored(Documents.digest(blob))).as(blob).isTrue();
      }
      assertThat(has(APP, arm)).isTrue();
    }

    @Test
    void withoutReferrersNothingComesThatIsSaidOfIt() {
      assertThat(copy(tag("1.2"), false).manifests()).isEqualTo(3);
      assertThat(has(APP, signature) || has(APP, attestation)).isFalse();
    }

    @Test
    void whatIsThereAlreadyIsNotCopiedAgain() {
      copy(tag("1.2"), true, STABLE);
      assertThat(copy(tag("1.2"), true, STABLE)).isEqualTo(new Copied(Documents.digest(index), 0, 0, 0, true, List.of()));
    }

    @Test
    void aBlobThatTheCopyHasLostIsLinkedAgain() {
      copy(tag("1.2"), false);
      house.metadata.write(tx -> tx.unlinkBlob(APP, Documents.digest("shared"), house.leases.until()));
      assertThat(copy(tag("1.2"), false).blobs()).isEqualTo(1);
      assertThat(house.blobs.size(ALICE, APP, Documents.digest("shared"))).isEqualTo(6);
    }

    @Test
    void aLargeCopyGoesOnWhenItIsAskedForAgainAndItsTagComesLast() {
      long manifests = 0;
      int requests = 0;
      Copied done;
      do {
        assertThat(isTagged(APP)).isFalse();
        done = copy(ALICE, 1, tag("1.2"), true, STABLE);
        manifests += done.manifests();
        requests++;
      } while (!done.complete() && requests < 20);

      assertThat(requests).isBetween(6, 7);
      assertThat(manifests).isEqualTo(6);
      assertThat(house.manifests.get(ALICE, APP, STABLE).digest()).isEqualTo(Documents.digest(index));
    }

    @Test
    void whatMayNotBeReadAnswersLikeWhatIsNotThere() {
      var absent = new Order(RepositoryName.parse("no/such"), tag("1.2"), List.of(), true);
      RegistryException unknown = caught(() -> house.copies(9).copy(ALICE, APP, absent, ENOUGH));
      RegistryException hidden = caught(() -> copy(House.STRANGER, 9, tag("1.2"), true));

      assertThat(hidden.status()).isEqualTo(404).isEqualTo(unknown.status());
      assertThat(hidden.problems()).isEqualTo(unknown.problems());
      assertThat(refusal(() -> copy(tag("9.9"), true))).containsExactly(ErrorCode.MANIFEST_UNKNOWN);
      assertThat(house.metadata.<Boolean>read(tx -> tx.repositoryExists(APP))).isFalse();
    }

    @Test
    void aRuleAboutATagHoldsForCopiesToo() {
      house.image(APP, tag("once-1"), "other");
      assertThat(caught(() -> copy(tag("1.2"), true, tag("once-1"))).status()).isEqualTo(409);
    }

    @Test
    void anImageWhoseOriginIsNotWholeIsNotTagged() {
      house.metadata.write(tx -> tx.unlinkBlob(LIB, Documents.digest("layer arm"), house.leases.until()));
      assertThat(refusal(() -> copy(tag("1.2"), true, STABLE))).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);
      assertThat(isTagged(APP)).isFalse();
    }

    @Test
    void aCopyThatHasLostWhatTheOriginHasLostIsNotSaidToBeWhole() {
      copy(tag("1.2"), true, STABLE);
      for (RepositoryName repository : List.of(APP, LIB)) {
        house.manifests.delete(ALICE, repository, Documents.digest(arm), Precondition.NONE);
      }
      assertThat(refusal(() -> copy(tag("1.2"), true))).containsExactly(ErrorCode.MANIFEST_BLOB_UNKNOWN);
      String around = Documents.indexOf(Documents.descriptor(Documents.INDEX, index), "");
      house.put(LIB, around);
      assertThat(refusal(() -> copy(Documents.digest(around), false))).as("one level further down").containsExactly(
          ErrorCode.MANIFEST_BLOB_UNKNOWN);
      house.put(LIB, arm);
      assertThat(copy(tag("1.2"), true)).isEqualTo(new Copied(Documents.digest(index), 1, 0, arm.length(), true, List.of()));
    }

    @Test
    void referrersThatPointInACircleThroughWhatTheyNeedEndTheWalk() {
      String about = ",\"subject\":" + Documents.descriptor(Documents.MANIFEST, amd);
      String circle = Documents.indexOf(Documents.descriptor(Documents.MANIFEST, amd) + "," + Documents.descriptor(Documents.MANIFEST, arm),
          about + ",\"reference\":" + Documents.descriptor(Documents.MANIFEST, arm));
      house.put(LIB, circle);
      Copied done = copy(Documents.digest(amd), true, STABLE);
      assertThat(done.complete()).isTrue();
      assertThat(has(APP, circle) && has(APP, arm)).isTrue();
    }

    @Test
    void aThousandLevelsAreCopiedFromTheBottom() {
      String top = amd;
      for (int i = 0; i < 1_000; i++) {
        top = Documents.index(top);
        house.put(LIB, top);
      }
      assertThat(copy(ALICE, 5_000, Documents.digest(top), false, STABLE).manifests()).isEqualTo(1_001);
    }

    /** Whoever sees the tag can pull all of it. */
    @Test
    void nothingIsSeenInPartThoughTheOriginGoesMeanwhile() throws Exception {
      for (int round = 0; round < 12; round++) {
        String one = Documents.image("config amd", "shared", "layer amd");
        String two = Documents.imageWith(",\"annotations\":{\"n\":\"" + round + "\"}", "config arm", "shared");
        String both = Documents.index(one, two);
        RepositoryName from = RepositoryName.parse("from/n" + round);
        RepositoryName to = RepositoryName.parse("to/n" + round);
        for (String blob : List.of("config amd", "config arm", "layer amd", "shared")) {
          house.blob(from, blob);
        }
        house.put(from, one);
        house.put(from, two);
        house.put(from, tag("1"), both);
        var start = new CyclicBarrier(3);
        var ended = new AtomicBoolean();
        var failure = new AtomicReference<RegistryException>();
        var copied = new AtomicReference<Copied>();
        inThreads(3, number -> {
          start.await();
          switch (number) {
            case 0 -> {
              try {
                copied.set(house.copies(9).copy(ALICE, to, new Order(from, tag("1"), List.of(STABLE), true), ENOUGH));
              } catch (RegistryException gone) {
                failure.set(gone);
              } finally {
                ended.set(true);
              }
            }
            case 1 -> {
              house.repositories.delete(ALICE, from);
              house.pass(House.GRACE.dividedBy(4));
              house.collect();
            }
            default -> {
              do {
                if (isTagged(to)) {
                  requireWhole(to, both, one, two);
                }
              } while (!ended.get());
            }
          }
        });
        boolean tagged = isTagged(to);
        assertThat(tagged).isEqualTo(failure.get() == null && copied.get().complete());
        if (tagged) {
          requireWhole(to, both, one, two);
        } else if (failure.get() != null) {
          assertThat(failure.get().status()).isIn(400, 404, 409);
        }
      }
    }

    private void requireWhole(RepositoryName repository, String... manifests) {
      List<Digest> missing = new ArrayList<>();
      for (String manifest : manifests) {
        Digest digest = Documents.digest(manifest);
        if (!has(repository, manifest)) {
          missing.add(digest);
        }
      }
      for (String blob : List.of("config amd", "config arm", "layer amd", "shared")) {
        house.blobs.size(ALICE, repository, Documents.digest(blob));
        assertThat(house.isStored(Documents.digest(blob))).isTrue();
      }
      assertThat(missing).isEmpty();
    }

    @Test
    void twoWhoCopyTheSameToEachOtherBothSucceed() throws Exception {
      copy(tag("1.2"), true, STABLE);
      house.metadata.write(tx -> tx.deleteManifest(APP, Documents.digest(amd), house.leases.until()));
      house.metadata.write(tx -> tx.deleteManifest(LIB, Documents.digest(arm), house.leases.until()));
      house.put(LIB, arm);
      house.put(APP, amd);
      inThreads(6, number -> {
        var order = new Order(number % 2 == 0 ? LIB : APP, Documents.digest(index), List.of(tag("again")), true);
        assertThat(house.copies(100).copy(ALICE, number % 2 == 0 ? APP : LIB, order, ENOUGH).complete()).isTrue();
      });
      assertThat(house.manifests.get(ALICE, APP, tag("again")).digest()).isEqualTo(house.manifests.get(ALICE, LIB, tag("again")).digest());
    }
  }
}
