package io.berth.policy;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.util.Optional;

/** Says of each tag whether it is meant. Immutable. */
public sealed interface TagTest permits Glob, TagTest.Conditional, TagTest.Within {

  /** Whether the tag is meant. */
  boolean covers(Tag tag);

  /** With what each tag begins that is meant. */
  String prefix();

  /** The tags of which a condition holds. */
  record Conditional(Condition condition, Identity identity, RepositoryName repository, Action action) implements TagTest {

    @Override
    public boolean covers(Tag tag) {
      return condition.judge(new Condition.Question(identity, Optional.of(repository), Optional.of(tag), Optional.of(action))).holds();
    }

    @Override
    public String prefix() {
      return "";
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
