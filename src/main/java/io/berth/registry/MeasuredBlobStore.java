package io.berth.registry;

import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.ops.StoreOperation;
import io.berth.ops.StoreWatch;
import io.berth.storage.BlobStore;
import io.berth.storage.Staged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** A blob store whose operations are timed, and whose uploads are counted while they are written to. */
public final class MeasuredBlobStore implements BlobStore {

  private final BlobStore store;
  private final StoreWatch watch;

  /** Times {@code store}, and closes it when it is closed. */
  public MeasuredBlobStore(BlobStore store, StoreWatch watch) {
    this.store = store;
    this.watch = watch;
  }

  @Override
  public Staged stage(String upload) throws IOException {
    try (StoreWatch.Timing timing = watch.begin(StoreOperation.BLOB_STAGE)) {
      Staged staged = store.stage(upload);
      timing.succeeded();
      return new Measured(staged, watch);
    }
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
  public void commit(Staged staged, Digest digest) throws IOException {
    try (StoreWatch.Timing timing = watch.begin(StoreOperation.BLOB_COMMIT)) {
      store.commit(staged instanceof Measured measured ? measured.staged : staged, digest);
      timing.succeeded();
    }
  }

  @Override
  public void discard(String upload) throws IOException {
    try (StoreWatch.Timing timing = watch.begin(StoreOperation.BLOB_DISCARD)) {
      store.discard(upload);
      timing.succeeded();
    }
  }

  @Override
  public Optional<BlobContent> open(Digest digest) throws IOException {
    try (StoreWatch.Timing timing = watch.begin(StoreOperation.BLOB_OPEN)) {
      Optional<BlobContent> content = store.open(digest);
      timing.succeeded();
      return content;
    }
  }

  @Override
  public void delete(Digest digest) throws IOException {
    try (StoreWatch.Timing timing = watch.begin(StoreOperation.BLOB_DELETE)) {
      store.delete(digest);
      timing.succeeded();
    }
  }

  @Override
  public void close() throws IOException {
    store.close();
  }

  /** An upload that is being written to. */
  private static final class Measured implements Staged {

    private final Staged staged;
    private final StoreWatch watch;
    private boolean appended;

    Measured(Staged staged, StoreWatch watch) {
      this.staged = staged;
      this.watch = watch;
    }

    @Override
    public String upload() {
      return staged.upload();
    }

    @Override
    public long size() throws IOException {
      return staged.size();
    }

    /** Timed without a span: a large body has thousands of pieces. */
    @Override
    public void append(ByteBuffer bytes) throws IOException {
      if (!appended) {
        appended = true;
        watch.uploadBegan();
      }
      try (StoreWatch.Timing timing = watch.beginPart(StoreOperation.BLOB_APPEND)) {
        staged.append(bytes);
        timing.succeeded();
      }
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
      if (appended) {
        appended = false;
        watch.uploadEnded();
      }
      staged.close();
    }
  }
}
