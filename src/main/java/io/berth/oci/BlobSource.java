package io.berth.oci;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Bytes that arrive piece by piece. For one reader at a time. */
public interface BlobSource {

  /**
   * Waits for the next piece.
   *
   * @return a buffer whose remaining bytes are the next piece, valid until the next call; {@code null} at the end
   * @throws IOException when the bytes stop before their end: the connection broke, or the peer is too slow
   */
  @Nullable ByteBuffer next() throws IOException;
}
