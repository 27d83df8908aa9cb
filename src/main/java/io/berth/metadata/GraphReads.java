package io.berth.metadata;

import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.MediaType;
import io.berth.oci.Platform;
import io.berth.oci.Referrer.Place;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Questions about what points at what, in both directions. The rules of {@link ReadTransaction} hold. */
public interface GraphReads {

  /** Characters of a platform that is told with references of other manifests: who pushes them says how long it is. */
  int PLATFORM_LENGTH = 100;

  /** The references out of a manifest, in order of their pointers and behind one of them; the empty pointer is before all. */
  List<Edge> edges(RepositoryName repository, Digest manifest, String after, int limit);

  /** Those of them that are of some kinds, and whether the repository has the target. */
  List<Target> targets(RepositoryName repository, Digest manifest, Set<Edge.Kind> kinds, String after, int limit);

  /** The blobs that a manifest needs and its repository holds, but another one does not, or for no longer than to an instant; each once. */
  List<Digest> lacking(RepositoryName repository, Digest manifest, RepositoryName other, Instant until);

  /** Those of these manifests that are there, in no order. */
  List<StoredManifest> manifests(RepositoryName repository, Collection<Digest> manifests);

  /** The sizes of those of these blobs that the repository holds. */
  Map<Digest, Long> blobSizes(RepositoryName repository, Collection<Digest> blobs);

  /** Tags that point there, in order, behind a position. */
  List<Tag> someTags(RepositoryName repository, Digest target, String after, int limit);

  /**
   * Manifests that need this content and by which it is {@linkplain WriteTransaction#putManifest reached}, in the order in which they were pushed;
   * one that needs it twice may be there twice.
   *
   * @param after the {@link Holder#position} to begin behind; 0 begins at the start
   */
  List<Holder> holders(RepositoryName repository, Digest content, long after, int limit);

  /** Whether a manifest needs this content, and it is reached by it. */
  boolean reaches(RepositoryName repository, Digest manifest, Digest content);

  /**
   * Those of these steps that are there: the manifest needs the content and it is reached by it, or an entry of the manifest, of those that stand first in it,
   * does so in its turn.
   *
   * @param entries how many entries of a manifest are looked at
   */
  Set<Step> reaching(RepositoryName repository, Collection<Step> steps, int entries);

  /** Perhaps a step from a manifest to what it needs. */
  record Step(Digest manifest, Digest content) {}

  /** Where tags point, of those of these that exist. */
  Map<Tag, Digest> targets(RepositoryName repository, Collection<Tag> tags);

  /** Some entries of an index that are reached by it, of those that stand first in it. */
  List<Digest> children(RepositoryName repository, Digest manifest, int limit);

  /** The manifests at which a manifest points by subject or reference, and from which it is reached, as far as they exist; in order, behind a digest. */
  List<Digest> subjects(RepositoryName repository, Digest manifest, String after, int limit);

  /** Whether a manifest points at another digest by subject or reference, and is reached from there. */
  boolean isReached(RepositoryName repository, Digest manifest, Digest subject);

  /**
   * A manifest that needs something.
   *
   * @param first the first of the tags that point at it, if there are any
   * @param last the last of them
   * @param isHeld whether another manifest needs this one
   * @param isAbout whether it points at anything by subject or reference
   */
  record Holder(long position, Digest manifest, @Nullable Tag first, @Nullable Tag last, boolean isHeld, boolean isAbout) {}

  /**
   * The references to a target, whether or not that exists, in the order in which the manifests were pushed, and within each in that of the pointers.
   *
   * @param kinds of which kinds
   */
  List<Incoming> incoming(RepositoryName repository, Digest target, Set<Edge.Kind> kinds, Place after, int limit);

  /**
   * What the repository has under a digest: a manifest or, if there is none, a blob.
   *
   * @param tags how many of the tags are told that point there, the first ones in order
   */
  Optional<Content> content(RepositoryName repository, Digest digest, int tags);

  /** A reference, and whether its target is there as a manifest, and as a blob. */
  record Target(Edge edge, boolean isManifest, boolean isBlob) {}

  /**
   * A reference to something.
   *
   * @param platform for which it is an entry, if that is said in no more than {@link #PLATFORM_LENGTH}
   */
  record Incoming(Place place, Digest manifest, Edge.Kind kind, @Nullable Platform platform) {}

  /**
   * What lists tell of content.
   *
   * @param mediaType of a manifest; {@code null} for a blob
   */
  record Content(@Nullable MediaType mediaType, @Nullable MediaType artifactType, long size, List<Tag> tags) {}
}
