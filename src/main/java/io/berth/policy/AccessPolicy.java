package io.berth.policy;

/**
 * Who may do what. Pure: the answer follows from the identity and the scope alone. Default deny: what no rule grants is refused.
 *
 * @param open whether everyone may do everything: the registry runs without authentication
 */
public record AccessPolicy(boolean open) {

  /** Decides. */
  public Decision decide(Identity identity, Scope scope) {
    if (scope instanceof Scope.Public) {
      return new Decision.Allow("open to everyone");
    }
    if (open) {
      return new Decision.Allow("authentication is off");
    }
    return switch (identity) {
      case Identity.User _ -> switch (scope) {
        case Scope.Public _, Scope.Entry _, Scope.Catalogue _, Scope.Administration _, Scope.Repository _ ->
            new Decision.Allow("users of the password file may do everything");
      };
      case Identity.Registry _ -> new Decision.Allow("the registry itself");
      case Identity.Anonymous _ -> new Decision.Deny("credentials are required");
    };
  }
}
