package io.berth.config;

import io.berth.policy.TagRule;
import java.util.List;

/**
 * A rule for tags as it was written: it knows where it stands, since whether the keys it names exist is looked at later. Immutable.
 *
 * @param origin where the rule stands
 * @param signers the keys it names, each where it stands
 */
record TagRuleText(TagRule rule, Origin origin, List<Signer> signers) {

  TagRuleText {
    signers = List.copyOf(signers);
  }

  /** The name of a key, and where it stands. */
  record Signer(String name, Origin origin) {}
}
