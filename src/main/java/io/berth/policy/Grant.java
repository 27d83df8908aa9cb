package io.berth.policy;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Some actions on some repositories. Immutable.
 *
 * @param repositories patterns; a repository is meant if it is as one of them says
 * @param tags which of their tags are meant; none: the whole repositories
 */
public record Grant(List<Glob> repositories, List<Glob> tags, Set<Action> actions) {

  public static final Grant EVERYTHING = new Grant(List.of(new Glob("**")), List.of(), Set.of(Action.ADMIN));

  public Grant {
    repositories = List.copyOf(repositories);
    tags = List.copyOf(tags);
    actions = actions.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(actions));
  }

  /** What it allows in a repository. */
  public Access access(RepositoryName repository) {
    return repositories.stream().anyMatch(glob -> glob.matches(repository.value())) ? Access.of(actions, Extent.of(tags)) : Access.NONE;
  }

  /** What it allows on one tag, and on nothing else; nothing if it does not speak of it. */
  public Optional<Grant> on(RepositoryName repository, Tag tag) {
    boolean isMeant = repositories.stream().anyMatch(glob -> glob.matches(repository.value()))
        && (tags.isEmpty() || tags.stream().anyMatch(glob -> glob.matches(tag.value())));
    Set<Action> some = actions.contains(Action.ADMIN) ? EnumSet.of(Action.PULL, Action.PUSH, Action.DELETE) : actions;
    return isMeant ? Optional.of(new Grant(List.of(new Glob(repository.value())), List.of(new Glob(tag.value())), some)) : Optional.empty();
  }

  /** Whether it is about the registry as a whole: every repository, and all of each. */
  public boolean isOfTheRegistry() {
    return tags.isEmpty() && actions.contains(Action.ADMIN) && repositories.contains(new Glob("**"));
  }

  /** What one of several allows. */
  static Access any(List<Grant> grants, RepositoryName repository) {
    Access all = Access.NONE;
    for (Grant grant : grants) {
      all = all.or(grant.access(repository));
    }
    return all;
  }
}
