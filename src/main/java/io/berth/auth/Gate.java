package io.berth.auth;

import io.berth.policy.AccessPolicy;
import io.berth.policy.Decision;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.policy.Scope;
import java.time.Duration;
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
  private final Logins logins;
  private final String challenge;

  /**
   * A gate.
   *
   * @param logins who knows names and passwords
   * @param realm what a client shows to the user whom it asks for a password; visible ASCII without quotes and backslashes
   */
  public Gate(AccessPolicy policy, Logins logins, String realm) {
    this.policy = policy;
    this.logins = logins;
    this.challenge = "Basic realm=\"" + realm + "\", charset=\"UTF-8\"";
  }

  /**
   * Admits or not; may take long on purpose, since passwords are hashed slowly.
   *
   * @param address where the request comes from, as much of it as one subscriber has
   */
  public Admission admit(Optional<String> authorization, String address, Scope scope) {
    return policy.open() || scope instanceof Scope.Public ? stranger(scope) : switch (Credentials.parse(authorization)) {
      case Credentials.None _ -> stranger(scope);
      case Credentials.Unreadable _, Credentials.Bearer _ -> challenged("the Authorization header is not of the form that HTTP Basic has");
      case Credentials.Basic basic -> switch (logins.login(basic, address)) {
        case Logins.Outcome.Known(Passwords.Found.Good who) -> decide(new Rights(policy, who.identity(), who.ceiling(), List.of()), scope);
        case Logins.Outcome.Refused _ -> challenged("the user name or password is wrong");
        case Logins.Outcome.Throttled(Duration after) -> new Admission.Throttled(after);
      };
    };
  }

  /** Admits or not, if that is clear without blocking; else {@code null}. */
  public @Nullable Admission admitAtOnce(Optional<String> authorization, Scope scope) {
    return policy.open() || authorization.isEmpty() || scope instanceof Scope.Public ? stranger(scope) : null;
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
