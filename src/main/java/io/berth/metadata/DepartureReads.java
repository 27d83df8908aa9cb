package io.berth.metadata;

import io.berth.oci.Departing;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Questions about departures: manifests that were deleted and that others are about, which are to go, too. The rules of {@link ReadTransaction}
 * hold.
 */
public interface DepartureReads {

  /** Departures whose time has come, the longest due first. A hint, as everything that waits for the collector. */
  List<Due> due(Instant now, int limit);

  /** What waits, in time proportional to that. */
  Departing waiting(Instant now);

  /** The departure of a manifest, unless it is over. */
  Optional<Departure> find(RepositoryName repository, Digest subject);

  /**
   * Manifests that are about another, the newest first: so an index comes before what it lists.
   *
   * @param before the {@link About#id} to go on behind; {@link Long#MAX_VALUE} begins with the newest
   */
  List<About> about(RepositoryName repository, Digest subject, long before, int limit);

  /** Whether the repository has the manifest, and its subject has departed. */
  boolean isLeaving(RepositoryName repository, Digest manifest);

  /**
   * When a tag left the manifest, the last time: it was moved elsewhere, or removed. {@link Instant#MAX} where a tag is there now, or where more
   * tags have been there than can be looked at.
   */
  Optional<Instant> untagged(RepositoryName repository, Digest manifest);

  /** A manifest that has departed. */
  record Due(RepositoryName repository, Digest subject) {}

  /**
   * A departure.
   *
   * @param number grows from each to the next
   * @param since the one with which it began: its own number, unless it is part of another
   * @param before where to go on
   * @param again when some have to be looked at once more, as far as it has come
   */
  record Departure(long number, long since, Instant due, long before, @Nullable Instant again) {}

  /**
   * A manifest that is about another.
   *
   * @param id grows with each manifest that comes
   * @param departure the number of the newest departure when it was pushed last
   */
  record About(long id, Digest manifest, long departure) {}
}
