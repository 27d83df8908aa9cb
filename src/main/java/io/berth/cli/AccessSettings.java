package io.berth.cli;

import io.berth.config.ServeConfig;
import io.berth.policy.AccessPolicy;

/** What a configuration means for what those may do who are let in. */
final class AccessSettings {

  private AccessSettings() {}

  static AccessPolicy policy(ServeConfig config) {
    return config.authentication().isOpen() ? AccessPolicy.OPEN : config.access().rules().map(AccessPolicy::new).orElse(AccessPolicy.USERS);
  }
}
