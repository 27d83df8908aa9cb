package io.berth.policy;

import io.berth.oci.Edge;

/** What must be present before a manifest is accepted. Pure. */
public final class ManifestRules {

  private ManifestRules() {}

  /**
   * Whether the target of the edge must exist in the repository. A subject or reference never does (distribution specification, "Pushing
   * Manifests with Subject"), nor does a layer that may not be distributed, or what the manifest mentions in a way that is not known here.
   */
  public static boolean mustExist(Edge edge) {
    return switch (edge.kind()) {
      case CONFIG, CHILD -> true;
      case LAYER -> !edge.target().mediaType().isNonDistributable();
      case SUBJECT, REFERENCE, MENTION -> false;
    };
  }
}
