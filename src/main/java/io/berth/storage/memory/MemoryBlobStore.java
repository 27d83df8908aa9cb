package io.berth.storage.memory;

import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.storage.BlobStore;
import io.berth.storage.Staged;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** A blob store in memory: for simulations and for registries that live no longer than a build. Durable only as long as the process. */
public final class MemoryBlobStore implements BlobStore {

  private static final int FIRST_CAPACITY = 4096;

  private final Map<Digest, ByteBuffer> blobs = new ConcurrentHashMap<>();
  private final Map<String, Bytes> uploads = new ConcurrentHashMap<>();
  private final Map<String, Left> traces = new ConcurrentHashMap<>();
  private final InstantSource clock;

  private record Left(Trace trace, Instant at) {}

  /** An empty store. */
  public MemoryBlobStore() {
    this(InstantSource.system());
  }

  /** An empty store, with another clock. */
  public MemoryBlobStore(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public Staged stage(String upload) {
    BlobStore.requireIdentifier(upload);
    return uploads.computeIfAbsent(upload, id -> new Bytes(id, clock));
  }

  @Override
  public long stagedSize(String upload) {
    BlobStore.requireIdentifier(upload);
    Bytes bytes = uploads.get(upload);
    return bytes == null ? 0 : bytes.size();
  }

  @Override
  public void commit(Staged staged, Digest digest) {
    Bytes bytes = (Bytes) staged;
    boolean isNew = !blobs.containsKey(digest) || committed(bytes.upload).equals(Optional.of(new Trace(digest, true)));
    traces.put(bytes.upload, new Left(new Trace(digest, isNew), clock.instant()));
    blobs.put(digest, ByteBuffer.wrap(Arrays.copyOf(bytes.content, bytes.size)).asReadOnlyBuffer());
    uploads.remove(bytes.upload);
  }

  @Override
  public Optional<Trace> committed(String upload) {
    BlobStore.requireIdentifier(upload);
    return Optional.ofNullable(traces.get(upload)).map(Left::trace);
  }

  @Override
  public boolean secure(Digest digest) {
    return blobs.containsKey(digest);
  }

  @Override
  public void discard(String upload) {
    BlobStore.requireIdentifier(upload);
    uploads.remove(upload);
    traces.remove(upload);
  }

  @Override
  public void leftovers(Instant before, Consumer<String> upload) {
    uploads.values().stream().filter(bytes -> bytes.touchedAt.isBefore(before)).map(bytes -> bytes.upload).forEach(upload);
    traces.forEach((id, left) -> {
      if (left.at.isBefore(before)) {
        upload.accept(id);
      }
    });
  }

  @Override
  public Optional<BlobContent> open(Digest digest) {
    return Optional.ofNullable(blobs.get(digest)).map(bytes -> new BlobContent.InMemory(bytes.duplicate()));
  }

  @Override
  public void delete(Digest digest) {
    blobs.remove(digest);
  }

  @Override
  public void close() {
    // memory needs no closing
  }

  private static final class Bytes implements Staged {

    private final String upload;
    private byte[] content = new byte[FIRST_CAPACITY];
    private int size;
    private final InstantSource clock;
    private volatile Instant touchedAt;

    Bytes(String upload, InstantSource clock) {
      this.upload = upload;
      this.clock = clock;
      this.touchedAt = clock.instant();
    }

    @Override
    public String upload() {
      return upload;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public void append(ByteBuffer bytes) {
      int end = Math.addExact(size, bytes.remaining());
      if (end > content.length) {
        content = Arrays.copyOf(content, Math.max(end, (int) Math.min(Integer.MAX_VALUE - 8L, content.length * 2L)));
      }
      bytes.get(content, size, bytes.remaining());
      size = end;
      touchedAt = clock.instant();
    }

    @Override
    public void rewrite(ByteBuffer bytes, long position) {
      bytes.get(content, Math.toIntExact(position), bytes.remaining());
    }

    @Override
    public void truncate(long size) {
      this.size = (int) Math.min(this.size, size);
    }

    @Override
    public int read(ByteBuffer into, long position) {
      if (position >= size) {
        return -1;
      }
      int length = Math.min(into.remaining(), size - (int) position);
      into.put(content, (int) position, length);
      return length;
    }

    @Override
    public void close() {
      // the bytes stay until commit or discard
    }
  }
}
