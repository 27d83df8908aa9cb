package io.berth.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Groups whose members an operator has listed, beside those that somebody brings along from where they are known. Immutable. To look somebody up
 * costs no more for many members, but for those named with {@code *}.
 */
public final class Groups {

  public static final Groups NONE = new Groups(Map.of());

  private record Pattern(Who.Named member, String group) {}

  private final Map<String, List<Who.Named>> members;
  private final Map<String, Set<String>> byName = new HashMap<>();
  private final List<Pattern> patterns = new ArrayList<>();

  public Groups(Map<String, List<Who.Named>> members) {
    this.members = Map.copyOf(members);
    this.members.forEach((group, listed) -> listed.forEach(member -> {
      if (member.name().indexOf('*') < 0) {
        byName.computeIfAbsent(member.name(), _ -> new HashSet<>()).add(group);
      } else {
        patterns.add(new Pattern(member, group));
      }
    }));
  }

  /** The groups and who is listed in each. */
  public Map<String, List<Who.Named>> members() {
    return members;
  }

  /** Somebody with the groups in which they are listed. */
  public Identity join(Identity identity) {
    if (members.isEmpty()) {
      return identity;
    }
    var joined = new HashSet<>(byName.getOrDefault(identity.name(), Set.of()));
    for (Pattern pattern : patterns) {
      if (pattern.member.includes(identity)) {
        joined.add(pattern.group);
      }
    }
    if (joined.isEmpty()) {
      return identity;
    }
    joined.addAll(identity.groups());
    return identity.in(joined);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Groups groups && members.equals(groups.members);
  }

  @Override
  public int hashCode() {
    return members.hashCode();
  }

  @Override
  public String toString() {
    return "Groups" + members;
  }
}
