package io.berth.policy;

import io.berth.oci.Edge;

/** What a manifest needs. Pure. */
public final class ManifestRules {

  private ManifestRules() {}

  /**
   * Whether the manifest is incomplete where the repository does not hold the target of the edge. A subject or reference is never needed
   * (distribution specification, "Pushing Manifests with Subject"), nor is a layer that may not be distributed, or what the manifest mentions in
   * a way that is not known here. Whether what is needed must be there at the push, {@link SparseTerms} say.
   */
  public static boolean isNeeded(Edge edge) {
    return switch (edge.kind()) {
      case CONFIG, CHILD -> true;
      case LAYER -> !edge.target().mediaType().isNonDistributable();
      case SUBJECT, REFERENCE, MENTION -> false;
    };
  }
}
