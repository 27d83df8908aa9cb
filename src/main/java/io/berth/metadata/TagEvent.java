package io.berth.metadata;

import io.berth.oci.Digest;
import io.berth.oci.Tag;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One change of a tag, recorded in the transaction that made it and kept for ever.
 *
 * @param sequence counts the changes of the repository's tags from 1; without gaps
 * @param at strictly later than the tag's change before, even when the clock is not
 * @param from where the tag pointed before; {@code null} if it did not exist
 * @param to where it points now; {@code null} if it no longer exists
 * @param actor the name of the identity
 * @param client the client program, as it names itself
 */
public record TagEvent(long sequence, Tag tag, Kind kind, @Nullable Digest from, @Nullable Digest to, Instant at, String actor,
    String client) {

  /** What happened. */
  public enum Kind {
    CREATED, MOVED, DELETED
  }
}
