package io.berth.registry;

import io.berth.oci.Digest;
import org.jspecify.annotations.Nullable;

/** What must hold of a name for a request to be carried out (RFC 9110 section 13). Asked inside the transaction that changes the name. Pure. */
public interface Precondition {

  /** Always holds. */
  Precondition NONE = (_, _) -> true;

  /**
   * Whether it holds.
   *
   * @param target where the name points; {@code null} if there is nothing of that name
   * @param version the tag's version; 0 where the name is a digest, or there is nothing
   */
  boolean holds(@Nullable Digest target, long version);
}
