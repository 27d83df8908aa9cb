package io.berth.policy;

import io.berth.oci.RepositoryName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which repositories someone may read whole, as far as that can be told without asking about each that there is: it is derived from who they are, and
 * from nothing that exists. What is within, {@link Rights#access} allows; the reverse does not hold, since what a rule with a condition allows by a
 * pattern, what may be read through tags only, and what credentials with limits may read only since everybody may, is left out. Pure and immutable.
 *
 * @param everything whether it is all of them
 * @param named repositories that are written out in full somewhere, each within
 * @param patterns conditions that hold together: a repository is within that is as one pattern of each set says. None at all: nothing is by pattern
 */
public record ReadableSet(boolean everything, List<RepositoryName> named, List<Set<String>> patterns) {

  /** So many names and so many patterns are looked up at most, in order; one who may read by more finds less. */
  public static final int MOST = 1_000;

  private static final ReadableSet NOTHING = new ReadableSet(false, List.of(), List.of());
  private static final String ALL = "**";

  public ReadableSet {
    named = List.copyOf(named);
    patterns = List.copyOf(patterns);
  }

  /** What {@code rights} allow to read, and of that what the mode lets be found. */
  public static ReadableSet of(Rights rights, Discovery discovery) {
    AccessPolicy policy = rights.policy();
    return switch (discovery) {
      case OFF -> NOTHING;
      case READABLE -> of(rights, discovery, List.of(allowed(rights), ceiling(rights)));
      case PUBLIC -> of(rights, discovery, List.of(allowed(rights), ceiling(rights), Words.of(policy, new Identity.Anonymous())));
    };
  }

  /** The patterns by which rules allow anybody to read whole repositories; of them it is worth to know which repositories are as they say. */
  public static Set<String> patterns(AccessPolicy policy) {
    return Set.copyOf(Words.of(policy.rules()).wild);
  }

  private static Words allowed(Rights rights) {
    return Words.of(rights.policy(), rights.identity()).or(Words.of(rights.granted().stream()));
  }

  private static Words ceiling(Rights rights) {
    return rights.ceiling().map(grants -> Words.of(grants.stream())).orElse(Words.EVERYTHING);
  }

  /** What is within all of them, and may be read and mounted from. */
  private static ReadableSet of(Rights rights, Discovery discovery, List<Words> all) {
    if (all.stream().allMatch(Words::everything)) {
      return new ReadableSet(true, List.of(), List.of());
    }
    List<RepositoryName> named = all.stream().flatMap(words -> words.named.stream()).distinct().map(RepositoryName::new)
        .filter(name -> rights.access(name).mayEverywhere(Action.PULL) && discovery.allows(rights, name))
        .sorted().limit(MOST).toList();
    return new ReadableSet(false, named, together(all));
  }

  /** What another set says already is left out. */
  private static List<Set<String>> together(List<Words> all) {
    var sets = new ArrayList<Set<String>>();
    for (Words words : all) {
      if (!words.everything && sets.stream().noneMatch(words.wild::containsAll)) {
        sets.removeIf(other -> other.containsAll(words.wild));
        sets.add(words.wild.stream().limit(MOST).collect(Collectors.toCollection(TreeSet::new)));
      }
    }
    return sets.contains(Set.of()) ? List.of() : sets;
  }

  /**
   * What grants say of repositories that may be read whole.
   *
   * @param named those that they write out in full
   * @param wild their other patterns
   */
  private record Words(boolean everything, TreeSet<String> named, TreeSet<String> wild) {

    private static final Words EVERYTHING = new Words(true, new TreeSet<>(), new TreeSet<>());

    static Words of(AccessPolicy policy, Identity identity) {
      Identity member = policy.groups().join(identity);
      return policy.mayEverything(identity) ? EVERYTHING : of(policy.rules().stream().filter(rule -> rule.isAbout(member)).toList());
    }

    /** Where there is a condition, only names count: about these it can be asked. */
    static Words of(Collection<AccessRule> rules) {
      Words some = of(rules.stream().map(AccessRule::grant));
      Words always = of(rules.stream().filter(rule -> rule.condition().equals(Condition.ALWAYS)).map(AccessRule::grant));
      return new Words(always.everything, some.named, always.wild);
    }

    static Words of(Stream<Grant> grants) {
      var words = new Words(false, new TreeSet<>(), new TreeSet<>());
      boolean everything = false;
      List<Grant> whole = grants.filter(grant -> Access.of(grant.actions(), Extent.of(grant.tags())).mayEverywhere(Action.PULL)).toList();
      for (Glob glob : whole.stream().flatMap(grant -> grant.repositories().stream()).toList()) {
        boolean isName = glob.prefix().equals(glob.pattern());
        everything |= glob.pattern().equals(ALL);
        if (isName && RepositoryName.isValid(glob.pattern())) {
          words.named.add(glob.pattern());
        } else if (!isName && !glob.pattern().equals(ALL)) {
          words.wild.add(glob.pattern());
        }
      }
      return new Words(everything, words.named, words.wild);
    }

    Words or(Words other) {
      var either = new Words(everything || other.everything, new TreeSet<>(named), new TreeSet<>(wild));
      either.named.addAll(other.named);
      either.wild.addAll(other.wild);
      return either;
    }
  }
}
