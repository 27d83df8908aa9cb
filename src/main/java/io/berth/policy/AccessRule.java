package io.berth.policy;

import io.berth.oci.RepositoryName;
import java.util.EnumMap;
import java.util.List;
import java.util.Optional;

/**
 * One thing that an operator allows. Immutable.
 *
 * @param name what decisions call it by
 * @param who whom it is about: one of these
 * @param grant what they may do
 * @param condition what must hold besides; where it reads the tag, the rule is about tags alone, and not about what no tag shows
 */
public record AccessRule(String name, List<Who> who, Grant grant, Condition condition) {

  /** Those that nothing else is made of. */
  static final List<Action> SIMPLE = List.of(Action.PULL, Action.CREATE, Action.MOVE, Action.DELETE, Action.ADMIN);

  public AccessRule {
    who = List.copyOf(who);
  }

  /** Whether it is about them. */
  public boolean isAbout(Identity identity) {
    return who.stream().anyMatch(one -> one.includes(identity));
  }

  /** Whether it demands something besides. */
  boolean isConditional() {
    return !condition.equals(Condition.ALWAYS);
  }

  /** What it allows them in a repository. */
  Access access(Identity identity, RepositoryName repository) {
    Access granted = isAbout(identity) ? grant.access(repository) : Access.NONE;
    return granted.equals(Access.NONE) || !isConditional() ? granted
        : granted.and(holding(identity, repository, granted));
  }

  /**
   * Where the condition holds. It is asked once, or for each action that is granted if it reads the action. To push is where one may create and move, to
   * administer where it holds of every action.
   */
  private Access holding(Identity identity, RepositoryName repository, Access granted) {
    if (!condition.readsAction()) {
      Extent extent = extent(identity, repository, Optional.empty());
      return extent.isAll() ? Access.ALL : Access.of(List.of(Action.values()), extent);
    }
    var extents = new EnumMap<Action, Extent>(Action.class);
    Extent everything = Extent.ALL;
    for (Action action : SIMPLE) {
      Extent extent = granted.may(action) ? extent(identity, repository, Optional.of(action)) : Extent.NONE;
      extents.put(action, extent);
      everything = everything.and(extent);
    }
    extents.put(Action.PUSH, extents.getOrDefault(Action.CREATE, Extent.NONE).and(extents.getOrDefault(Action.MOVE, Extent.NONE)));
    extents.put(Action.ADMIN, everything);
    return Access.of(extents);
  }

  /** A condition that reads the tag may be false whatever the tag; then there is nothing to ask of each. */
  private Extent extent(Identity identity, RepositoryName repository, Optional<Action> action) {
    Condition.Answer answer = condition.judge(new Condition.Question(identity, Optional.of(repository), Optional.empty(), action));
    if (condition.readsTag()) {
      return answer instanceof Condition.Answer.Fails ? Extent.NONE
          : Extent.of(new TagTest.Conditional(condition, identity, repository, action));
    }
    return answer.holds() ? Extent.ALL : Extent.NONE;
  }

  /** Whether it allows them to administer the registry as a whole. What depends on a repository does not. */
  boolean administers(Identity identity) {
    return isAbout(identity) && grant.isOfTheRegistry() && SIMPLE.stream().allMatch(action -> condition
        .judge(new Condition.Question(identity, Optional.empty(), Optional.empty(), Optional.of(action))).holds());
  }

  /** Whether there may be a repository in which it allows them something; if not, there is none. */
  boolean mayAllow(Identity identity) {
    return isAbout(identity) && !grant.actions().isEmpty() && !(condition
        .judge(new Condition.Question(identity, Optional.empty(), Optional.empty(), Optional.empty())) instanceof Condition.Answer.Fails);
  }
}
