package io.berth.registry;

import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RegistryException.Problem;
import io.berth.oci.Tag;
import java.util.List;

/**
 * What is told of a tag or manifest that is in the way of a change and that the caller has not named: what it is called to who may read it, and to all others
 * that there is one. Pure but for the reach that is asked.
 */
final class InTheWay {

  private static final String HIDDEN = "a tag that you can't read";

  private InTheWay() {}

  /** A rule keeps a tag, and with it what it stands for: 409. */
  static RegistryException immutable(Reach reach, String rule, Tag tag) {
    boolean shown = reach.shows(tag);
    return new RegistryException(409, List.of(new Problem(ErrorCode.DENIED, "rule '" + rule + "' keeps " + (shown ? "tag " + tag : HIDDEN)
        + " as it is, and this would change or break what it stands for", shown ? tag.value() : null)));
  }

  /** Tags point at a blob: 405. */
  static RegistryException pointing(Reach reach, List<Tag> tags) {
    return tags.stream().filter(reach::shows).findFirst()
        .map(tag -> new RegistryException(ErrorCode.UNSUPPORTED, "the blob is what tag " + tag + " points at: delete that first",
            tag.value()))
        .orElseGet(() -> new RegistryException(ErrorCode.UNSUPPORTED, "the blob is what " + HIDDEN + " points at"));
  }

  /** A manifest needs a blob: 405. */
  static RegistryException needing(Reach reach, Digest manifest) {
    return reach.shows(manifest)
        ? new RegistryException(ErrorCode.UNSUPPORTED, "the blob is needed by manifest " + manifest + ": delete that first",
            manifest.toString())
        : new RegistryException(ErrorCode.UNSUPPORTED, "the blob is needed by a manifest that you can't read");
  }

  /** A rule has refused the change of one of these tags, which point at what the caller has named. */
  static RegistryException refused(Reach reach, List<Tag> tags, RegistryException refusal) {
    Problem problem = refusal.problems().getFirst();
    return tags.stream().filter(tag -> !reach.shows(tag)).anyMatch(tag -> tag.value().equals(problem.detail()))
        ? new RegistryException(refusal.status(), problem.code(), "a rule is against changing " + HIDDEN)
        : refusal;
  }
}
