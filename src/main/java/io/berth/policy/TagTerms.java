package io.berth.policy;

import java.time.Duration;

/**
 * What holds for tags.
 *
 * @param deletion whether clients may delete
 * @param rules what may become of which tag
 * @param window how long what only history refers to is kept, so that a tag can be put back
 */
public record TagTerms(DeletionRules deletion, TagRules rules, Duration window) {

  /** Deletion is on, there are no rules, and two weeks to put something back. */
  public static final TagTerms DEFAULT = new TagTerms(DeletionRules.DEFAULT, TagRules.NONE, Duration.ofDays(14));
}
