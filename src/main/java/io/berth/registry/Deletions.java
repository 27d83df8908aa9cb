package io.berth.registry;

import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.policy.Action;
import io.berth.policy.DeletionRules;

/** The gate that every deletion by a client passes, whatever its route. */
final class Deletions {

  private Deletions() {}

  static void requireEnabled(DeletionRules rules) {
    if (!rules.enabled()) {
      throw new RegistryException(ErrorCode.UNSUPPORTED, "deletion is switched off in this registry");
    }
  }

  /** What has a digest may belong to any tag: only who may delete all of them deletes it. */
  static void requireWhole(Caller caller, RepositoryName repository) {
    if (!caller.access(repository).mayEverywhere(Action.DELETE)) {
      throw new RegistryException(ErrorCode.DENIED, "no rule of access (access.rules) allows " + caller.identity().name()
          + " to delete everything in " + repository + ", which it takes to delete by digest: delete tags");
    }
  }
}
