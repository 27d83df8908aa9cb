package io.berth.registry;

import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.GRACE;
import static io.berth.registry.House.LIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.metadata.ReadTransaction.Orphan;
import io.berth.oci.Backlog;
import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.oci.Documents;
import io.berth.registry.Garbage.Work;
import io.berth.storage.BlobStore;
import io.berth.storage.Staged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A collector that fails, or is killed between two steps, loses nothing and forgets nothing. */
@Timeout(60)
final class InterruptedGarbageTest {

  private static final Backlog NOTHING = new Backlog(0, 0, null, 0, 0, 0, 0, null);

  @TempDir Path folder;

  private House house;
  private Digest blob;

  /** What a deletion of bytes does. */
  private interface Deletion {
    void of(Digest digest) throws IOException;
  }

  /** The process is gone: nothing that follows is done. */
  private static final class Killed extends RuntimeException {

    private static final long serialVersionUID = 1;
  }

  /** A blob store whose deletions a test decides about, and that lets it do something between the bytes of a push and their link. */
  private record Watched(BlobStore store, Deletion deletion, Runnable committed) implements BlobStore {

    @Override
    public void delete(Digest digest) throws IOException {
      deletion.of(digest);
    }

    @Override
    public Staged stage(String upload) throws IOException {
      return store.stage(upload);
    }

    @Override
    public long stagedSize(String upload) throws IOException {
      return store.stagedSize(upload);
    }

    @Override
    public void commit(Staged staged, Digest digest) throws IOException {
      store.commit(staged, digest);
      committed.run();
    }

    @Override
    public Optional<Trace> committed(String upload) throws IOException {
      return store.committed(upload);
    }

    @Override
    public boolean secure(Digest digest) throws IOException {
      return store.secure(digest);
    }

    @Override
    public void discard(String upload) throws IOException {
      store.discard(upload);
    }

    @Override
    public void leftovers(Instant before, Consumer<String> upload) throws IOException {
      store.leftovers(before, upload);
    }

    @Override
    public Optional<BlobContent> open(Digest digest) throws IOException {
      return store.open(digest);
    }

    @Override
    public void close() throws IOException {
      store.close();
    }
  }

  @BeforeEach
  void begin() {
    house = new House(folder);
    blob = house.blob(APP, "blob");
    house.pass(GRACE);
  }

  @AfterEach
  void end() {
    house.close();
  }

  /** A step of a collector that has just been started anew. */
  private Work step(Deletion deletion) {
    house.garbage.leave();
    return house.freshGarbage(new Watched(house.storage, deletion, () -> {
    })).step();
  }

  private void killedAt(Deletion deletion) {
    assertThatThrownBy(() -> step(deletion)).isInstanceOf(Killed.class);
    assertThat(house.digests.size()).as("digests that are still locked").isZero();
  }

  @Test
  void killedAfterTheCondemnationItGoesOnNextTime() {
    killedAt(_ -> {
      throw new Killed();
    });
    assertThat(house.isStored(blob)).isTrue();
    assertThat(house.metadata.<Boolean>read(tx -> tx.isCondemned(blob))).isTrue();

    assertThat(house.collect()).isEqualTo(new Work(0, 0, 0, 1, 4, 0, false));
    assertThat(house.isStored(blob)).isFalse();
    assertThat(house.garbage.backlog()).isEqualTo(NOTHING);
  }

  @Test
  void killedAfterTheBytesWereRemovedItForgetsTheBlobNextTime() {
    killedAt(digest -> {
      house.storage.delete(digest);
      throw new Killed();
    });
    assertThat(house.isStored(blob)).isFalse();

    assertThat(house.collect().blobs()).isEqualTo(1);
    assertThat(house.garbage.backlog()).isEqualTo(NOTHING);
  }

