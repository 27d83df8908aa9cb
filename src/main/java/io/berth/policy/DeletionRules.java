package io.berth.policy;

/**
 * What clients may delete at all, whoever they are.
 *
 * @param enabled whether clients may delete anything
 * @param neededBlobs whether they may delete a blob that a manifest of the repository still needs
 */
public record DeletionRules(boolean enabled, boolean neededBlobs) {

  /** Deletion is on, and a blob that is needed stays. */
  public static final DeletionRules DEFAULT = new DeletionRules(true, false);
}
