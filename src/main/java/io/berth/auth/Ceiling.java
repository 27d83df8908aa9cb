package io.berth.auth;

import io.berth.policy.Action;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a key is good for at most: how that is written down, and what is within what. Pure. */
final class Ceiling {

  private Ceiling() {}

  /** One line for each grant: repositories, tags and actions; {@code null} where there is no ceiling. Patterns have neither blanks nor bars. */
  static @Nullable String write(Optional<List<Grant>> ceiling) {
    return ceiling.map(grants -> grants.stream().map(Ceiling::line).collect(Collectors.joining("\n"))).orElse(null);
  }

  private static String line(Grant grant) {
    return words(grant.repositories()) + "|" + words(grant.tags()) + "|"
        + grant.actions().stream().map(action -> action.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(" "));
  }

  private static String words(List<Glob> globs) {
    return globs.stream().map(Glob::pattern).collect(Collectors.joining(" "));
  }

  /** What was written so. */
  static Optional<List<Grant>> read(@Nullable String text) {
    return Optional.ofNullable(text).map(lines -> lines.lines().map(Ceiling::grant).toList());
  }

  private static Grant grant(String line) {
    String[] parts = line.split("\\|", -1);
    return new Grant(globs(parts[0]), globs(parts[1]), Arrays.stream(parts[2].split(" ")).filter(word -> !word.isEmpty())
        .map(word -> Action.valueOf(word.toUpperCase(Locale.ROOT))).collect(Collectors.toSet()));
  }

  private static List<Glob> globs(String words) {
    return Arrays.stream(words.split(" ")).filter(word -> !word.isEmpty()).map(Glob::parse).toList();
  }

  /**
   * Whether everything within one ceiling is surely within another. For patterns of which neither is the other, nor everything, nor a name, nor all
   * that is below a prefix, the answer is no, though it might be yes.
   */
  static boolean isWithin(Optional<List<Grant>> inner, Optional<List<Grant>> outer) {
    return outer.isEmpty() || inner.isPresent()
        && inner.get().stream().allMatch(grant -> outer.get().stream().anyMatch(other -> isWithin(grant, other)));
  }

  private static boolean isWithin(Grant inner, Grant outer) {
    boolean tags = outer.tags().isEmpty() || !inner.tags().isEmpty() && areWithin(inner.tags(), outer.tags());
    return tags && all(outer.actions()).containsAll(inner.actions()) && areWithin(inner.repositories(), outer.repositories());
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
}
