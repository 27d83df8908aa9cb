package io.berth.policy;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Says of each tag whether it is meant; its answer does not change. */
public sealed interface TagTest permits Glob, TagTest.Conditional, TagTest.Within {

  /** Whether the tag is meant. */
  boolean covers(Tag tag);

  /** With what each tag begins that is meant. */
  String prefix();

  /**
   * The tags of which a condition holds. What it says of the first {@value #REMEMBERED} tags is remembered, so that one request does not ask it again while
   * others wait for its transaction. Safe for any thread.
   */
  final class Conditional implements TagTest {

    static final int REMEMBERED = 64;

    private final Condition condition;
    private final Identity identity;
    private final RepositoryName repository;
    private final Optional<Action> action;
    private final Map<Tag, Boolean> known = new ConcurrentHashMap<>();

    /**
     * A test.
     *
     * @param action absent: the condition does not read it
     */
    Conditional(Condition condition, Identity identity, RepositoryName repository, Optional<Action> action) {
      this.condition = condition;
      this.identity = identity;
      this.repository = repository;
      this.action = action;
    }

    @Override
    public boolean covers(Tag tag) {
      Boolean before = known.get(tag);
      if (before != null) {
        return before;
      }
      boolean holds = condition.judge(new Condition.Question(identity, Optional.of(repository), Optional.of(tag), action)).holds();
      if (known.size() < REMEMBERED) {
        known.put(tag, holds);
      }
      return holds;
    }

    @Override
    public String prefix() {
      return "";
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Conditional test && condition.equals(test.condition) && identity.equals(test.identity)
          && repository.equals(test.repository) && action.equals(test.action);
    }

    @Override
    public int hashCode() {
      return Objects.hash(condition, identity, repository, action);
    }

    @Override
    public String toString() {
      return "when " + condition.text();
    }
  }

  /** The tags within an extent. */
  record Within(Extent extent) implements TagTest {

    @Override
    public boolean covers(Tag tag) {
      return extent.covers(tag);
    }

    @Override
    public String prefix() {
      return extent.prefix();
    }
  }
}
