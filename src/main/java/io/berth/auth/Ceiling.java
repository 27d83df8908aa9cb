package io.berth.auth;

import io.berth.policy.Action;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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
   * Whether everything within one ceiling is surely within another: each grant {@linkplain Grant#isWithin within} one.
   */
  static boolean isWithin(Optional<List<Grant>> inner, Optional<List<Grant>> outer) {
    return outer.isEmpty() || inner.isPresent()
        && inner.get().stream().allMatch(grant -> outer.get().stream().anyMatch(grant::isWithin));
  }
}
