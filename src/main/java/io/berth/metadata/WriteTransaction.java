package io.berth.metadata;

import io.berth.oci.Author;
import io.berth.oci.Digest;
import io.berth.oci.Manifest;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import io.berth.oci.TagEvent;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the metadata store. They keep its rows consistent with each other; what may be changed by whom is decided by the verbs, in the
 * same transaction.
 */
public interface WriteTransaction extends ReadTransaction {

  @Override
  TokenKeys.Changes tokenKeys();

  @Override
  PullReads.Changes pulls();

  /**
   * Lets the repository hold a blob whose bytes are durable; the repository comes into being if it must. Linking again only renews the lease.
   * The bytes are safe from the collector from then on, whatever it was about to do.
   *
   * @param until when is looked whether a manifest needs it
   */
  void linkBlob(RepositoryName repository, Digest blob, long size, Instant now, Instant until);

  /** Has the repository hold a blob until then at least. Nothing happens where it does already, or holds it for as long as a manifest does. */
  void renewLease(RepositoryName repository, Digest blob, Instant until);

  /** Has the repository hold a blob for as long as a manifest needs it: the caller has seen one that does. */
  void endLease(RepositoryName repository, Digest blob);

  /**
   * Ends the repository's hold of a blob.
   *
   * @param due when the bytes may go, if no other repository holds them
   * @return whether it held it
   */
  boolean unlinkBlob(RepositoryName repository, Digest blob, Instant due);

  /** Has the collector take bytes that are stored, but never became a blob of a repository. Nothing happens if the blob is known. */
  void orphanBlob(Digest blob, long size, Instant now, Instant due);

  /**
   * Condemns a blob whose bytes may go and which no repository holds. One that a repository holds is no orphan any more. One that was left
   * before there were times for that gets its time now.
   *
   * @param first the time for such a one
   * @return whether it is condemned now
   */
  boolean condemnBlob(Digest blob, Instant now, Instant first);

  /** Has an orphan tried again later, since it could not be removed. */
  void postponeOrphan(Digest blob, Instant due);

  /**
   * Forgets a blob whose bytes are gone, if it is condemned and no repository holds it.
   *
   * @return whether it was
   */
  boolean deleteBlob(Digest blob);

  @Override
  OwnPushes.Changes own();

  /**
   * Stores a manifest with its edges; the repository comes into being if it must. One of the same digest is replaced.
   *
   * <p>An edge reaches unless it is withheld: who may read the manifest may then read the target or, of subjects and references, the other way
   * round. A subject or reference that reached before goes on doing so.
   *
   * @param withheld the pointers of the edges that don't reach
   * @param until when is looked at what the replaced one needed and this one does not
   */
  void putManifest(RepositoryName repository, StoredManifest stored, Manifest parsed, Set<String> withheld, Instant now, Instant until);

  /** Stores a manifest of which all edges reach. */
  default void putManifest(RepositoryName repository, StoredManifest stored, Manifest parsed, Instant now, Instant until) {
    putManifest(repository, stored, parsed, Set.of(), now, until);
  }

  /**
   * Removes a manifest and its edges. Tags that point at it are the caller's to remove first.
   *
   * @param until when is looked whether another manifest needs the blobs that it needed
   * @return whether it was there
   */
  boolean deleteManifest(RepositoryName repository, Digest manifest, Instant until);

  /**
   * Has tags be what they are to be, and records an event for each, all with one sequence.
   *
   * @param moves each tag at most once; all of them change something
   * @return the events
   */
  List<TagEvent> moveTags(RepositoryName repository, List<TagMove> moves, Author author, Instant now);

  /**
   * Has a tag end at another time. Nothing is recorded.
   *
   * @param at {@code null}: never
   */
  void expireTag(RepositoryName repository, Tag tag, @Nullable Instant at);

  /** Has the repository hold a blob until then at least, which was held for as long as something needs it: something does no more. */
  void releaseBlob(RepositoryName repository, Digest blob, Instant until);

  /**
   * Removes the repository with all that it holds, history included. Only how far its sequence had come is kept.
   *
   * @param due when the bytes of blobs may go that no other repository holds
   * @return whether it existed
   */
  boolean deleteRepository(RepositoryName repository, Instant due);

  /** What goes since its subject has gone. */
  @Override
  DepartureWrites departures();

  @Override
  Origins.Changes origins();

  /** Questions about accounts and keys, and changes of them. */
  @Override
  AccountWrites accounts();

  /** What goes that manifests need. */
  @Override
  PresenceWrites presence();

  /** Records an upload, or that it has been touched. */
  void putUpload(Upload upload);

  /** Forgets an upload. */
  void deleteUpload(String id);

  /** Writes down what the clock said, also if it was put back. */
  void seeClock(Instant now);
}
