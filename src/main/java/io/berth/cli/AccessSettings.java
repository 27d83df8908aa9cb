package io.berth.cli;

import io.berth.auth.ApiKeys;
import io.berth.auth.Bearers;
import io.berth.auth.Certificates;
import io.berth.auth.ForeignTokens;
import io.berth.auth.Issuer;
import io.berth.auth.RateLimits;
import io.berth.auth.SignIn;
import io.berth.auth.SignInStates;
import io.berth.auth.Workloads;
import io.berth.config.IssuerConfig;
import io.berth.config.LoginConfig;
import io.berth.config.RatesConfig;
import io.berth.config.ServeConfig;
import io.berth.config.WorkloadConfig;
import io.berth.policy.AccessPolicy;
import io.berth.policy.Groups;
import io.berth.policy.Identity;
import io.berth.policy.Wildcard;
import io.berth.signing.Algorithm;
import io.berth.signing.InvalidKey;
import io.berth.signing.PublicKeySet;
import io.berth.signing.TrustRoots;
import java.net.URI;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

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
    Groups groups = config.access().groups();
    return new RateLimits.Terms(rates.addresses(), rates.identities(), who -> {
      Identity member = groups.join(who);
      return rates.exempt().stream().anyMatch(one -> one.includes(member));
    }, address -> rates.exemptAddresses().stream().anyMatch(block -> block.contains(address)));
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

  /** The providers with which people log in with a browser. */
  static Set<String> loginNames(ServeConfig config) {
    return config.access().people().logins().stream().map(LoginConfig::name).collect(Collectors.toSet());
  }

  /** Whatever stands before the names of people for whom others vouch. */
  static Set<String> providers(ServeConfig config) {
    var names = new HashSet<>(loginNames(config));
    config.access().certificates().ifPresent(certificates -> names.add(certificates.provider()));
    return names;
  }

  /**
   * How people log in with a browser, if they do.
   *
   * @throws Refusal if a file with a secret can't be used
   */
  static Optional<SignIn> signIn(ServeConfig config, SignInStates states, ApiKeys keys, InstantSource clock) {
    List<LoginConfig> logins = config.access().people().logins();
    Optional<URI> host = config.http().externalUrl();
    if (logins.isEmpty() || host.isEmpty()) {
      return Optional.empty();
    }
    var providers = new HashMap<String, SignIn.Provider>();
    for (LoginConfig login : logins) {
      Optional<String> secret = login.secretFile().map(file -> Directories.password(file, "auth.logins, clientsecretfile"));
      providers.put(login.name(), new SignIn.Provider(new Issuer(login.issuer().toString(), login.plain(), clock), login.client(), secret,
          login.scopes(), login.username(), login.groups(), patterns(login.claims()), login.lifetime()));
    }
    String base = host.get().toString();
    String prefix = config.http().prefix();
    return Optional.of(new SignIn(providers, (base.endsWith("/") ? base.substring(0, base.length() - 1) : base)
        + prefix.substring(0, prefix.length() - 1) + SignIn.PATH, states, keys, clock));
  }

  private static Map<String, List<Wildcard>> patterns(Map<String, List<String>> texts) {
    var claims = new HashMap<String, List<Wildcard>>();
    texts.forEach((claim, patterns) -> claims.put(claim, patterns.stream().map(Wildcard::new).toList()));
    return claims;
  }

  private static Workloads.Provider provider(WorkloadConfig config, InstantSource clock) {
    return new Workloads.Provider(config.name(), new Issuer(config.issuer().toString(), config.plain(), clock), config.audiences(),
        patterns(config.claims()));
  }
}
