package io.berth.cli;

import io.berth.auth.Bearers;
import io.berth.auth.Certificates;
import io.berth.auth.ForeignTokens;
import io.berth.auth.Issuer;
import io.berth.auth.RateLimits;
import io.berth.auth.Workloads;
import io.berth.config.IssuerConfig;
import io.berth.config.RatesConfig;
import io.berth.config.ServeConfig;
import io.berth.config.WorkloadConfig;
import io.berth.policy.AccessPolicy;
import io.berth.policy.Wildcard;
import io.berth.signing.Algorithm;
import io.berth.signing.InvalidKey;
import io.berth.signing.PublicKeySet;
import io.berth.signing.TrustRoots;
import java.net.URI;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/** What a configuration means for who vouches for those who are let in, and for what they may do. */
final class AccessSettings {

  private AccessSettings() {}

  static AccessPolicy policy(ServeConfig config) {
    return config.authentication().isOpen() ? AccessPolicy.OPEN
        : config.access().rules()
            .map(rules -> new AccessPolicy(rules, config.access().groups())).orElse(AccessPolicy.USERS);
  }

  /**
   * The issuer whose tokens count instead of those of this registry, if there is one.
   *
   * @throws Refusal if its keys can't be used
   */
  static Optional<Bearers> issuer(ServeConfig config, InstantSource clock) {
    return config.access().issuer().map(issuer -> foreign(issuer, clock));
  }

  private static Bearers foreign(IssuerConfig issuer, InstantSource clock) {
    try {
      TrustRoots roots = issuer.roots().isPresent() ? TrustRoots.read(issuer.roots().get()) : TrustRoots.NONE;
      PublicKeySet keys = issuer.jwks().isPresent() ? PublicKeySet.read(issuer.jwks().get()) : PublicKeySet.NONE;
      var algorithms = EnumSet.allOf(Algorithm.class);
      if (!issuer.algorithms().isEmpty()) {
        algorithms.removeIf(algorithm -> !issuer.algorithms().contains(algorithm.toString()));
      }
      return new ForeignTokens(new ForeignTokens.Terms(issuer.realm().map(URI::toString), issuer.path(), issuer.service(), issuer.issuer(),
          keys.and(roots.keys()), roots, algorithms), clock);
    } catch (InvalidKey e) {
      throw new Refusal("auth.token: " + e.getMessage(), e);
    }
  }

  /** How often one may ask. */
  static RateLimits.Terms rates(ServeConfig config) {
    RatesConfig rates = config.http().limits().rates();
    return new RateLimits.Terms(rates.addresses(), rates.identities(), who -> rates.exempt().stream().anyMatch(one -> one.includes(who)),
        address -> rates.exemptAddresses().stream().anyMatch(block -> block.contains(address)));
  }

  /** Whom the certificates of clients name, if they name anybody. */
  static Optional<Certificates> certificates(ServeConfig config, InstantSource clock) {
    return config.access().certificates()
        .map(names -> new Certificates(Certificates.Field.valueOf(names.field().name()), names.provider(), clock));
  }

  /** The platforms that vouch for their jobs, if there are any. */
  static Optional<Workloads> workloads(ServeConfig config, InstantSource clock) {
    List<WorkloadConfig> workloads = config.access().workloads();
    return workloads.isEmpty() ? Optional.empty()
        : Optional.of(new Workloads(workloads.stream().map(workload -> provider(workload, clock)).toList(), clock));
  }

  private static Workloads.Provider provider(WorkloadConfig config, InstantSource clock) {
    var claims = new HashMap<String, List<Wildcard>>();
    config.claims().forEach((claim, patterns) -> claims.put(claim, patterns.stream().map(Wildcard::new).toList()));
    return new Workloads.Provider(config.name(), new Issuer(config.issuer().toString(), config.plain(), clock), config.audiences(), claims);
  }
}
