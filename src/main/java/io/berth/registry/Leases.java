package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction.HeldBlob;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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

  /** How long what nobody needs is kept. */
  public Duration grace() {
    return grace;
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
    HeldBlob held = metadata.read(tx -> tx.heldBlob(repository, blob)).orElseThrow(() -> unknown(blob));
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
