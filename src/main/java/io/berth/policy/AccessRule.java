package io.berth.policy;

import io.berth.oci.RepositoryName;
import java.util.ArrayList;
import java.util.List;

/**
 * One thing that an operator allows. Immutable.
 *
 * @param name what decisions call it by
 * @param who whom it is about: one of these
 * @param grant what they may do
 * @param condition what must hold besides
 */
public record AccessRule(String name, List<Who> who, Grant grant, Condition condition) {

  public AccessRule {
    who = List.copyOf(who);
  }

  /** Whether it is about them. */
  public boolean isAbout(Identity identity) {
    return who.stream().anyMatch(one -> one.includes(identity));
  }

  /** What it allows them in a repository. */
  Access access(Identity identity, RepositoryName repository) {
    Access granted = isAbout(identity) ? grant.access(repository) : Access.NONE;
    if (granted.equals(Access.NONE) || condition.equals(Condition.ALWAYS)) {
      return granted;
    }
    var holding = new ArrayList<Action>();
    for (Action action : Action.values()) {
      if (granted.may(action) && condition.holds(identity, repository, action)) {
        holding.add(action);
      }
    }
    return granted.and(Access.of(holding, Extent.ALL));
  }
}
