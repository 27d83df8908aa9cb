package io.berth.registry;

import static io.berth.oci.Documents.image;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.GRACE;
import static io.berth.registry.House.LIB;
import static io.berth.registry.House.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.oci.ErrorCode;
import io.berth.oci.RepositoryName;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients were told is there holds for half a grace at least. */
final class LeasesTest {

  @TempDir Path folder;

  private House house;
  private Digest blob;

  @BeforeEach
  void begin() {
    house = new House(folder);
    blob = house.blob(APP, "blob");
  }

  @AfterEach
  void end() {
    house.close();
  }

  private Instant until(RepositoryName repository, Digest of) {
    return house.metadata.<Instant>read(tx -> tx.heldBlob(repository, of).orElseThrow().until());
  }

  @Test
  void aPushHoldsForAGraceAndAgainWhenItIsRepeated() {
    assertThat(until(APP, blob)).isEqualTo(START.plus(GRACE));
    house.pass(Duration.ofHours(3));
    house.blob(APP, "blob");
    assertThat(until(APP, blob)).isEqualTo(START.plus(GRACE).plus(Duration.ofHours(3)));
  }

  @Test
  void aMountHoldsForAGraceOfItsOwn() {
    house.pass(Duration.ofHours(3));
    assertThat(house.mounts().mount(ALICE, LIB, blob, APP)).isTrue();

    assertThat(until(LIB, blob)).isEqualTo(START.plus(GRACE).plus(Duration.ofHours(3)));
    assertThat(until(APP, blob)).isEqualTo(START.plus(GRACE));
  }

  @Test
  void anAnswerThatItIsThereWritesOnlyWhenLessThanHalfAGraceIsLeft() {
    house.pass(GRACE.dividedBy(2));
    assertThat(house.blobs.size(ALICE, APP, blob)).isEqualTo(4);
    assertThat(until(APP, blob)).isEqualTo(START.plus(GRACE));

    house.pass(Duration.ofMillis(1));
    assertThat(house.blobs.size(ALICE, APP, blob)).isEqualTo(4);
    assertThat(until(APP, blob)).isEqualTo(house.clock.instant().plus(GRACE));
  }

  @Test
  void whatAManifestWasSeenToNeedIsAnsweredWithoutWriting() {
    house.metadata.write(tx -> {
      tx.endLease(APP, blob);
      return blob;
    });
    house.pass(GRACE.multipliedBy(9));

    assertThat(house.blobs.size(ALICE, APP, blob)).isEqualTo(4);
    assertThat(until(APP, blob)).isNull();
  }

  @Test
  void readingABlobPromisesNothing() throws Exception {
    house.pass(GRACE);
    house.blobs.open(ALICE, APP, blob).close();

    assertThat(until(APP, blob)).isEqualTo(START.plus(GRACE));
  }

  @Test
  void whatIsNotHeldIsNotPromised() {
    house.pass(GRACE);
    assertThat(House.refusal(() -> house.blobs.size(ALICE, LIB, blob))).isEqualTo(List.of(ErrorCode.BLOB_UNKNOWN));
  }

  @Test
  void aReadOnlyRegistryWritesNothingAndRemembersThatItPromised() {
    house.pass(GRACE.dividedBy(2));
    house.mode.readOnly(true);
    house.blobs.size(ALICE, APP, blob);
    assertThat(house.leases.unrecordedUntil()).as("half a grace is left").isEqualTo(Instant.EPOCH);

    house.pass(Duration.ofHours(1));
    house.blobs.size(ALICE, APP, blob);

    assertThat(until(APP, blob)).isEqualTo(START.plus(GRACE));
    assertThat(house.leases.unrecordedUntil()).isEqualTo(house.clock.instant().plus(GRACE.dividedBy(2)));
  }

  @Test
  void aDeletedManifestLeavesWhatItNeededForAGrace() {
    Digest config = house.blob(APP, "c");
    Digest manifest = house.put(APP, image("c"));
    house.metadata.write(tx -> {
      tx.endLease(APP, config);
      return config;
    });
    house.pass(Duration.ofDays(30));

    house.manifests.delete(ALICE, APP, manifest, Precondition.NONE);

    assertThat(until(APP, config)).isEqualTo(START.plus(GRACE).plus(Duration.ofDays(30)));
    assertThat(until(APP, Documents.digest("blob"))).as("which nothing needed").isEqualTo(START.plus(GRACE));
  }
}
