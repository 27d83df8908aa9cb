package io.berth.policy;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What each rule of a policy says of somebody in a repository. Each was asked once, and so was its condition, for each action if it reads the action; only what
 * a condition says of a single tag is asked when it is wanted. Immutable.
 *
 * @param each what each rule allows, in the order of the rules
 * @param all what they allow together
 */
record Judgement(List<AccessRule> rules, List<Access> each, Access all) {

  /** Of whom no rule is asked. */
  static final Judgement EVERYTHING = new Judgement(List.of(), List.of(), Access.ALL);

  Judgement {
    rules = List.copyOf(rules);
    each = List.copyOf(each);
  }

  /** Asks the rules. */
  static Judgement of(List<AccessRule> rules, Identity member, RepositoryName repository) {
    var each = new ArrayList<Access>(rules.size());
    Access all = Access.NONE;
    for (AccessRule rule : rules) {
      Access access = rule.access(member, repository);
      each.add(access);
      all = all.or(access);
    }
    return new Judgement(rules, each, all);
  }

  /** The name of the first rule that allows it. */
  Optional<String> first(Predicate<Access> allows) {
    for (int i = 0; i < each.size(); i++) {
      if (allows.test(each.get(i))) {
        return Optional.of(rules.get(i).name());
      }
    }
    return Optional.empty();
  }

  /** The first rule that allows each of these actions on each of these tags, as far as there is one, by their names. */
  List<String> names(List<Action> actions, List<Tag> tags) {
    var names = new LinkedHashSet<String>();
    for (Tag tag : tags) {
      for (Action action : actions) {
        first(access -> access.may(action, tag)).ifPresent(names::add);
      }
    }
    return List.copyOf(names);
  }
}
