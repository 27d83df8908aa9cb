package io.berth.registry;

import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.storage.BlobStore;
import io.berth.storage.Staged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** A blob store to which nothing is appended while there is no {@link Headroom}; all else goes on. */
public final class ReservingBlobStore implements BlobStore {

  private final BlobStore store;
  private final Headroom headroom;

  /** Watches over {@code store}, and closes it when it is closed. */
  public ReservingBlobStore(BlobStore store, Headroom headroom) {
    this.store = store;
    this.headroom = headroom;
  }

  @Override
  public Staged stage(String upload) throws IOException {
    return new Reserving(store.stage(upload), headroom);
  }

  @Override
  public void commit(Staged staged, Digest digest) throws IOException {
    store.commit(staged instanceof Reserving(Staged inner, Headroom _) ? inner : staged, digest);
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

  /** What is refused is refused whole, before any of it is written. */
  private record Reserving(Staged inner, Headroom headroom) implements Staged {

    @Override
    public String upload() {
      return inner.upload();
    }

    @Override
    public long size() throws IOException {
      return inner.size();
    }

    @Override
    public void append(ByteBuffer bytes) throws IOException {
      headroom.take(bytes.remaining());
      inner.append(bytes);
    }

    @Override
    public void rewrite(ByteBuffer bytes, long position) throws IOException {
      inner.rewrite(bytes, position);
    }

    @Override
    public void truncate(long size) throws IOException {
      inner.truncate(size);
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      return inner.read(into, position);
    }

    @Override
    public void close() throws IOException {
      inner.close();
    }
  }
}
