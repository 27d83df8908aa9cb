package io.berth.config;

import io.berth.policy.AccessRule;
import java.util.List;
import java.util.Optional;

/**
 * What an operator allows. Immutable.
 *
 * @param rules the rules; absent: there are none, and whoever is known may do everything
 */
public record AccessConfig(Optional<List<AccessRule>> rules) {

  /** Nothing said. */
  public static final AccessConfig UNSTATED = new AccessConfig(Optional.empty());

  public AccessConfig {
    rules = rules.map(List::copyOf);
  }
}
