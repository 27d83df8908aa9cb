package io.berth.storage;

import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Bytes named by digest, and the staging area they pass through. It knows neither repositories nor rights: whether a repository holds a blob
 * is the metadata store's to say, and this store is never asked in its place.
 *
 * <p>Guarantees of every implementation:
 * <ul>
 * <li>What {@link #commit} has returned for is there after a crash or power failure, whole, until {@link #delete}.
 * <li>A blob appears at once and complete, or not at all; a reader never sees part of one.
 * <li>Content that was open when it was replaced or deleted stays readable through that handle.
 * <li>All methods may be called from many threads; one staged upload belongs to one thread at a time.
 * </ul>
 *
 * <p>Failures are {@link IOException}s; after one, the staged bytes are as {@link Staged#size()} reports them.
 */
public interface BlobStore extends AutoCloseable {

  /**
   * Opens the staged bytes of an upload, empty if there are none yet.
   *
   * @param upload the upload's identifier: letters and digits only
   */
  Staged stage(String upload) throws IOException;

  /** The number of bytes that are staged for an upload. Stages nothing. */
  long stagedSize(String upload) throws IOException;

  /**
   * Makes the staged bytes durable under the digest and ends the upload. The caller has verified that they are what the digest names. Costs
   * the same for any size: nothing is read or copied. A blob that exists already is replaced by these equal bytes. A trace is left until
   * {@link #discard}, and before the bytes are in their place.
   */
  void commit(Staged staged, Digest digest) throws IOException;

  /** What was, or was about to be, committed by an upload that has not been discarded. */
  Optional<Trace> committed(String upload) throws IOException;

  /**
   * What a commit leaves of itself.
   *
   * @param isNew whether there was no such blob before, so that the bytes came to be there by this commit
   */
  record Trace(Digest digest, boolean isNew) {}

  /**
   * Makes durable what a commit has put in its place and perhaps could not finish: when it returns, that is as if {@link #commit} had returned.
   * Reads nothing.
   *
   * @return whether the blob is there
   */
  boolean secure(Digest digest) throws IOException;

  /**
   * Checks an upload's identifier, which implementations make names of.
   *
   * @throws IllegalArgumentException if it has anything but letters and digits of ASCII, or nothing
   */
  static void requireIdentifier(String upload) {
    if (!isIdentifier(upload)) {
      throw new IllegalArgumentException("an upload's identifier has letters and digits only");
    }
  }

  /** Whether a text can be an upload's identifier. */
  static boolean isIdentifier(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9');
  }

  /** Forgets the staged bytes of an upload and the trace of its commit, if there are any. */
  void discard(String upload) throws IOException;

  /** Names the uploads of which something is staged, bytes or the trace of a commit, that nobody has written to since then. May name one twice. */
  void leftovers(Instant before, Consumer<String> upload) throws IOException;

  /** Opens a blob for reading. */
  Optional<BlobContent> open(Digest digest) throws IOException;

  /** Removes a blob, if it is there. */
  void delete(Digest digest) throws IOException;

  @Override
  void close() throws IOException;
}
