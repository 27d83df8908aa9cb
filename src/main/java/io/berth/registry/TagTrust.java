package io.berth.registry;

import io.berth.oci.SignedTag;
import java.util.Set;

/** Whose signatures under a tag object hold. Pure, as long as the configuration stays. */
public interface TagTrust {

  /** Nobody's. */
  TagTrust NONE = _ -> Set.of();

  /** The names of the configured keys that have signed. */
  Set<String> signers(SignedTag document);
}
