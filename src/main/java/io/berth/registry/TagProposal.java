package io.berth.registry;

import io.berth.oci.SignedTag;
import io.berth.oci.TagObject;
import java.util.Set;

/** What somebody wants a tag to be. */
public sealed interface TagProposal {

  /** An object. What it does not state is filled in. */
  record Unsigned(TagObject object) implements TagProposal {}

  /**
   * A signed object, which states all of it.
   *
   * @param signers the names of the keys whose signatures hold
   */
  record Signed(TagObject object, SignedTag document, Set<String> signers) implements TagProposal {}

  /** What the tag was, signatures included. */
  record Restored(Moment moment) implements TagProposal {}

  /** Nothing. */
  record Gone() implements TagProposal {}
}
