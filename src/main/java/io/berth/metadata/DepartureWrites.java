package io.berth.metadata;

import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Changes of departures. The rules of {@link WriteTransaction} hold. */
public interface DepartureWrites extends DepartureReads {

  /**
   * Has what is about a manifest that is being deleted looked at later, in place of an earlier departure of it. Nothing happens where nothing is
   * about it.
   *
   * @param grace how much later
   * @param since the departure of which this one is part; 0 if of none
   * @return whether something is
   */
  boolean add(RepositoryName repository, Digest subject, Instant now, Duration grace, long since);

  /** Writes down how far it has come. */
  void advance(RepositoryName repository, Digest subject, long before, @Nullable Instant again);

  /** Has all of it looked at once more, later: whatever was pushed before this departure was added is meant then. */
  void restart(RepositoryName repository, Digest subject, Instant now, Duration grace);

  /** It is over. */
  void end(RepositoryName repository, Digest subject);

  /** Has a manifest count as pushed now: no departure so far means it. */
  void spare(RepositoryName repository, Digest manifest);

  /** Has all of them come later, since the clock was put forward, but none later than its whole grace from now: it may have been put back, too. */
  void postpone(Instant now, Duration by);
}
