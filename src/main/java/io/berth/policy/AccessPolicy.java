package io.berth.policy;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.util.LinkedHashSet;
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
    if (mayEverything(identity)) {
      return Access.ALL;
    }
    Identity member = groups.join(identity);
    Access all = Access.NONE;
    for (AccessRule rule : rules) {
      all = all.or(rule.access(member, repository));
    }
    return all;
  }

  /** Decides. An action on a repository is allowed if it is on any part of it. */
  public Decision decide(Identity identity, Scope scope) {
    if (scope instanceof Scope.Public) {
      return new Decision.Allow("open to everyone");
    }
    if (open) {
      return new Decision.Allow("authentication is off");
    }
    if (isAbove(identity)) {
      return new Decision.Allow(identity instanceof Identity.Registry ? "the registry itself" : "administrators may do everything");
    }
    return switch (scope) {
      case Scope.Public _, Scope.Entry _ -> known(identity);
      case Scope.Self _ -> hasKeys(identity) ? new Decision.Allow("everyone has their own keys")
          : new Decision.Deny(identity instanceof Identity.Anonymous ? CREDENTIALS : "only users and robots have keys");
      case Scope.Catalogue _ -> identity instanceof Identity.Anonymous ? pulls(identity) : known(identity);
      case Scope.Administration _ -> first(identity, AccessRule::administers);
      case Scope.Repository(RepositoryName name, Action action) -> first(identity, (rule, member) -> rule.access(member, name).may(action));
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
    return new Decision.Deny(identity instanceof Identity.Anonymous ? CREDENTIALS : NONE);
  }

  /** The first rule that allows each of these actions on each of these tags, as far as there is one, by their names. */
  List<String> rules(Identity identity, RepositoryName repository, List<Action> actions, List<Tag> tags) {
    var names = new LinkedHashSet<String>();
    if (mayEverything(identity)) {
      return List.of();
    }
    Identity member = groups.join(identity);
    for (Tag tag : tags) {
      for (Action action : actions) {
        rules.stream().filter(rule -> rule.access(member, repository).may(action, tag)).map(AccessRule::name).findFirst()
            .ifPresent(names::add);
      }
    }
    return List.copyOf(names);
  }

  /** Whether nothing at all is allowed to those who are nobody in particular. */
  public boolean isClosedToStrangers() {
    return !open && rules.stream().noneMatch(rule -> rule.mayAllow(new Identity.Anonymous()));
  }
}
