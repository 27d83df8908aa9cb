package io.berth.oci;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One change of a tag, recorded in the transaction that made it and kept for ever.
 *
 * @param sequence counts the transactions that changed tags of a repository of this name, from 1 and without gaps. All changes of one transaction
 *     have the same: what was changed together is never seen apart
 * @param at strictly later than what has a lower sequence in the repository, even when the clock is not
 * @param from where the tag pointed before; {@code null} if it did not exist
 * @param target where it points now or, if it no longer exists, where it pointed before
 * @param total how many tags the repository has from then on
 */
public record TagEvent(long sequence, Tag tag, Kind kind, @Nullable Digest from, Descriptor target, Instant at, Author author,
    long total) {

  /** What happened. */
  public enum Kind {
    CREATED, MOVED,
    /** It points where it did, but something else is said of it. */
    UPDATED, DELETED,
    /** Removed since its time was over. */
    EXPIRED,
    /** Put back to what it was before. */
    RESTORED,
    /** Taken over from elsewhere. */
    IMPORTED;

    /** Whether the tag is gone after it. */
    public boolean isRemoval() {
      return switch (this) {
        case DELETED, EXPIRED -> true;
        case CREATED, MOVED, UPDATED, RESTORED, IMPORTED -> false;
      };
    }
  }

  /** Where the tag points now; {@code null} if it no longer exists. */
  public @Nullable Digest to() {
    return kind.isRemoval() ? null : target.digest();
  }
}
