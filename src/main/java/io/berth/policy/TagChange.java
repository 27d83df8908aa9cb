package io.berth.policy;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.util.Set;

/**
 * A change of one tag, as far as rules care. To set a tag to what it is already is none.
 *
 * @param exists whether the tag exists before it
 * @param removes whether the tag is gone after it; otherwise it is made, moved, or says something else
 * @param expires whether the registry itself removes the tag, since its time is over
 * @param identity who asks
 * @param signers the names of the keys whose signatures on the new state have been verified
 */
public record TagChange(RepositoryName repository, Tag tag, boolean exists, boolean removes, boolean expires, Identity identity,
    Set<String> signers) {

  public TagChange {
    signers = Set.copyOf(signers);
    if (expires && !removes) {
      throw new IllegalArgumentException("what expires is removed");
    }
  }
}
