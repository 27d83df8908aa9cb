package io.berth.policy;

import io.berth.oci.Tag;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * How far a right goes in a repository: over all of it, over some of its tags, or nowhere. Immutable.
 *
 * @param alternatives sets of tests; a tag is within if all tests of one of these sets cover it. The empty set among them is the whole
 *     repository, what no tag shows included; none at all is nowhere
 */
public record Extent(Set<Set<TagTest>> alternatives) {

  public static final Extent ALL = new Extent(Set.of(Set.of()));
  public static final Extent NONE = new Extent(Set.of());

  /** Alternatives of two that are taken together one by one; of more, both are asked. */
  static final int MULTIPLIED = 64;

  /** Behind every character that a tag can have. */
  private static final char LAST = '\u007f';

  public Extent {
    alternatives = alternatives.contains(Set.of()) ? Set.of(Set.of()) : Set.copyOf(alternatives);
  }

  /** Over the tags that are as one of the patterns says; over everything if there is none. */
  public static Extent of(Iterable<Glob> tags) {
    var alternatives = new HashSet<Set<TagTest>>();
    tags.forEach(glob -> alternatives.add(Set.of(glob)));
    return alternatives.isEmpty() ? ALL : new Extent(alternatives);
  }

  /** Over the tags that a test covers. */
  static Extent of(TagTest test) {
    return new Extent(Set.of(Set.of(test)));
  }

  /** Whether it is the whole repository. */
  public boolean isAll() {
    return alternatives.contains(Set.of());
  }

  /** Whether it is nothing at all. */
  public boolean isNone() {
    return alternatives.isEmpty();
  }

  /** Whether the tag is within. */
  public boolean covers(Tag tag) {
    return alternatives.stream().anyMatch(all -> all.stream().allMatch(test -> test.covers(tag)));
  }

  /**
   * Where to go on in a list of all tags in order, so that none is left out that is within: the position itself, or one further on.
   *
   * @param after the position behind which tags are wanted
   * @return absent if nothing behind it can be within
   */
  public Optional<String> from(String after) {
    return alternatives.stream().map(Extent::prefix).filter(prefix -> after.compareTo(prefix + LAST) < 0)
        .map(prefix -> after.compareTo(prefix) < 0 ? before(prefix) : after)
        .map(position -> position.compareTo(after) < 0 ? after : position)
        .min(Comparator.naturalOrder());
  }

  /** With what each name begins that all of the tests cover. */
  private static String prefix(Set<TagTest> tests) {
    return tests.stream().map(TagTest::prefix).max(Comparator.comparingInt(String::length)).orElse("");
  }

  /** A position behind which the names stand that begin so, and before which no others stand that are less. */
  private static String before(String prefix) {
    int last = prefix.length() - 1;
    return last < 0 ? "" : prefix.substring(0, last) + (char) (prefix.charAt(last) - 1) + LAST;
  }

  /** What is within one of them. */
  public Extent or(Extent other) {
    var either = new HashSet<>(alternatives);
    either.addAll(other.alternatives);
    return new Extent(either);
  }

  /** What is within both. It has no more alternatives than both together, or a few: a key may have a thousand, and each request asks. */
  public Extent and(Extent other) {
    if (isAll() || equals(other)) {
      return other;
    }
    if (other.isAll()) {
      return this;
    }
    if ((long) alternatives.size() * other.alternatives.size() > MULTIPLIED) {
      return new Extent(Set.of(Set.of(new TagTest.Within(this), new TagTest.Within(other))));
    }
    var both = new HashSet<Set<TagTest>>();
    for (Set<TagTest> mine : alternatives) {
      for (Set<TagTest> theirs : other.alternatives) {
        var joined = new HashSet<TagTest>(mine);
        joined.addAll(theirs);
        both.add(Set.copyOf(joined));
      }
    }
    return new Extent(both);
  }

  /** With what each tag begins that is within. */
  String prefix() {
    String common = null;
    for (Set<TagTest> tests : alternatives) {
      String prefix = prefix(tests);
      common = common == null ? prefix : common(common, prefix);
    }
    return common == null ? "" : common;
  }

  private static String common(String one, String other) {
    int end = 0;
    while (end < Math.min(one.length(), other.length()) && one.charAt(end) == other.charAt(end)) {
      end++;
    }
    return one.substring(0, end);
  }
}
