package io.berth.oci;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * The bytes of one blob, open for reading. Whoever receives one closes it; until then the bytes stay readable even if the blob is deleted
 * meanwhile. An instance belongs to one thread at a time.
 */
public sealed interface BlobContent extends AutoCloseable {

  /** The length of the whole blob in bytes. */
  long size();

  /**
   * Reads at an absolute position.
   *
   * @return the number of bytes read, or -1 at or behind the end
   */
  int read(ByteBuffer into, long position) throws IOException;

  @Override
  void close() throws IOException;

  /** A region of a file, from offset 0, which the kernel can send to a socket without a copy. */
  record InFile(FileChannel channel, long size) implements BlobContent {

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      return channel.read(into, position);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** Bytes held in memory; {@code bytes} is never written to. */
  record InMemory(ByteBuffer bytes) implements BlobContent {

    @Override
    public long size() {
      return bytes.limit();
    }

    @Override
    public int read(ByteBuffer into, long position) {
      if (position >= bytes.limit()) {
        return -1;
      }
      int length = Math.min(into.remaining(), bytes.limit() - (int) position);
      into.put(bytes.slice((int) position, length));
      return length;
    }

    @Override
    public void close() {
      // memory needs no closing
    }
  }
}
