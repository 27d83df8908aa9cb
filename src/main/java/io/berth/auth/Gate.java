package io.berth.auth;

import io.berth.policy.AccessPolicy;
import io.berth.policy.Decision;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.policy.Scope;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who is asking, and may they: finds out the identity from the {@code Authorization} header and asks the policy. Every request passes here
 * exactly once. Credentials that are sent must be right even where none are needed, so that a mistyped password is noticed; only a registry
 * without authentication does not look at them, and what is open to everyone does not ask. Safe for any thread.
 *
 * <p>What a token of this registry was made for is a limit for the call that it is shown with, and for nothing else: whether the call is
 * allowed, the rules of the moment say, with the identity and the ceiling that the token tells of.
 */
public final class Gate {

  private static final String MALFORMED = "the Authorization header is neither a user name with its password nor a token";

  private final AccessPolicy policy;
  private final Logins logins;
  private final String realm;
  private final Optional<Bearers> bearers;
  private final Epochs epochs;
  private final Optional<Certificates> certificates;

  /**
   * A gate.
   *
   * @param logins who knows names and passwords
   * @param realm what a client shows to the user whom it asks for a password; visible ASCII without quotes and backslashes
   * @param bearers whose tokens are accepted; if there are any, it is tokens that clients are asked for
   * @param epochs when a token counts no more
   * @param certificates whom the certificates of clients name; absent: nobody
   */
  public Gate(AccessPolicy policy, Logins logins, String realm, Optional<Bearers> bearers, Epochs epochs,
      Optional<Certificates> certificates) {
    this.policy = policy;
    this.logins = logins;
    this.realm = realm;
    this.bearers = bearers;
    this.epochs = epochs;
    this.certificates = certificates;
  }

  /** A gate that looks at no certificates. */
  public Gate(AccessPolicy policy, Logins logins, String realm, Optional<Bearers> bearers, Epochs epochs) {
    this(policy, logins, realm, bearers, epochs, Optional.empty());
  }

  /** A gate without tokens. */
  public Gate(AccessPolicy policy, Logins logins, String realm) {
    this(policy, logins, realm, Optional.empty(), Epochs.NEVER);
  }

  /** Whom the certificate of a client names, if it has shown one and certificates name anybody here. */
  public Optional<Holder> holder(Supplier<Optional<X509Certificate>> certificate) {
    return certificates.flatMap(names -> certificate.get().flatMap(names::holder));
  }

  /**
   * Admits or not; may take long on purpose, since passwords are hashed slowly.
   *
   * @param holder whom the certificate of the client names, who is asking where the header says nothing
   * @param address where the request comes from, as much of it as one subscriber has
   */
  public Admission admit(Optional<String> authorization, Optional<Holder> holder, String address, Scope scope) {
    return policy.open() || scope instanceof Scope.Public ? stranger(scope) : switch (Credentials.parse(authorization)) {
      case Credentials.None _ -> holder.map(who -> decide(rights(who), scope)).orElseGet(() -> stranger(scope));
      case Credentials.Unreadable _ -> challenged(scope, "", MALFORMED);
      case Credentials.Bearer(String text) when bearers.isPresent() -> bearers.get().verify(text).filter(this::isCurrent)
          .map(token -> bearer(token, rights(token), scope))
          .orElseGet(() -> challenged(scope, "invalid_token", "the token is not valid, or not any more"));
      case Credentials.Bearer _ -> challenged(scope, "", MALFORMED);
      case Credentials.Basic basic -> switch (logins.login(basic, address)) {
        case Logins.Outcome.Known(Passwords.Found.Good who) ->
            decide(new Rights(policy, who.identity(), who.ceiling(), List.of(), who.until()), scope);
        case Logins.Outcome.Refused _ -> challenged(scope, "", "the user name or password is wrong");
        case Logins.Outcome.Throttled(Duration after) -> new Admission.Throttled(after);
      };
    };
  }

  /** The same for a client without a certificate. */
  public Admission admit(Optional<String> authorization, String address, Scope scope) {
    return admit(authorization, Optional.empty(), address, scope);
  }