  @Test
  void aPushThatMeetsACondemnedBlobBringsItsBytesAnew() {
    killedAt(_ -> {
      throw new Killed();
    });
    house.blob(LIB, "blob");
    assertThat(house.collect()).isEqualTo(Work.NONE);
    assertThat(house.isStored(blob)).isTrue();

    house.blobs.delete(ALICE, LIB, blob);
    house.pass(GRACE);
    killedAt(digest -> {
      house.storage.delete(digest);
      throw new Killed();
    });
    house.blob(APP, "blob");
    assertThat(house.collect()).isEqualTo(Work.NONE);
    assertThat(house.isStored(blob)).isTrue();
    assertThat(house.blobs.size(ALICE, APP, blob)).isEqualTo(4);
  }

  /** The link comes between the condemnation and the second look. */
  @Test
  void whatIsLinkedAfterItsCondemnationIsSeenByTheSecondLook() {
    Digest other = house.blob(APP, "other");
    house.blobs.delete(ALICE, APP, other);
    house.pass(GRACE);

    Work done = step(digest -> {
      assertThat(digest).as("the first of two that are condemned").isEqualTo(blob);
      house.storage.delete(digest);
      house.blob(LIB, "other");
    });

    assertThat(done).isEqualTo(new Work(0, 0, 1, 1, 4, 0, false));
    assertThat(house.isStored(other)).isTrue();
    assertThat(house.blobs.size(ALICE, LIB, other)).isEqualTo(5);
  }

  /** The collector meets a push whose bytes are in their place, and which has not named them yet. */
  @Test
  void aPushBetweenItsBytesAndItsLinkIsWaitedFor() throws Exception {
    house.blobs.delete(ALICE, APP, blob);
    house.pass(GRACE);
    var collector = new Thread(house::collect);
    Uploads uploads = house.uploadsOver(new Watched(house.storage, house.storage::delete, () -> {
      collector.start();
      while (collector.getState() != Thread.State.WAITING || house.digests.users(blob) < 2) {
        assertThat(collector.getState()).as("the collector did not wait").isNotEqualTo(Thread.State.TERMINATED);
        Thread.onSpinWait();
      }
    }));

    uploads.push(ALICE, LIB, blob, House.body("blob"));
    collector.join();

    assertThat(house.blobs.size(ALICE, LIB, blob)).isEqualTo(4);
    assertThat(house.isStored(blob)).isTrue();
    assertThat(house.garbage.backlog().blobs()).isZero();
  }

  @Test
  void oneThatCanNotBeRemovedStopsNoOtherAndIsTriedLater() {
    Digest other = house.blob(APP, "other");
    house.pass(GRACE);

    Work done = step(digest -> {
      if (digest.equals(blob)) {
        throw new IOException("the disk is broken");
      }
      house.storage.delete(digest);
    });

    assertThat(done).isEqualTo(new Work(0, 0, 2, 1, 5, 1, false));
    assertThat(house.isStored(other)).isFalse();
    assertThat(house.collect()).as("at once").isEqualTo(Work.NONE);
    house.pass(Duration.ofMinutes(10));
    assertThat(house.collect()).isEqualTo(new Work(0, 0, 0, 1, 4, 0, false));
    assertThat(house.isStored(blob)).isFalse();
  }

  @Test
  void bytesOfACutOffPushGoAGraceAfterTheyWereFound() throws IOException {
    try (Staged staged = house.storage.stage("cut")) {
      staged.append(ByteBuffer.wrap(Documents.bytes("lost")));
      house.storage.commit(staged, Documents.digest("lost"));
    }
    house.pass(Duration.ofDays(2));
    house.uploads.sweep(house.clock.instant());
    assertThat(house.metadata.<List<Orphan>>read(tx -> tx.dueOrphans(house.clock.instant().plus(GRACE), 10)))
        .containsExactly(new Orphan(Documents.digest("lost"), 4));

    house.pass(GRACE);
    house.collect();
    assertThat(house.isStored(Documents.digest("lost"))).isFalse();
  }
}
