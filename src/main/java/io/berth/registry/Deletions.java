package io.berth.registry;

import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.policy.DeletionRules;

/** The gate that every deletion by a client passes, whatever its route. */
final class Deletions {

  private Deletions() {}

  static void requireEnabled(DeletionRules rules) {
    if (!rules.enabled()) {
      throw new RegistryException(ErrorCode.UNSUPPORTED, "deletion is switched off in this registry");
    }
  }
}
