package io.berth.metadata;

import io.berth.oci.Descriptor;
import io.berth.oci.Tag;
import io.berth.oci.TagContent;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a tag is to become.
 *
 * @param before where the tag points, as this transaction has read it; {@code null} if there is none
 * @param content {@code null} removes it
 * @param expires when it is to be removed; {@code null}: never
 */
public record TagMove(Tag tag, @Nullable Descriptor before, @Nullable TagContent content, @Nullable Instant expires, Cause cause) {

  /** Why. */
  public enum Cause {
    /** Somebody asked for it. */
    REQUEST,
    /** Its time is over. */
    EXPIRY,
    /** Somebody asked for what it was before. */
    RESTORATION,
    /** It is taken over from elsewhere. */
    IMPORT
  }
}
