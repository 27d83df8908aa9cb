package io.berth.registry;

import io.berth.oci.BlobContent;
import io.berth.oci.BlobSource;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.storage.Staged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** The hash of staged bytes, computed as they arrive. For one thread at a time. */
final class UploadHash {

  private static final int READ_SIZE = 128 << 10;

  private final Digest.Algorithm algorithm;
  private final MessageDigest hash;
  private long length;

  private UploadHash(Digest.Algorithm algorithm) {
    this(algorithm, algorithm.newHash());
  }

  private UploadHash(Digest.Algorithm algorithm, MessageDigest hash) {
    this.algorithm = algorithm;
    this.hash = hash;
  }

  /** The hash of what is there now, whatever comes. */
  UploadHash copy() {
    var copy = new UploadHash(algorithm, copyOfHash());
    copy.length = length;
    return copy;
  }

  private MessageDigest copyOfHash() {
    try {
      return (MessageDigest) hash.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the platform's hashes can be cloned", e);
    }
  }

  /** The hash of what is there already, which is read once. */
  static UploadHash of(Staged staged, Digest.Algorithm algorithm) throws IOException {
    var hash = new UploadHash(algorithm);
    hash.read(staged, false);
    return hash;
  }

  /** The same where nobody knows what has become of the bytes since they came: they are written once more. */
  static UploadHash adopting(Staged staged, Digest.Algorithm algorithm) throws IOException {
    var hash = new UploadHash(algorithm);
    hash.read(staged, true);
    return hash;
  }

  /** The digest of what a blob's bytes are, which are read once. */
  static Digest of(BlobContent content, Digest.Algorithm algorithm) throws IOException {
    MessageDigest hash = algorithm.newHash();
    ByteBuffer buffer = ByteBuffer.allocate(READ_SIZE);
    for (long at = 0; content.read(buffer, at) > 0; buffer.clear()) {
      buffer.flip();
      at += buffer.remaining();
      hash.update(buffer);
    }
    return algorithm.finish(hash);
  }

  private void read(Staged staged, boolean writes) throws IOException {
    if (staged.size() == 0) {
      return;
    }
    ByteBuffer buffer = ByteBuffer.allocate(READ_SIZE);
    while (staged.read(buffer, length) > 0) {
      buffer.flip();
      if (writes) {
        staged.rewrite(buffer.duplicate(), length);
      }
      length += buffer.remaining();
      hash.update(buffer);
      buffer.clear();
    }
  }

  /** How many bytes it covers. */
  long length() {
    return length;
  }

  /**
   * Takes bytes from the body to the staging area until the body ends.
   *
   * @param limit no more than this and one piece beyond is taken
   * @return the number of bytes taken
   * @throws RegistryException {@code BLOB_UPLOAD_INVALID} when the body breaks off; what came is kept
   * @throws IOException when the staging area fails
   */
  long append(BlobSource body, Staged staged, long limit) throws IOException {
    long before = length;
    for (ByteBuffer piece = next(body); piece != null && length - before <= limit; piece = next(body)) {
      ByteBuffer again = piece.duplicate();
      staged.append(piece);
      length += again.remaining();
      hash.update(again);
    }
    return length - before;
  }

  private static @Nullable ByteBuffer next(BlobSource body) {
    try {
      return body.next();
    } catch (IOException e) {
      throw new RegistryException(ErrorCode.BLOB_UPLOAD_INVALID, "the body broke off: ask for the upload's status, then go on from there");
    }
  }

  /** The digest so far. Of an algorithm other than the one that was announced, the staged bytes are read again. */
  Digest digest(Digest.Algorithm wanted, Staged staged) throws IOException {
    if (wanted != algorithm) {
      UploadHash other = of(staged, wanted);
      return wanted.finish(other.hash);
    }
    return algorithm.finish(copyOfHash());
  }
}
