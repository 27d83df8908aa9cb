package io.berth.policy;

/** What the rules say to a change of a tag. */
public sealed interface Verdict {

  /** No rule is against it. */
  record Allowed() implements Verdict {}

  /**
   * A rule is against it.
   *
   * @param rule its name
   * @param message what it demands, and what to do, for whoever asked
   */
  record Refused(String rule, Reason reason, String message) implements Verdict {}

  /** What kind of no it is. */
  enum Reason {
    /** The tag stays as it is, whoever asks: the state of the tag is in the way. */
    IMMUTABLE,
    /** Not by this caller, or not without a signature. */
    NOT_ALLOWED
  }
}
