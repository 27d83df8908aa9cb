package io.berth.policy;

import io.berth.oci.RepositoryName;
import java.util.List;
import java.util.function.BiPredicate;

/**
 * Who may do what: one list of rules, of which each allows something. Pure: the answer follows from the identity and the scope alone. Default
 * deny: what no rule allows is refused, whether it exists or not.
 *
 * @param open whether everyone may do everything: the registry runs without authentication
 * @param groups who is in which group, beside what is known of them elsewhere
 */
public record AccessPolicy(boolean open, List<AccessRule> rules, Groups groups) {

  /** Without authentication. */
  public static final AccessPolicy OPEN = new AccessPolicy(true, List.of(), Groups.NONE);

  /** Where an operator has named users, but no rules. */
  public static final AccessPolicy USERS =
      new AccessPolicy(List.of(new AccessRule("users may do everything, since there are no rules of access",
          List.of(new Who.Named("user:*"), new Who.Named("robot:*")), Grant.EVERYTHING, Condition.ALWAYS)));

  private static final String NONE = "no rule of access allows it";
  private static final String CREDENTIALS = "credentials are required";

  public AccessPolicy {
    rules = List.copyOf(rules);
  }

  public AccessPolicy(List<AccessRule> rules) {
    this(rules, Groups.NONE);
  }

  public AccessPolicy(List<AccessRule> rules, Groups groups) {
    this(false, rules, groups);
  }

  /** What someone may do in a repository. */
  public Access access(Identity identity, RepositoryName repository) {
    return judge(identity, repository).all();
  }

  /** Asks each rule once what someone may do in a repository. */
  Judgement judge(Identity identity, RepositoryName repository) {
    return mayEverything(identity) ? Judgement.EVERYTHING : Judgement.of(rules, groups.join(identity), repository);
  }

  /** Decides. An action on a repository is allowed if it is on any part of it. */
  public Decision decide(Identity identity, Scope scope) {
    if (scope instanceof Scope.Public) {
      return new Decision.Allow("open to everyone");
    }
    if (mayEverything(identity)) {
      return everything(identity);
    }
    return switch (scope) {
      case Scope.Public _, Scope.Entry _ -> known(identity);
      case Scope.Self _ -> hasKeys(identity) ? new Decision.Allow("everyone has their own keys")
          : new Decision.Deny(identity instanceof Identity.Anonymous ? CREDENTIALS : "only users and robots have keys");
      case Scope.Catalogue _ -> identity instanceof Identity.Anonymous ? pulls(identity) : known(identity);
      case Scope.Administration _ -> first(identity, AccessRule::administers);
      case Scope.Repository(RepositoryName name, Action action) -> decide(identity, judge(identity, name), action);
    };
  }

  /** Decides about a repository, of which the rules were asked before. */
  Decision decide(Identity identity, Judgement judgement, Action action) {
    return mayEverything(identity) ? everything(identity)
        : judgement.first(access -> access.may(action)).<Decision>map(Decision.Allow::new).orElseGet(() -> denied(identity));
  }

  private Decision everything(Identity identity) {
    return new Decision.Allow(open ? "authentication is off"
        : identity instanceof Identity.Registry ? "the registry itself" : "administrators may do everything");
  }

  /** Whether a condition is asked to decide what someone may do there, which may take a while. */
  boolean asksConditions(Identity identity, Scope scope) {
    if (mayEverything(identity) || rules.stream().noneMatch(AccessRule::isConditional)) {
      return false;
    }
    return switch (scope) {
      case Scope.Public _, Scope.Entry _, Scope.Self _ -> false;
      case Scope.Catalogue _, Scope.Administration _ -> true;
      case Scope.Repository(RepositoryName name, Action _) -> {
        Identity member = groups.join(identity);
        yield rules.stream().anyMatch(rule -> rule.isConditional() && rule.grant().isAbout(name) && rule.isAbout(member));
      }
    };
  }

  /** Whether no rule is asked about them, since they may do everything. */
  boolean mayEverything(Identity identity) {
    return open || isAbove(identity);
  }

  private static boolean isAbove(Identity identity) {
    return identity instanceof Identity.Registry || identity instanceof Identity.User user && user.administrator();
  }

  private static boolean hasKeys(Identity identity) {
    return identity instanceof Identity.User || identity instanceof Identity.Robot;
  }

  private static Decision known(Identity identity) {
    return identity instanceof Identity.Anonymous ? new Decision.Deny(CREDENTIALS) : new Decision.Allow("whoever is known is let in");
  }

  /** Whether there may be a repository to see: which ones, the list itself knows. */
  private Decision pulls(Identity identity) {
    return first(identity, AccessRule::mayAllow);
  }

  private Decision first(Identity identity, BiPredicate<AccessRule, Identity> allows) {
    Identity member = groups.join(identity);
    for (AccessRule rule : rules) {
      if (allows.test(rule, member)) {
        return new Decision.Allow(rule.name());
      }
    }
    return denied(identity);
  }

  private static Decision denied(Identity identity) {
    return new Decision.Deny(identity instanceof Identity.Anonymous ? CREDENTIALS : NONE);
  }

  /** Whether nothing at all is allowed to those who are nobody in particular. */
  public boolean isClosedToStrangers() {
    return !open && rules.stream().noneMatch(rule -> rule.mayAllow(new Identity.Anonymous()));
  }
}
