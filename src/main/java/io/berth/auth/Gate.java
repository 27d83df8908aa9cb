package io.berth.auth;

import io.berth.policy.AccessPolicy;
import io.berth.policy.Decision;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.policy.Scope;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is asking, and may they: finds out the identity from the {@code Authorization} header and asks the policy. Every request passes here
 * exactly once. Credentials that are sent must be right even where none are needed, so that a mistyped password is noticed; only a registry
 * without authentication does not look at them, and what is open to everyone does not ask. Safe for any thread.
 */
public final class Gate {

  private final AccessPolicy policy;
  private final List<Passwords> passwords;
  private final String challenge;

  /**
   * A gate.
   *
   * @param passwords who knows names and passwords, in the order in which they are asked
   * @param realm what a client shows to the user whom it asks for a password; visible ASCII without quotes and backslashes
   */
  public Gate(AccessPolicy policy, List<Passwords> passwords, String realm) {
    this.policy = policy;
    this.passwords = List.copyOf(passwords);
    this.challenge = "Basic realm=\"" + realm + "\", charset=\"UTF-8\"";
  }

  /** Admits or not; may take long on purpose, since passwords are hashed slowly. */
  public Admission admit(Optional<String> authorization, Scope scope) {
    return policy.open() || scope instanceof Scope.Public ? stranger(scope) : switch (Credentials.parse(authorization)) {
      case Credentials.None _ -> stranger(scope);
      case Credentials.Unreadable _, Credentials.Bearer _ -> challenged("the Authorization header is not of the form that HTTP Basic has");
      case Credentials.Basic basic -> switch (find(basic)) {
        case Passwords.Found.Good(Identity identity, var ceiling) -> decide(new Rights(policy, identity, ceiling, List.of()), scope);
        case Passwords.Found.Wrong _, Passwords.Found.Unknown _ -> challenged("the user name or password is wrong");
      };
    };
  }

  /** Admits or not, if that is clear without blocking; else {@code null}. */
  public @Nullable Admission admitAtOnce(Optional<String> authorization, Scope scope) {
    return policy.open() || authorization.isEmpty() || scope instanceof Scope.Public ? stranger(scope) : null;
  }

  private Passwords.Found find(Credentials.Basic basic) {
    for (Passwords place : passwords) {
      Passwords.Found found = place.find(basic);
      if (!(found instanceof Passwords.Found.Unknown)) {
        return found;
      }
    }
    return new Passwords.Found.Unknown();
  }

  private Admission stranger(Scope scope) {
    return decide(new Rights(policy, new Identity.Anonymous()), scope);
  }

  private Admission challenged(String reason) {
    return new Admission.Challenged(challenge, reason);
  }

  private Admission decide(Rights rights, Scope scope) {
    return switch (rights.decide(scope)) {
      case Decision.Allow(String rule) -> new Admission.Admitted(rights, rule);
      case Decision.Deny(String rule) -> rights.identity() instanceof Identity.Anonymous ? challenged(rule)
          : new Admission.Refused(rights.identity(), rule);
    };
  }
}
