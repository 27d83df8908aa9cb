package io.berth.config;

import java.util.List;
import java.util.Optional;

/**
 * Whom others know who are let in. Immutable.
 *
 * @param directory a directory with their passwords; absent: there is none
 * @param logins providers with which they log in with a browser
 */
public record PeopleConfig(Optional<LdapConfig> directory, List<LoginConfig> logins) {

  /** Nobody. */
  public static final PeopleConfig NOBODY = new PeopleConfig(Optional.empty(), List.of());

  public PeopleConfig {
    logins = List.copyOf(logins);
  }

  /** Which setting says that there may be anybody. */
  Optional<Key.Setting<?>> said() {
    return directory.isPresent() ? Optional.of(LdapSettings.SERVERS)
        : logins.isEmpty() ? Optional.empty() : Optional.of(LoginSettings.LOGINS);
  }
}
