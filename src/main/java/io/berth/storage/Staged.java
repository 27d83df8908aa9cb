package io.berth.storage;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The bytes of one upload so far, open for appending. Closing keeps them. For one thread at a time. */
public interface Staged extends AutoCloseable {

  /** The upload's identifier. */
  String upload();

  /** The number of bytes that are there. */
  long size() throws IOException;

  /** Writes all remaining bytes behind the last. Not durable before {@link BlobStore#commit}. */
  void append(ByteBuffer bytes) throws IOException;

  /**
   * Writes bytes again that are there already, so that the next commit makes them durable whatever has become of them since: after a sync that
   * failed, perhaps in a process before this one, the system may take for written what is not.
   */
  void rewrite(ByteBuffer bytes, long position) throws IOException;

  /** Cuts the bytes back to a smaller size. */
  void truncate(long size) throws IOException;

  /**
   * Reads at an absolute position.
   *
   * @return the number of bytes read, or -1 at or behind the end
   */
  int read(ByteBuffer into, long position) throws IOException;

  @Override
  void close() throws IOException;
}
