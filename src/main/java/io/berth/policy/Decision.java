package io.berth.policy;

/** The outcome of a rule, with the rule's name, so that a refusal can always say why. */
public sealed interface Decision {

  /** The rule that decided, in words. */
  String rule();

  record Allow(String rule) implements Decision {}

  record Deny(String rule) implements Decision {}

  /** Whether it is a yes. */
  default boolean allowed() {
    return this instanceof Allow;
  }
}
