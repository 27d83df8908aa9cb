package io.berth.metadata;

import io.berth.oci.Digest;
import io.berth.oci.Manifest;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the metadata store. They keep its rows consistent with each other; what may be changed by whom is decided by the verbs, in the
 * same transaction.
 */
public interface WriteTransaction extends ReadTransaction {

  /** Lets the repository hold a blob whose bytes are durable; the repository comes into being if it must. Linking again changes nothing. */
  void linkBlob(RepositoryName repository, Digest blob, long size, Instant now);

  /**
   * Ends the repository's hold of a blob.
   *
   * @return whether it held it
   */
  boolean unlinkBlob(RepositoryName repository, Digest blob);

  /** Stores a manifest with its edges; the repository comes into being if it must. One of the same digest is replaced. */
  void putManifest(RepositoryName repository, StoredManifest stored, Manifest parsed, Instant now);

  /**
   * Removes a manifest and its edges. Tags that point at it are the caller's to remove first.
   *
   * @return whether it was there
   */
  boolean deleteManifest(RepositoryName repository, Digest manifest);

  /**
   * Points a tag at something else, or removes it, and records the event.
   *
   * @param to the new target; {@code null} removes the tag
   * @return the event, or {@code null} where the tag is so already and nothing happened
   */
  @Nullable TagEvent changeTag(RepositoryName repository, Tag tag, @Nullable Digest to, String actor, String client, Instant now);

  /**
   * Removes the repository with all that it holds, history included.
   *
   * @return whether it existed
   */
  boolean deleteRepository(RepositoryName repository);

  /** Records an upload, or that it has been touched. */
  void putUpload(Upload upload);

  /** Forgets an upload. */
  void deleteUpload(String id);
}
