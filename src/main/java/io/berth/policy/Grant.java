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

  /** Whether the repository is meant. */
  boolean isAbout(RepositoryName repository) {
    return repositories.stream().anyMatch(glob -> glob.matches(repository.value()));
  }

  /** What it allows in a repository. */
  public Access access(RepositoryName repository) {
    return isAbout(repository) ? Access.of(actions, Extent.of(tags)) : Access.NONE;
  }

  /** What it allows on one tag, and on nothing else; nothing if it does not speak of it. */
  public Optional<Grant> on(RepositoryName repository, Tag tag) {
    boolean isMeant = isAbout(repository)
        && (tags.isEmpty() || tags.stream().anyMatch(glob -> glob.matches(tag.value())));
    Set<Action> some = actions.contains(Action.ADMIN) ? EnumSet.of(Action.PULL, Action.PUSH, Action.DELETE) : actions;
    return isMeant ? Optional.of(new Grant(List.of(new Glob(repository.value())), List.of(new Glob(tag.value())), some)) : Optional.empty();
  }

  /** Whether it is about the registry as a whole: every repository, and all of each. */
  public boolean isOfTheRegistry() {
    return tags.isEmpty() && actions.contains(Action.ADMIN) && repositories.contains(new Glob("**"));
  }

  /**
   * Whether everything that it allows another surely allows, too. For patterns of which neither is the other, nor everything, nor a name, nor all
   * that is below a prefix, the answer is no, though it might be yes.
   */
  public boolean isWithin(Grant outer) {
    boolean isOfTags = outer.tags.isEmpty() || !tags.isEmpty() && areWithin(tags, outer.tags);
    return isOfTags && all(outer.actions).containsAll(actions) && areWithin(repositories, outer.repositories);
  }

  /** With what an action includes. */
  private static Set<Action> all(Set<Action> actions) {
    if (actions.contains(Action.ADMIN)) {
      return EnumSet.allOf(Action.class);
    }
    var all = EnumSet.noneOf(Action.class);
    all.addAll(actions);
    if (actions.contains(Action.PUSH)) {
      all.addAll(EnumSet.of(Action.CREATE, Action.MOVE));
    }
    return all;
  }

  private static boolean areWithin(List<Glob> inner, List<Glob> outer) {
    return inner.stream().allMatch(glob -> outer.stream().anyMatch(other -> isWithin(glob.pattern(), other)));
  }

  private static boolean isWithin(String inner, Glob outer) {
    String pattern = outer.pattern();
    boolean isName = inner.indexOf('*') < 0 && inner.indexOf('?') < 0;
    if (inner.equals(pattern) || pattern.equals("**") || isName && outer.matches(inner)) {
      return true;
    }
    if (pattern.equals("*")) {
      return inner.indexOf('/') < 0 && !inner.contains("**");
    }
    String prefix = pattern.endsWith("/**") ? pattern.substring(0, pattern.length() - 2) : "";
    return !prefix.isEmpty() && prefix.indexOf('*') < 0 && prefix.indexOf('?') < 0 && inner.startsWith(prefix);
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
