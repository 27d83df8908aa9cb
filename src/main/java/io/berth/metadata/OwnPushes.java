package io.berth.metadata;

import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.time.Instant;
import java.util.Optional;

/** Who has pushed what, where that matters: of those who may not read all of a repository. The rules of {@link ReadTransaction} hold. */
public interface OwnPushes {

  /** Until when a principal may read back what it has pushed; empty if it has not, or that is forgotten. */
  Optional<Instant> until(RepositoryName repository, String principal, Digest digest);

  /** Whether anything is over that is still remembered. A hint. */
  boolean isAnyOver(Instant now);

  /** Changes of them. */
  interface Changes extends OwnPushes {

    /** A principal has pushed, or mounted, and may read that back until then at least. Nothing happens where there is no such repository. */
    void put(RepositoryName repository, String principal, Digest digest, Instant until);

    /**
     * Forgets what is over, the longest first.
     *
     * @return how much
     */
    int forget(Instant now, int limit);
  }
}
