package io.berth.policy;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.util.Optional;

/** What must hold besides, for a rule to apply. Pure and quick; must not throw: what can't be decided does not hold. */
public interface Condition {

  Condition ALWAYS = new Always();

  /** As the rule writes it. */
  String text();

  /** Whether the answer may be another for another tag. Then it has to be asked for each, and says nothing about what no tag shows. */
  boolean readsTag();

  /** Whether the answer may be another for another action. */
  boolean readsAction();

  /** Decides. A question leaves out what is not asked about; a condition that needs it to decide is undecided. */
  Answer judge(Question question);

  /**
   * What is asked.
   *
   * @param repository absent: nothing is asked about any repository in particular
   * @param tag absent: nothing is asked about any tag in particular
   * @param action what for; never {@code PUSH}, which is to create or to move
   */
  record Question(Identity identity, Optional<RepositoryName> repository, Optional<Tag> tag, Optional<Action> action) {

    public Question {
      if (action.filter(Action.PUSH::equals).isPresent()) {
        throw new IllegalArgumentException("to push is to create or to move: ask for these");
      }
    }
  }

  /** What comes of it. */
  sealed interface Answer {

    /** It holds. */
    record Holds() implements Answer {}

    /** It does not. */
    record Fails() implements Answer {}

    /**
     * It can't be said, so it does not.
     *
     * @param why in words
     */
    record Undecided(String why) implements Answer {}

    /** Whether it is a yes. */
    default boolean holds() {
      return this instanceof Holds;
    }
  }

  /** That of a rule which demands nothing besides. */
  record Always() implements Condition {

    @Override
    public String text() {
      return "true";
    }

    @Override
    public boolean readsTag() {
      return false;
    }

    @Override
    public boolean readsAction() {
      return false;
    }

    @Override
    public Answer judge(Question question) {
      return new Answer.Holds();
    }
  }
}
