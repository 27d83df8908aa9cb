package io.berth.metadata;

import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.time.Instant;
import java.util.Set;

/** What goes is for those to say who remove it, in the same transaction and behind the removal. */
public interface PresenceWrites extends PresenceReads {

  /** Writes down that a manifest or blob has gone, if a manifest needs it. */
  void went(RepositoryName repository, Digest content, Instant now);

  /** Where something has come or gone in this transaction so far. */
  Set<RepositoryName> changed();
}
