package io.berth.auth;

import io.berth.policy.AccessPolicy;
import io.berth.policy.Decision;
import io.berth.policy.Identity;
import io.berth.policy.Scope;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is asking, and may they: finds out the identity from the {@code Authorization} header and asks the policy. Every request passes here
 * exactly once. Credentials that are sent must be right even where none are needed, so that a mistyped password is noticed; only a registry
 * without authentication does not look at them, and what is open to everyone does not ask. Safe for any thread.
 */
public final class Gate {

  private final AccessPolicy policy;
  private final @Nullable Htpasswd passwords;
  private final String challenge;

  /**
   * A gate.
   *
   * @param passwords whose credentials are good; {@code null} where authentication is off
   * @param realm what a client shows to the user whom it asks for a password; visible ASCII without quotes and backslashes
   */
  public Gate(AccessPolicy policy, @Nullable Htpasswd passwords, String realm) {
    this.policy = policy;
    this.passwords = passwords;
    this.challenge = "Basic realm=\"" + realm + "\", charset=\"UTF-8\"";
  }

  /** Admits or not; may take long on purpose, since passwords are hashed slowly. */
  public Admission admit(Optional<String> authorization, Scope scope) {
    if (passwords == null || authorization.isEmpty() || scope instanceof Scope.Public) {
      return decide(new Identity.Anonymous(), scope);
    }
    BasicCredentials credentials = BasicCredentials.parse(authorization.get());
    if (credentials == null) {
      return new Admission.Challenged(challenge, "the Authorization header is not of the form that HTTP Basic has");
    }
    return passwords.verify(credentials)
        ? decide(new Identity.User(credentials.user()), scope)
        : new Admission.Challenged(challenge, "the user name or password is wrong");
  }

  /** Admits or not, if that is clear without blocking; else {@code null}. */
  public @Nullable Admission admitAtOnce(Optional<String> authorization, Scope scope) {
    return passwords == null || authorization.isEmpty() || scope instanceof Scope.Public ? decide(new Identity.Anonymous(), scope) : null;
  }

  private Admission decide(Identity identity, Scope scope) {
    return switch (policy.decide(identity, scope)) {
      case Decision.Allow(String rule) -> new Admission.Admitted(identity, rule);
      case Decision.Deny(String rule) -> switch (identity) {
        case Identity.Anonymous _ -> new Admission.Challenged(challenge, rule);
        case Identity.User _, Identity.Registry _ -> new Admission.Refused(identity, rule);
      };
    };
  }
}
