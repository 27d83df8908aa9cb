package io.berth.metadata;

import io.berth.oci.Backlog;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Referrer;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.RepositoryName;
import io.berth.oci.RepositoryUsage;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Questions to the metadata store, each answered by an index: a point read costs the same whatever is stored, a list costs its page. Lists are
 * in byte order and begin behind {@code after}, which need not exist; the empty text begins at the start. A question about a repository
 * that does not exist finds nothing.
 */
public interface ReadTransaction extends TagReads {

  /** Whether the repository exists: from its first committed link until it is deleted. */
  boolean repositoryExists(RepositoryName repository);

  /** Repositories in order. */
  List<RepositoryName> repositories(String after, int limit);

  /** What the repository holds, in time proportional to that and whatever others hold; {@code empty} if it does not exist. */
  Optional<RepositoryUsage> usage(RepositoryName repository);

  /** How many bytes of that no other repository holds. */
  long unsharedBytes(RepositoryName repository);

  /** The size in bytes of a blob that this repository holds. */
  default OptionalLong blobSize(RepositoryName repository, Digest blob) {
    return heldBlob(repository, blob).map(held -> OptionalLong.of(held.size())).orElseGet(OptionalLong::empty);
  }

  /** A blob that this repository holds, and for how long. */
  Optional<HeldBlob> heldBlob(RepositoryName repository, Digest blob);

  /** A manifest with its bytes. */
  Optional<StoredManifest> manifest(RepositoryName repository, Digest manifest);

  /** The manifest that a tag points at, with its bytes. */
  Optional<StoredManifest> manifest(RepositoryName repository, Tag tag);

  /** The size in bytes of a manifest. */
  OptionalLong manifestSize(RepositoryName repository, Digest manifest);

  /** A manifest of the repository that needs this content as config, layer or child, if there is one. */
  Optional<Digest> neededBy(RepositoryName repository, Digest content);

  /** Manifests of the repository that need this content as config, layer or child. */
  List<Digest> holders(RepositoryName repository, Digest content, int limit);

  /** What a manifest is and how large. */
  Optional<Descriptor> descriptor(RepositoryName repository, Digest manifest);

  /**
   * What points at this digest, whether or not it exists, in the order in which it was pushed, in time proportional to the answer.
   *
   * @param filter of which kinds and artifact types count; the rest is left to {@link ReferrerFilter#wants}
   * @param after the place to begin behind
   */
  List<Referrer> referrers(RepositoryName repository, Digest target, ReferrerFilter filter, Referrer.Place after, int limit);

  /** Questions about what points at what. */
  GraphReads graph();

  /** Questions about what goes since its subject has gone. */
  DepartureReads departures();

  /** Questions about what came or went that manifests need. */
  PresenceReads presence();

  /** Questions about who has pushed what. */
  OwnPushes own();

  /** Questions about from where a blob could be mounted. */
  Origins origins();

  /** Questions about accounts and keys. */
  AccountReads accounts();

  /** By which keys tokens can be verified. */
  TokenKeys tokenKeys();

  /** Questions about what was pulled. */
  PullReads pulls();

  /** An unfinished upload. */
  Optional<Upload> upload(String id);

  /** Unfinished uploads that nobody has touched since an instant, the oldest first. */
  List<Upload> idleUploads(Instant since, int limit);

  /** Unfinished uploads of a principal that came from an address, the oldest first. */
  List<Upload> uploadsOf(String principal, String address, int limit);

  /** When the clock was looked at last, as far as that was {@linkplain WriteTransaction#seeClock written down}. */
  Optional<Instant> clockSeen();

  /**
   * Links whose time is over, the longest due first. A hint, also in a writing transaction, as are the other questions about what waits for the
   * collector: it looks again at each before it acts.
   */
  List<DueLink> dueLinks(Instant now, int limit);

  /** Blobs whose bytes may go if no repository holds them, the longest due first. A hint. */
  List<Orphan> dueOrphans(Instant now, int limit);

  /** Whether the blob is condemned, and no repository holds it. */
  boolean isCondemned(Digest blob);

  /** What waits for the collector, in time proportional to that. */
  Backlog backlog(Instant now);

  /**
   * A blob in a repository.
   *
   * @param until when is looked whether a manifest needs it; {@code null}: one did at the last look
   */
  record HeldBlob(long size, @Nullable Instant until) {}

  /** A repository's hold of a blob that is to be looked at. */
  record DueLink(RepositoryName repository, Digest blob) {}

  /** A blob that perhaps no repository holds. */
  record Orphan(Digest blob, long size) {}
}
