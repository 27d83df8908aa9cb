package io.berth.config;

import java.util.Optional;

/**
 * Whom others know who are let in. Immutable.
 *
 * @param directory a directory with their passwords; absent: there is none
 */
public record PeopleConfig(Optional<LdapConfig> directory) {

  /** Nobody. */
  public static final PeopleConfig NOBODY = new PeopleConfig(Optional.empty());

  /** Whether there may be anybody. */
  boolean isAnybody() {
    return directory.isPresent();
  }
}
