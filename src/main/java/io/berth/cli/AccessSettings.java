package io.berth.cli;

import io.berth.auth.Gate;
import io.berth.auth.Htpasswd;
import io.berth.auth.Logins;
import io.berth.auth.Passwords;
import io.berth.config.ServeConfig;
import io.berth.config.ServeConfig.Authentication;
import io.berth.policy.AccessPolicy;
import java.util.ArrayList;
import java.util.List;

/** What a configuration means for who is let in, and what they may do. */
final class AccessSettings {

  private AccessSettings() {}

  static Gate gate(ServeConfig config) {
    return switch (config.authentication()) {
      case Authentication.Unstated _, Authentication.None _ -> new Gate(AccessPolicy.OPEN, new Logins(List.of()), "");
      case Authentication.Sources sources -> new Gate(policy(config), new Logins(passwords(sources)),
          sources.passwordFile().map(Authentication.PasswordFile::realm).orElse("Berth"));
    };
  }

  static AccessPolicy policy(ServeConfig config) {
    return config.authentication().isOpen() ? AccessPolicy.OPEN : config.access().rules().map(AccessPolicy::new).orElse(AccessPolicy.USERS);
  }

  private static List<Passwords> passwords(Authentication.Sources sources) {
    var places = new ArrayList<Passwords>();
    sources.passwordFile().ifPresent(file -> {
      try {
        places.add(Htpasswd.read(file.file()));
      } catch (Htpasswd.InvalidFile e) {
        throw new Refusal(e);
      }
    });
    return places;
  }
}
