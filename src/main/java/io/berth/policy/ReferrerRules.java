package io.berth.policy;

import io.berth.oci.RepositoryName;
import java.time.Duration;
import java.util.List;

/**
 * What becomes of referrers in which repository: the first rule that is about it says so. Pure.
 *
 * @param otherwise where no rule is about it
 */
public record ReferrerRules(List<ReferrerRule> rules, ReferrerLife otherwise) {

  /** They go with their subject, a day later, everywhere. */
  public static final ReferrerRules DEFAULT = new ReferrerRules(List.of(), new ReferrerLife.WithSubject(Duration.ofDays(1)));

  public ReferrerRules {
    rules = List.copyOf(rules);
  }

  public ReferrerLife in(RepositoryName repository) {
    return rules.stream().filter(rule -> rule.repositories().matches(repository.value())).map(ReferrerRule::life).findFirst()
        .orElse(otherwise);
  }
}
