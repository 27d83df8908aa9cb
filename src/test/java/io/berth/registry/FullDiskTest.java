package io.berth.registry;

import static io.berth.oci.Documents.digest;
import static io.berth.registry.House.ALICE;
import static io.berth.registry.House.APP;
import static io.berth.registry.House.body;
import static io.berth.registry.House.caught;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.oci.StoreFailure;
import io.berth.registry.Uploads.Progress.Taken;
import io.berth.storage.BlobStore;
import io.berth.storage.Staged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of uploads when the disk fills up, noticed before or only when a write fails. */
final class FullDiskTest {

  @TempDir Path folder;

  private House house;
  private long free = 10;

  @BeforeEach
  void begin() {
    house = new House(folder);
  }

  @AfterEach
  void end() {
    house.close();
  }

  @Test
  void whatWasTakenStaysAndGoesOnWhenThereIsRoom() {
    var headroom = new Headroom(() -> free - house.staged("upload1"), 4);
    Uploads uploads = house.uploadsOver(new ReservingBlobStore(house.storage, headroom));
    String id = uploads.start(ALICE, APP, Digest.Algorithm.SHA256);

    refused(() -> uploads.append(ALICE, APP, id, null, body("abc", "def", "ghi")));

    assertThat(uploads.status(ALICE, APP, id)).isEqualTo(6);
    free = 20;
    assertThat(uploads.append(ALICE, APP, id, null, body("ghi"))).isEqualTo(new Taken(9));
    uploads.finish(ALICE, APP, id, digest("abcdefghi"), null, body());
    assertThat(house.blobs.size(ALICE, APP, digest("abcdefghi"))).isEqualTo(9);
  }

  @Test
  void aPushInOneRequestLeavesNothingBehind() {
    var headroom = new Headroom(() -> free - house.staged("upload1"), 4);
    Uploads uploads = house.uploadsOver(new ReservingBlobStore(house.storage, headroom));

    refused(() -> uploads.push(ALICE, APP, digest("abcdefghi"), body("abc", "def", "ghi")));

    assertThat(house.staged("upload1")).isZero();
  }

  @Test
  void aWriteThatFailsHalfwayKeepsWhatTheStatusSaysAndTheDigestIsRight() {
    var disk = new Narrow(house.storage, 7);
    Uploads uploads = house.uploadsOver(disk);
    String id = uploads.start(ALICE, APP, Digest.Algorithm.SHA256);

    StorageException failure =
        catchThrowableOfType(StorageException.class, () -> uploads.append(ALICE, APP, id, null, body("abc", "def", "ghi")));

    assertThat(failure.kind()).isEqualTo(StoreFailure.Kind.FULL);
    assertThat(uploads.status(ALICE, APP, id)).isEqualTo(7);
    disk.room = 100;
    uploads.append(ALICE, APP, id, null, body("hi"));
    uploads.finish(ALICE, APP, id, digest("abcdefghi"), null, body());
    assertThat(house.blobs.size(ALICE, APP, digest("abcdefghi"))).isEqualTo(9);
  }

  private static void refused(Runnable act) {
    assertThat(caught(act).status()).isEqualTo(507);
  }

  /** A store that takes as many bytes as it has room for, and of the piece that does not fit its beginning. */
  private static final class Narrow implements BlobStore {
    private final BlobStore store;
    private long room;

    Narrow(BlobStore store, long room) {
      this.store = store;
      this.room = room;
    }

    @Override
    public Staged stage(String upload) throws IOException {
      return new Beginning(store.stage(upload));
    }

    @Override
    public void commit(Staged staged, Digest digest) throws IOException {
      store.commit(((Beginning) staged).staged, digest);
    }

    @Override
    public long stagedSize(String upload) throws IOException {
      return store.stagedSize(upload);
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
    public void leftovers(Instant before, Consumer<String> upload) throws IOException {
      store.leftovers(before, upload);
    }

    @Override
    public void discard(String upload) throws IOException {
      store.discard(upload);
    }

    @Override
    public Optional<BlobContent> open(Digest digest) throws IOException {
      return store.open(digest);
    }

    @Override
    public void delete(Digest digest) throws IOException {
      store.delete(digest);
    }

    @Override
    public void close() throws IOException {
      store.close();
    }

    private final class Beginning implements Staged {
      private final Staged staged;

      Beginning(Staged staged) {
        this.staged = staged;
      }

      @Override
      public String upload() {
        return staged.upload();
      }

      @Override
      public long size() throws IOException {
        return staged.size();
      }

      @Override
      public void append(ByteBuffer bytes) throws IOException {
        if (bytes.remaining() > room) {
          staged.append(bytes.slice(bytes.position(), (int) room));
          room = 0;
          throw new IOException("No space left on device");
        }
        room -= bytes.remaining();
        staged.append(bytes);
      }

      @Override
      public void rewrite(ByteBuffer bytes, long position) throws IOException {
        staged.rewrite(bytes, position);
      }

      @Override
      public void truncate(long size) throws IOException {
        staged.truncate(size);
      }

      @Override
      public int read(ByteBuffer into, long position) throws IOException {
        return staged.read(into, position);
      }

      @Override
      public void close() throws IOException {
        staged.close();
      }
    }
  }
}
