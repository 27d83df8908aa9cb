package io.berth.policy;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a caller may do: what the rules allow the identity, no more than the credentials are good for, but always to pull what a stranger may,
 * who shows none at all. Pure and immutable; answers are those of the moment when the policy was loaded.
 *
 * @param ceiling what the credentials are good for at most: the limits of an API key, the tag that a token is bound to; absent: everything that
 *     the rules allow
 * @param granted what is allowed besides the rules: what the token of an external issuer names
 * @param until when the credentials end, and no others that are made with them may last longer; absent: they do not
 * @param bound whether the credentials are a token that is bound to tags, those of the ceiling
 */
public record Rights(AccessPolicy policy, Identity identity, Optional<List<Grant>> ceiling, List<Grant> granted, Optional<Instant> until,
    boolean bound) {

  public Rights {
    ceiling = ceiling.map(List::copyOf);
    granted = List.copyOf(granted);
  }

  /** With credentials that are bound to no tag. */
  public Rights(AccessPolicy policy, Identity identity, Optional<List<Grant>> ceiling, List<Grant> granted, Optional<Instant> until) {
    this(policy, identity, ceiling, granted, until, false);
  }

  /** With such that do not end. */
  public Rights(AccessPolicy policy, Identity identity, Optional<List<Grant>> ceiling, List<Grant> granted) {
    this(policy, identity, ceiling, granted, Optional.empty());
  }

  public Rights(AccessPolicy policy, Identity identity) {
    this(policy, identity, Optional.empty(), List.of());
  }

  /** Those of someone in an open registry. */
  public static Rights open(Identity identity) {
    return new Rights(AccessPolicy.OPEN, identity);
  }

  /** What is allowed in a repository. */
  public Access access(RepositoryName repository) {
    Access access = granted.isEmpty() ? policy.access(identity, repository)
        : policy.access(identity, repository).or(Grant.any(granted, repository));
    return ceiling.map(grants -> access.and(Grant.any(grants, repository)).or(open(repository))).orElse(access);
  }

  /** Whether the credentials are a token that is bound to tags, and to none of this repository. What everyone may pull is read with it there, too. */
  boolean isBoundElsewhere(RepositoryName repository) {
    return bound && ceiling.stream().flatMap(List::stream).noneMatch(grant -> grant.isAbout(repository));
  }

  /** What everyone may pull. */
  private Access open(RepositoryName repository) {
    return Access.of(List.of(Action.PULL), policy.access(new Identity.Anonymous(), repository).extent(Action.PULL));
  }

  /**
   * By which rules something is allowed on some tags, where it is: the first for each action and tag, by their names; absent where it is no rule that
   * names tags or repositories.
   */
  public Optional<String> rules(RepositoryName repository, List<Action> actions, List<Tag> tags) {
    List<String> names = policy.rules(identity, repository, actions, tags);
    return names.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", names));
  }

  /** Decides, with the reason in words. */
  public Decision decide(Scope scope) {
    Decision byRule = policy.decide(identity, scope);
    return switch (scope) {
      case Scope.Public _, Scope.Entry _, Scope.Self _, Scope.Catalogue _ -> byRule;
      case Scope.Administration _ -> byRule.allowed() && ceiling.isPresent() && ceiling.get().stream().noneMatch(Grant::isOfTheRegistry)
          ? new Decision.Deny("the credentials are not good for that")
          : byRule;
      case Scope.Repository(RepositoryName name, Action action) -> access(name).may(action)
          ? byRule.allowed() ? byRule : new Decision.Allow(granted.isEmpty() ? "open to everyone" : "the token names it")
          : byRule.allowed() ? new Decision.Deny("the credentials are not good for that") : byRule;
    };
  }
}
