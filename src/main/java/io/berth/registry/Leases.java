package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction.HeldBlob;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.policy.Action;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What clients were told is there, and for how long that holds. Each link of a blob has a time at which it is looked whether a manifest needs
 * the blob; until then the repository holds it in any case, and as long as a manifest needs it, too. A link that is made gets a whole
 * grace. An answer "it is there" leaves it at least half of one, and is given only when that is durable. Nothing of it lives in memory, so nothing is lost
 * by a crash and nothing has to be waited for after a start. Safe for any thread.
 */
public final class Leases {

  private final MetadataStore metadata;
  private final Duration grace;
  private final InstantSource clock;
  private final Mode mode;
  private final RecentPulls recent = new RecentPulls();
  private volatile @Nullable Instant unrecorded;

  /**
   * Leases.
   *
   * @param grace how long what nobody needs is kept
   * @param mode while it forbids to change anything, promises are not recorded
   */
  public Leases(MetadataStore metadata, Duration grace, InstantSource clock, Mode mode) {
    this.metadata = metadata;
    this.grace = grace;
    this.clock = clock;
    this.mode = mode;
  }

  /** What callers have pulled who may not pull everything. */
  RecentPulls recent() {
    return recent;
  }

  /** How long what nobody needs is kept. */
  public Duration grace() {
    return grace;
  }

  /** When it is. */
  Instant now() {
    return clock.instant();
  }

  /** The end of a grace that begins now. */
  Instant until() {
    return clock.instant().plus(grace);
  }

  /**
   * Promises that the repository holds a blob for half a grace at least, or as long as a manifest needs it. Writes only if less is left.
   *
   * @return its size in bytes
   * @throws RegistryException {@code BLOB_UNKNOWN}
   */
  long promise(RepositoryName repository, Digest blob) {
    return promise(repository, blob, metadata.<Optional<HeldBlob>>read(tx -> tx.heldBlob(repository, blob)));
  }

  private long promise(RepositoryName repository, Digest blob, Optional<HeldBlob> found) {
    HeldBlob held = found.orElseThrow(() -> unknown(blob));
    Instant now = clock.instant();
    if (held.until() == null || !held.until().isBefore(now.plus(grace.dividedBy(2)))) {
      return held.size();
    }
    if (mode.isReadOnly()) {
      unrecorded = now;
      return held.size();
    }
    return metadata.write(tx -> {
      long size = tx.heldBlob(repository, blob).orElseThrow(() -> unknown(blob)).size();
      tx.renewLease(repository, blob, until());
      return size;
    });
  }

  /**
   * The same to a caller who may not read everything. What only his own push lets him read, he may as long as the promise holds.
   *
   * @throws RegistryException {@code BLOB_UNKNOWN}, also where he may not read it
   */
  long promise(Caller caller, RepositoryName repository, Digest blob) {
    if (caller.access(repository).mayEverywhere(Action.PULL)) {
      return promise(repository, blob);
    }
    record Sight(Optional<HeldBlob> held, Optional<Instant> own) {}
    Sight sight = metadata.read(tx -> {
      var reach = Reach.of(tx, caller, repository, recent);
      Optional<Instant> own = reach.owns(blob) ? reach.ownUntil(blob) : Optional.empty();
      return new Sight(own.isPresent() || reach.isReached(blob) ? tx.heldBlob(repository, blob) : Optional.empty(), own);
    });
    long size = promise(repository, blob, sight.held);
    if (!mode.isReadOnly() && sight.own.filter(until -> until.isBefore(clock.instant().plus(grace.dividedBy(2)))).isPresent()) {
      metadata.write(tx -> {
        tx.own().put(repository, caller.principal(), blob, until());
        return blob;
      });
    }
    return size;
  }

  /** Lets a caller who may not read everything read back what he has just pushed, or mounted. */
  void own(WriteTransaction tx, Caller caller, RepositoryName repository, Digest digest) {
    if (!caller.access(repository).mayEverywhere(Action.PULL)) {
      tx.own().put(repository, caller.principal(), digest, until());
    }
  }

  /** Whether the repository holds a blob; if so, that is {@linkplain #promise promised}. */
  boolean isPromised(RepositoryName repository, Digest blob) {
    try {
      promise(repository, blob);
      return true;
    } catch (RegistryException unknown) {
      return false;
    }
  }

  /** Until when no link may be taken away, since promises were given that could not be recorded. */
  Instant unrecordedUntil() {
    Instant last = unrecorded;
    return last == null ? Instant.EPOCH : last.plus(grace.dividedBy(2));
  }

  static RegistryException unknown(Digest blob) {
    return new RegistryException(ErrorCode.BLOB_UNKNOWN, "this repository does not hold the blob", blob.toString());
  }
}