  /** The same for a client without a certificate, if it is clear without blocking; else {@code null}. */
  public @Nullable Admission admitAtOnce(Optional<String> authorization, Scope scope) {
    return admitAtOnce(authorization, Optional.empty(), scope);
  }

  /** Admits or not, if that is clear without blocking, and without asking conditions, which may take long; else {@code null}. */
  public @Nullable Admission admitAtOnce(Optional<String> authorization, Optional<Holder> holder, Scope scope) {
    if (policy.open() || scope instanceof Scope.Public) {
      return stranger(scope);
    }
    if (authorization.isEmpty()) {
      Rights rights = holder.map(this::rights).orElseGet(this::strangers);
      return rights.asksConditions(scope) ? null : decide(rights, scope);
    }
    if (bearers.isPresent() && Credentials.parse(authorization) instanceof Credentials.Bearer(String text)) {
      Token token = bearers.get().recall(text);
      if (token != null && isCurrentAtOnce(token)) {
        Rights rights = rights(token);
        return rights.asksConditions(scope) ? null : bearer(token, rights, scope);
      }
    }
    return null;
  }

  private boolean isCurrent(Token token) {
    return token.identity() instanceof Identity.Bearer || token.epoch() == epochs.epoch(token.identity());
  }

  /** Whether that is known without asking the metadata store. */
  private boolean isCurrentAtOnce(Token token) {
    if (token.identity() instanceof Identity.Bearer) {
      return true;
    }
    OptionalLong known = epochs.recall(token.identity());
    return known.isPresent() && known.getAsLong() == token.epoch();
  }

  private Rights rights(Holder who) {
    return new Rights(policy, who.identity(), Optional.empty(), List.of(), Optional.of(who.until()));
  }

  private Rights rights(Token token) {
    return new Rights(policy, token.identity(), token.ceiling(), token.granted(), token.until(), token.bound());
  }

  private Rights strangers() {
    return new Rights(policy, new Identity.Anonymous());
  }

  private Admission stranger(Scope scope) {
    return decide(strangers(), scope);
  }

  private Admission bearer(Token token, Rights rights, Scope scope) {
    if (scope instanceof Scope.Entry) {
      return new Admission.Admitted(rights, "whoever has a token is let in");
    }
    return switch (token.identity()) {
      case Identity.Anonymous _ -> rights.decide(scope) instanceof Decision.Allow(String rule) ? new Admission.Admitted(rights, rule)
          : insufficient(token, scope);
      case Identity.Bearer _ -> rights.decide(scope) instanceof Decision.Allow(String rule)
          && (token.covers(scope) || policy.decide(new Identity.Anonymous(), scope).allowed()) ? new Admission.Admitted(rights, rule)
              : insufficient(token, scope);
      case Identity.User _, Identity.Robot _, Identity.Workload _, Identity.Registry _ -> {
        boolean refused = token.wasRefused(scope) && !rights.decide(scope).allowed();
        yield token.covers(scope) || refused ? decide(rights, scope) : insufficient(token, scope);
      }
    };
  }

  /** The token may be good, but not for this: one is wanted that is good for what this one is, and for what is needed. */
  private Admission insufficient(Token token, Scope scope) {
    return new Admission.Challenged(challenge(ResourceScope.needed(scope).map(token::wider), "insufficient_scope"),
        "the token is not good for this", Optional.of(token.identity()));
  }

  private Admission challenged(Scope scope, String error, String reason) {
    return new Admission.Challenged(challenge(ResourceScope.needed(scope), error), reason, Optional.empty());
  }

  private Challenge challenge(Optional<ResourceScope> wanted, String error) {
    return new Challenge(realm, bearers
        .map(who -> new Challenge.Bearer(who.url(), who.path(), who.service(), wanted.map(ResourceScope::text).orElse(""), error)));
  }

  private Admission decide(Rights rights, Scope scope) {
    return switch (rights.decide(scope)) {
      case Decision.Allow(String rule) -> new Admission.Admitted(rights, rule);
      case Decision.Deny(String rule) -> rights.identity() instanceof Identity.Anonymous ? challenged(scope, "", rule)
          : new Admission.Refused(rights.identity(), rule);
    };
  }
}
