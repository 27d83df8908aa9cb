package io.berth.policy;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a caller may do: what the rules allow the identity, no more than the credentials are good for, but always to pull what a stranger may,
 * who shows none at all. Answers are those of the moment when the policy was loaded. They are made for one request: what the rules say of the
 * first {@value #REMEMBERED} repositories that it asks about is remembered, so that a condition is asked once about each. Safe for any thread; of two that
 * ask the same at the same time, both may ask the rules.
 */
public final class Rights {

  static final int REMEMBERED = 16;

  private static final Identity STRANGER = new Identity.Anonymous();

  private final AccessPolicy policy;
  private final Identity identity;
  private final Optional<List<Grant>> ceiling;
  private final List<Grant> granted;
  private final Optional<Instant> until;
  private final boolean bound;
  private volatile List<Known> known = List.of();

  /** What is allowed in a repository, and what the rules say of it. */
  private record Known(RepositoryName repository, Judgement judgement, Access access) {}

  /**
   * Rights.
   *
   * @param ceiling what the credentials are good for at most: the limits of an API key, the tag that a token is bound to; absent: everything that
   *     the rules allow
   * @param granted what is allowed besides the rules: what the token of an external issuer names
   * @param until when the credentials end, and no others that are made with them may last longer; absent: they do not
   * @param bound whether the credentials are a token that is bound to tags, those of the ceiling
   */
  public Rights(AccessPolicy policy, Identity identity, Optional<List<Grant>> ceiling, List<Grant> granted, Optional<Instant> until,
      boolean bound) {
    this.policy = policy;
    this.identity = identity;
    this.ceiling = ceiling.map(List::copyOf);
    this.granted = List.copyOf(granted);
    this.until = until;
    this.bound = bound;
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

  public AccessPolicy policy() {
    return policy;
  }

  public Identity identity() {
    return identity;
  }

  /** What the credentials are good for at most; absent: everything that the rules allow. */
  public Optional<List<Grant>> ceiling() {
    return ceiling;
  }

  /** What is allowed besides the rules. */
  public List<Grant> granted() {
    return granted;
  }

  /** When the credentials end; absent: they do not. */
  public Optional<Instant> until() {
    return until;
  }

  /** Whether the credentials are a token that is bound to tags. */
  public boolean bound() {
    return bound;
  }

  /** What is allowed in a repository. */
  public Access access(RepositoryName repository) {
    return known(repository).access;
  }

  private Known known(RepositoryName repository) {
    List<Known> before = known;
    for (Known one : before) {
      if (one.repository.equals(repository)) {
        return one;
      }
    }
    Judgement judgement = policy.judge(identity, repository);
    Access access = granted.isEmpty() ? judgement.all() : judgement.all().or(Grant.any(granted, repository));
    var one = new Known(repository, judgement,
        ceiling.map(grants -> access.and(Grant.any(grants, repository)).or(open(repository))).orElse(access));
    if (before.size() < REMEMBERED) {
      known = Stream.concat(before.stream(), Stream.of(one)).toList();
    }
    return one;
  }

  /** Whether the credentials are a token that is bound to tags, and to none of this repository. What everyone may pull is read with it there, too. */
  boolean isBoundElsewhere(RepositoryName repository) {
    return bound && ceiling.stream().flatMap(List::stream).noneMatch(grant -> grant.isAbout(repository));
  }

  /** What everyone may pull. */
  private Access open(RepositoryName repository) {
    return Access.of(List.of(Action.PULL), policy.access(STRANGER, repository).extent(Action.PULL));
  }

  /**
   * Whether conditions may be asked to decide this, those of strangers too: it can take long, so it is nothing for a thread that others wait for.
   */
  public boolean asksConditions(Scope scope) {
    return policy.asksConditions(identity, scope) || policy.asksConditions(STRANGER, scope);
  }

  /**
   * By which rules something is allowed on some tags, where it is: the first for each action and tag, by their names; absent where it is no rule that
   * names tags or repositories.
   */
  public Optional<String> rules(RepositoryName repository, List<Action> actions, List<Tag> tags) {
    List<String> names = known(repository).judgement.names(actions, tags);
    return names.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", names));
  }

  /** Decides, with the reason in words. */
  public Decision decide(Scope scope) {
    return switch (scope) {
      case Scope.Public _, Scope.Entry _, Scope.Self _, Scope.Catalogue _ -> policy.decide(identity, scope);
      case Scope.Administration _ -> administers(policy.decide(identity, scope));
      case Scope.Repository(RepositoryName name, Action action) -> decide(known(name), action);
    };
  }

  private Decision administers(Decision byRule) {
    return byRule.allowed() && ceiling.isPresent() && ceiling.get().stream().noneMatch(Grant::isOfTheRegistry)
        ? new Decision.Deny("the credentials are not good for that")
        : byRule;
  }

  private Decision decide(Known about, Action action) {
    Decision byRule = policy.decide(identity, about.judgement, action);
    return about.access.may(action)
        ? byRule.allowed() ? byRule : new Decision.Allow(granted.isEmpty() ? "open to everyone" : "the token names it")
        : byRule.allowed() ? new Decision.Deny("the credentials are not good for that") : byRule;
  }
}
