package io.berth.storage.memory;

import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.storage.BlobStore;
import io.berth.storage.Staged;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A blob store in memory: for simulations and for registries that live no longer than a build. Durable only as long as the process. */
public final class MemoryBlobStore implements BlobStore {

  private static final int FIRST_CAPACITY = 4096;

  private final Map<Digest, ByteBuffer> blobs = new ConcurrentHashMap<>();
  private final Map<String, Bytes> uploads = new ConcurrentHashMap<>();

  @Override
  public Staged stage(String upload) {
    BlobStore.requireIdentifier(upload);
    return uploads.computeIfAbsent(upload, Bytes::new);
  }

  @Override
  public void commit(Staged staged, Digest digest) {
    Bytes bytes = (Bytes) staged;
    blobs.put(digest, ByteBuffer.wrap(Arrays.copyOf(bytes.content, bytes.size)).asReadOnlyBuffer());
    uploads.remove(bytes.upload);
  }

  @Override
  public void discard(String upload) {
    BlobStore.requireIdentifier(upload);
    uploads.remove(upload);
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

    Bytes(String upload) {
      this.upload = upload;
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
