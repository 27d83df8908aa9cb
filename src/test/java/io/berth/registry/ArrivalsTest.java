package io.berth.registry;

import static io.berth.registry.House.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.Documents;
import io.berth.oci.RegistryException;
import io.berth.oci.StoreFailure;
import io.berth.registry.Arrivals.Arrival;
import io.berth.storage.BlobStore;
import io.berth.storage.Staged;
import io.berth.storage.fs.FsBlobStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where documents wait until they are here. */
final class ArrivalsTest {

  @TempDir Path folder;

  private static List<String> staged(BlobStore storage) throws IOException {
    var names = new ArrayList<String>();
    storage.leftovers(Instant.now().plusSeconds(3600), names::add);
    return names;
  }

  @Test
  void itIsHereWhenAllOfItHasComeAndLeavesNothing() throws IOException {
    FsBlobStore storage = FsBlobStore.open(folder);
    var arrivals = new Arrivals(storage, () -> "one");

    try (Arrival arrival = arrivals.begin()) {
      arrival.append(ByteBuffer.wrap(Documents.bytes("in two ")));
      arrival.append(ByteBuffer.wrap(Documents.bytes("parts")));

      assertThat(arrival.size()).isEqualTo(12);
      assertThat(arrival.bytes()).asString().isEqualTo("in two parts");
      assertThat(staged(storage)).containsExactly("one");
    }

    assertThat(staged(storage)).isEmpty();
  }

  @Test
  void whatAProcessThatWasKilledLeavesOfItIsCleared() throws IOException {
    try (House house = new House(folder)) {
      var arrivals = new Arrivals(house.storage, () -> "killed");
      Arrival arrival = arrivals.begin(); // and never closed
      arrival.append(ByteBuffer.wrap(Documents.bytes("half")));

      assertThat(house.uploads.sweep(START.plusSeconds(1))).isEqualTo(1);
      assertThat(house.storage.stagedSize("killed")).isZero();
    }
  }

  @Test
  void onAFullDiskItIsRefused() throws IOException {
    var storage = new ReservingBlobStore(FsBlobStore.open(folder), new Headroom(() -> 3L << 20, 3L << 20));

    try (Arrival arrival = new Arrivals(storage, () -> "one").begin()) {
      assertThatThrownBy(() -> arrival.append(ByteBuffer.wrap(Documents.bytes("too much"))))
          .isInstanceOfSatisfying(RegistryException.class, refusal -> assertThat(refusal.status()).isEqualTo(507));
    }

    assertThat(staged(storage)).isEmpty();
  }

  /** Somebody has cut the file meanwhile. */
  @Test
  void whatIsNoLongerThereIsAFaultOfTheStore() throws IOException {
    FsBlobStore storage = FsBlobStore.open(folder);
    try (Arrival arrival = new Arrivals(storage, () -> "one").begin()) {
      arrival.append(ByteBuffer.wrap(Documents.bytes("all of it")));
      try (Staged staged = storage.stage("one")) {
        staged.truncate(3);
      }

      assertThatThrownBy(arrival::bytes).isInstanceOf(StoreFailure.class).hasRootCauseMessage("it ends after 3 of 9 bytes");
    }
  }
}
