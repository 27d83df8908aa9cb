package io.berth.cli;

import io.berth.auth.Gate;
import io.berth.auth.Htpasswd;
import io.berth.config.ServeConfig.Authentication;
import io.berth.policy.AccessPolicy;
import org.jspecify.annotations.Nullable;

/** What a configuration means for who is let in. */
final class Entrance {

  private Entrance() {}

  static Gate gate(Authentication authentication) {
    String realm = authentication instanceof Authentication.PasswordFile file ? file.realm() : "";
    return new Gate(policy(authentication), passwords(authentication), realm);
  }

  /** What callers may do. */
  static AccessPolicy policy(Authentication authentication) {
    return new AccessPolicy(!(authentication instanceof Authentication.PasswordFile));
  }

  private static @Nullable Htpasswd passwords(Authentication authentication) {
    return switch (authentication) {
      case Authentication.Unstated _, Authentication.None _ -> null;
      case Authentication.PasswordFile file -> {
        try {
          yield Htpasswd.read(file.file());
        } catch (Htpasswd.InvalidFile e) {
          throw new Refusal(e);
        }
      }
    };
  }
}
