package io.berth.config;

import io.berth.policy.AccessRule;
import io.berth.policy.Groups;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What an operator allows. Immutable.
 *
 * @param rules the rules; absent: there are none, and whoever is known may do everything
 * @param groups who is in which group, beside what is known of them elsewhere
 * @param tokens the tokens that those get who are let in
 * @param workloads platforms that vouch for their jobs
 * @param certificates whom the certificates of clients name; absent: nobody
 * @param people whom others know who are let in
 * @param issuer who makes the tokens that count, instead of this registry
 * @param padding how long answers take at least by which somebody could time what he may not read; 0: as long as they take
 */
public record AccessConfig(Optional<List<AccessRule>> rules, Groups groups, TokensConfig tokens, List<WorkloadConfig> workloads,
    Optional<CertificatesConfig> certificates, PeopleConfig people, Optional<IssuerConfig> issuer, Duration padding) {

  public AccessConfig {
    rules = rules.map(List::copyOf);
    workloads = List.copyOf(workloads);
  }
}
