package io.berth.policy;

import io.berth.oci.RepositoryName;
import java.util.List;

/**
 * What must be there before a manifest is accepted, by repository: the first rule that is about it says so. Pure.
 *
 * @param otherwise where no rule is about it
 */
public record SparseRules(List<SparseRule> rules, SparseTerms otherwise) {

  /** Everything must be there, everywhere. */
  public static final SparseRules DEFAULT = new SparseRules(List.of(), SparseTerms.WHOLE);

  public SparseRules {
    rules = List.copyOf(rules);
  }

  public SparseTerms in(RepositoryName repository) {
    return rules.stream().filter(rule -> rule.repositories().matches(repository.value())).map(SparseRule::terms).findFirst()
        .orElse(otherwise);
  }
}
