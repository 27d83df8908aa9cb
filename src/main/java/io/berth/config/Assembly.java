package io.berth.config;

import io.berth.config.Key.Setting;
import io.berth.config.ServeConfig.Authentication;
import io.berth.policy.AccessRule;
import io.berth.policy.DeletionRules;
import io.berth.policy.Groups;
import io.berth.policy.PlatformPattern;
import io.berth.policy.ReferrerLife;
import io.berth.policy.ReferrerRule;
import io.berth.policy.ReferrerRules;
import io.berth.policy.SparseRule;
import io.berth.policy.SparseRules;
import io.berth.policy.SparseTerms;
import io.berth.policy.SparseTerms.Children;
import io.berth.policy.TagRules;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Makes the records of the values, and looks at what no value shows alone: settings that need or exclude each other. */
final class Assembly {

  /** What names an issuer elsewhere, if it is said. */
  private static final List<Setting<?>> ISSUER = List.of(AuthSettings.ISSUER_REALM, AuthSettings.ISSUER_SERVICE, AuthSettings.ISSUER_NAME,
      AuthSettings.ISSUER_ROOTS, AuthSettings.ISSUER_JWKS);

  private final Values values;
  private final List<Problem> problems;
  private final List<Problem> warnings;
  private final PeopleConfig people;

  private Assembly(Values values, List<Problem> problems, List<Problem> warnings) {
    this.values = values;
    this.problems = problems;
    this.warnings = warnings;
    this.people = new PeopleConfig(LdapSettings.of(values, this::problem), LoginSettings.of(values, this::problem));
  }

  /** The whole. Where it adds to {@code problems}, the result is not to be used. */
  static ServeConfig of(Values values, List<Problem> problems, List<Problem> warnings) {
    return new Assembly(values, problems, warnings).serve();
  }

  private ServeConfig serve() {
    HttpConfig http = http();
    Authentication authentication = authentication(http);
    OptionalLong chunk = values.optional(Settings.CHUNK_MIN).map(OptionalLong::of).orElseGet(OptionalLong::empty);
    return new ServeConfig(values.get(Settings.ROOT), http, debug(), log(), tracing(), authentication, database(),
        new DeletionRules(values.get(Settings.DELETE), values.get(Settings.DELETE_NEEDED)), values.get(Settings.READ_ONLY),
        new UploadsConfig(values.get(Settings.PURGING), values.get(Settings.PURGING_AGE), values.get(Settings.PURGING_INTERVAL),
            values.get(Settings.RESERVE), values.get(Settings.DISCOVERY)),
        new CollectorConfig(values.get(Settings.GC), values.get(Settings.GC_GRACE), values.get(Settings.GC_INTERVAL)), chunk,
        new ListsConfig(values.get(Settings.TAGS_MAX), values.get(Settings.CATALOG_MAX)), values.get(Settings.NAMESPACES),
        tags(authentication), referrers(), sparse(), access(authentication, http),
        new StatisticsConfig(values.get(Settings.STATISTICS), values.get(Settings.STATISTICS_INTERVAL),
            values.get(Settings.STATISTICS_DAYS)));
  }

  private AccessConfig access(Authentication authentication, HttpConfig http) {
    Optional<List<AccessRule>> rules =
        values.optional(AuthSettings.ACCESS_RULES).map(texts -> texts.stream().map(AccessRuleText::rule).toList());
    List<WorkloadConfig> workloads = values.get(AuthSettings.WORKLOADS);
    if (!workloads.isEmpty() && rules.isEmpty()) {
      warn(AuthSettings.WORKLOADS,
          "without access.rules no job may do anything: add a rule with 'who: [\"workload:" + workloads.getFirst().name()
              + ":*\"]'");
    }
    if (rules.isPresent() && authentication.isOpen()) {
      problem(AuthSettings.ACCESS_RULES,
          "rules of access mean nothing while nobody has to say who they are: give auth.htpasswd, auth.accounts or auth.ldap, or remove them");
    }
    if (rules.isEmpty() && values.isSaid(AuthSettings.ACCESS_GROUPS)) {
      warn(AuthSettings.ACCESS_GROUPS, "groups mean nothing without access.rules: add a rule with 'who: [\"group:NAME\"]'");
    }
    Optional<IssuerConfig> issuer = issuer();
    if (issuer.isPresent() && values.optional(AuthSettings.TOKENS).orElse(false)) {
      problem(AuthSettings.TOKENS,
          "clients can be asked for tokens of one service only, and auth.token (" + values.origins(AuthSettings.ISSUER_NAME)
              + ") names another: keep one of them");
    }
    boolean isOurs = issuer.isEmpty() && (rules.isPresent() || !workloads.isEmpty() || people.said().isPresent()
        || authentication instanceof Authentication.Sources(_, boolean accounts) && accounts);
    return new AccessConfig(rules, new Groups(values.get(AuthSettings.ACCESS_GROUPS)), tokens(authentication, http, isOurs), workloads,
        certificates(http), people, issuer, values.get(AuthSettings.ACCESS_PADDING));
  }

  private Optional<CertificatesConfig> certificates(HttpConfig http) {
    boolean asked = http.tls().flatMap(TlsConfig::clients).isPresent();
    if (values.isSaid(AuthSettings.CERTIFICATES_USER) && !asked) {
      problem(AuthSettings.CERTIFICATES_USER, "no client is asked for a certificate: give http.tls.clientcas, or remove it");
    }
    return values.optional(AuthSettings.CERTIFICATES_USER)
        .map(field -> new CertificatesConfig(field, values.get(AuthSettings.CERTIFICATES_PROVIDER)));
  }

  private Optional<Setting<?>> saidOfIssuer() {
    return ISSUER.stream().filter(values::isSaid).findFirst()
        .or(() -> values.get(AuthSettings.ISSUER_REDIRECT) ? Optional.of(AuthSettings.ISSUER_REDIRECT) : Optional.empty())
        .or(() -> values.get(AuthSettings.ISSUER_ALGORITHMS).isEmpty() ? Optional.empty() : Optional.of(AuthSettings.ISSUER_ALGORITHMS));
  }

  private Optional<IssuerConfig> issuer() {
    Optional<Setting<?>> said = saidOfIssuer();
    if (said.isEmpty()) {
      return Optional.empty();
    }
    boolean redirect = values.get(AuthSettings.ISSUER_REDIRECT);
    for (Setting<?> needed : List.of(AuthSettings.ISSUER_SERVICE, AuthSettings.ISSUER_NAME)) {
      if (!values.isSaid(needed)) {
        problem(said.get(), needed, "tokens of another service need " + needed.path() + ": say it");
      }
    }
    if (!redirect && !values.isSaid(AuthSettings.ISSUER_REALM)) {
      problem(said.get(), AuthSettings.ISSUER_REALM,
          "clients have to be told where tokens are had: give auth.token.realm, or autoredirect");
    }
    if (!values.isSaid(AuthSettings.ISSUER_ROOTS) && !values.isSaid(AuthSettings.ISSUER_JWKS)) {
      problem(said.get(), AuthSettings.ISSUER_ROOTS,
          "no token would count without a key: give auth.token.rootcertbundle or auth.token.jwks");
    }
    return Optional
        .of(new IssuerConfig(redirect ? Optional.empty() : values.optional(AuthSettings.ISSUER_REALM), values.get(AuthSettings.ISSUER_PATH),
            values.optional(AuthSettings.ISSUER_SERVICE).orElse(""), values.optional(AuthSettings.ISSUER_NAME).orElse(""),
            values.optional(AuthSettings.ISSUER_ROOTS), values.optional(AuthSettings.ISSUER_JWKS),
            values.get(AuthSettings.ISSUER_ALGORITHMS)));
  }

  private TokensConfig tokens(Authentication authentication, HttpConfig http, boolean byDefault) {
    boolean wanted = values.optional(AuthSettings.TOKENS).orElse(byDefault);
    if (values.optional(AuthSettings.TOKENS).orElse(false) && authentication.isOpen()) {
      problem(AuthSettings.TOKENS,
          "tokens mean nothing while nobody has to say who they are: give auth.htpasswd, auth.accounts or auth.ldap, or remove it");
    }
    String service = values.optional(AuthSettings.TOKENS_SERVICE)
        .orElseGet(() -> http.externalUrl().map(url -> url.getAuthority().toLowerCase(Locale.ROOT)).orElse("berth"));
    return new TokensConfig(wanted && !authentication.isOpen(), service, values.get(AuthSettings.TOKENS_LIFETIME),
        values.get(AuthSettings.TOKENS_REFRESH), values.get(AuthSettings.TOKENS_BIND));
  }

  private HttpConfig http() {
    var limits = new HttpConfig.HttpLimits(values.get(Settings.IDLE), values.get(Settings.RATE), Math.toIntExact(values.get(Settings.HEAD)),
        values.get(Settings.BODY_BUDGET), values.get(Settings.ANSWER_BUDGET), capacity(), values.get(Settings.UPLOADS),
        values.get(Settings.UPLOADS_PER_USER),
        new RatesConfig(RateKinds.byClass(values.get(Settings.RATES_ADDRESS)), RateKinds.byClass(values.get(Settings.RATES_IDENTITY)),
            values.get(Settings.RATES_EXEMPT), values.get(Settings.RATES_EXEMPT_ADDRESSES)));
    return new HttpConfig(values.get(Settings.NET).equals("unix") ? socket() : values.get(Settings.ADDR), values.get(Settings.PREFIX),
        values.get(Settings.RELATIVE_URLS), values.optional(Settings.HOST), tls(), !values.get(Settings.HTTP2_DISABLED),
        values.get(Settings.H2C), values.get(Settings.HEADERS), values.get(Settings.DRAIN), values.get(Settings.TRUSTED_PROXIES), limits);
  }

  private HttpConfig.Capacity capacity() {
    return new HttpConfig.Capacity(values.get(Settings.CONNECTIONS), values.get(Settings.CONNECTIONS_PER_ADDRESS),
        values.get(Settings.REQUESTS), values.get(Settings.STREAMS), values.get(Settings.RESETS),
        values.get(Settings.FOLLOWERS));
  }

  private ListenAddress socket() {
    ListenAddress address = values.get(Settings.ADDR);
    if (!(address instanceof ListenAddress.UnixSocket)) {
      problem(Settings.NET, Settings.ADDR, "with unix, http.addr has to be the path of the socket: say it");
    }
    return address;
  }

  private Optional<TlsConfig> tls() {
    Optional<Path> certificate = values.optional(Settings.TLS_CERTIFICATE);
    Optional<Path> key = values.optional(Settings.TLS_KEY);
    if (certificate.isPresent() != key.isPresent()) {
      Setting<Path> there = certificate.isPresent() ? Settings.TLS_CERTIFICATE : Settings.TLS_KEY;
      Setting<Path> missing = certificate.isPresent() ? Settings.TLS_KEY : Settings.TLS_CERTIFICATE;
      problem(there, missing, "TLS needs both: give " + missing.path() + " too");
    }
    if (certificate.isEmpty() || key.isEmpty()) {
      for (Setting<?> setting : List.of(Settings.TLS_CLIENT_CAS, Settings.TLS_CLIENT_AUTH, Settings.TLS_MINIMUM, Settings.TLS_SUITES)) {
        if (values.isSaid(setting) && certificate.isEmpty() && key.isEmpty()) {
          problem(setting, "it means nothing without TLS: give http.tls.certificate and http.tls.key, or remove it");
        }
      }
      return Optional.empty();
    }
    List<Path> authorities = values.get(Settings.TLS_CLIENT_CAS);
    if (authorities.isEmpty() && values.isSaid(Settings.TLS_CLIENT_AUTH)) {
      problem(Settings.TLS_CLIENT_AUTH,
          "no client is asked for a certificate without authorities to verify it: give http.tls.clientcas, or remove it");
    }
    Optional<TlsConfig.ClientCertificates> clients = authorities.isEmpty() ? Optional.empty()
        : Optional.of(new TlsConfig.ClientCertificates(authorities, values.get(Settings.TLS_CLIENT_AUTH)));
    return Optional
        .of(new TlsConfig(certificate.get(), key.get(), clients, values.get(Settings.TLS_MINIMUM), values.get(Settings.TLS_SUITES)));
  }

  private Optional<DebugConfig> debug() {
    boolean metrics = values.get(Settings.PROMETHEUS);
    Optional<ListenAddress> address = values.optional(Settings.DEBUG_ADDR);
    if (metrics && address.isEmpty()) {
      warn(Settings.PROMETHEUS, "metrics are read from the listener of http.debug.addr, which is not given: there are none");
    }
    return address.map(listen -> new DebugConfig(listen, metrics ? values.optional(Settings.PROMETHEUS_PATH) : Optional.empty()));
  }

  private LogConfig log() {
    LogConfig.Level level = values.get(Settings.LOG_LEVEL);
    if (values.isSaid(Settings.LOGLEVEL)) {
      warn(Settings.LOGLEVEL,
          values.isSaid(Settings.LOG_LEVEL) ? "log.level goes before it: remove it" : "write log.level instead, its new name");
      level = values.isSaid(Settings.LOG_LEVEL) ? level : values.get(Settings.LOGLEVEL);
    }
    return new LogConfig(level, values.get(Settings.LOG_FORMATTER), values.get(Settings.LOG_FIELDS),
        values.get(Settings.ACCESSLOG_DISABLED) ? Optional.empty() : values.optional(Settings.ACCESSLOG_FORMAT),
        new AuditConfig(values.get(Settings.AUDIT_FILE_BYTES), values.get(Settings.AUDIT_FILES), values.get(Settings.AUDIT_AGE),
            values.get(Settings.AUDIT_REQUIRED), values.get(Settings.AUDIT_TOKENS)));
  }

  private TracingConfig tracing() {
    return new TracingConfig(values.optional(Settings.TRACING_ENDPOINT), values.get(Settings.TRACING_PROTOCOL),
        values.get(Settings.TRACING_SAMPLING), values.get(Settings.TRACING_NAME));
  }

  private Authentication authentication(HttpConfig http) {
    Optional<Path> file = values.optional(AuthSettings.AUTH_PATH);
    boolean none = values.get(AuthSettings.AUTH_NONE);
    if (file.isPresent() && none) {
      problem(AuthSettings.AUTH_NONE,
          "'none' and 'htpasswd' (" + values.origins(AuthSettings.AUTH_PATH) + ") contradict each other: keep one of them");
    }
    if (file.isEmpty() && values.isSaid(AuthSettings.AUTH_REALM)) {
      problem(AuthSettings.AUTH_REALM, AuthSettings.AUTH_PATH, "there is no password file: give auth.htpasswd.path");
    }
    boolean accounts = values.get(AuthSettings.AUTH_ACCOUNTS);
    if (accounts && none) {
      problem(AuthSettings.AUTH_NONE,
          "'none' and 'accounts' (" + values.origins(AuthSettings.AUTH_ACCOUNTS) + ") contradict each other: keep one of them");
    }
    Optional<Setting<?>> other = !values.get(AuthSettings.WORKLOADS).isEmpty() ? Optional.of(AuthSettings.WORKLOADS)
        : saidOfIssuer()
            .or(() -> values.isSaid(AuthSettings.CERTIFICATES_USER) ? Optional.of(AuthSettings.CERTIFICATES_USER) : Optional.empty());
    other = other.or(people::said);
    if (other.isPresent() && none) {
      problem(AuthSettings.AUTH_NONE,
          "'none' and " + other.get().path() + " (" + values.origins(other.get()) + ") contradict each other: keep one of them");
    }
    if (file.isPresent() || accounts || other.isPresent()) {
      return new Authentication.Sources(file.map(path -> new Authentication.PasswordFile(path, values.get(AuthSettings.AUTH_REALM))),
          accounts);
    }
    if (none) {
      return new Authentication.None();
    }
    var unstated = new Authentication.Unstated();
    if (isSurelyOpen(http.listen()) && problems.stream().noneMatch(problem -> problem.path().startsWith("auth"))) {
      problem(Settings.ADDR, ServeConfig.open(http.listen()));
    }
    return unstated;
  }

  /** Whether others reach the address; a name is looked up later, when the server starts. */
  private static boolean isSurelyOpen(ListenAddress listen) {
    try {
      return listen instanceof ListenAddress.Tcp(String host, int _) && !InetAddress.ofLiteral(host).isLoopbackAddress();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private DatabaseConfig database() {
    boolean isPostgresql = values.get(Settings.DATABASE_DRIVER).equals("postgresql");
    if (!isPostgresql) {
      for (Setting<?> setting : List.of(Settings.DATABASE_URL, Settings.DATABASE_USER, Settings.DATABASE_PASSWORD,
          Settings.DATABASE_PASSWORD_FILE, Settings.DATABASE_POOL, Settings.DATABASE_TIMEOUT)) {
        if (values.isSaid(setting)) {
          problem(setting, "it is for PostgreSQL: say 'database.driver: postgresql', or remove it");
        }
      }
      return new DatabaseConfig.Sqlite();
    }
    if (values.isSaid(Settings.DATABASE_PASSWORD) && values.isSaid(Settings.DATABASE_PASSWORD_FILE)) {
      problem(Settings.DATABASE_PASSWORD, "database.passwordfile is given too: keep one of them");
    }
    if (!values.isSaid(Settings.DATABASE_URL)) {
      problem(Settings.DATABASE_DRIVER, Settings.DATABASE_URL,
          "PostgreSQL needs database.url: say which database, as in postgresql://db.example.com/berth");
    }
    return new DatabaseConfig.Postgresql(values.optional(Settings.DATABASE_URL).orElse(""), values.optional(Settings.DATABASE_USER),
        values.optional(Settings.DATABASE_PASSWORD), values.optional(Settings.DATABASE_PASSWORD_FILE), values.get(Settings.DATABASE_POOL),
        values.get(Settings.DATABASE_TIMEOUT));
  }

  private TagsConfig tags(Authentication authentication) {
    List<TagsConfig.KeyFile> keys = values.get(Settings.TAGS_KEYS);
    List<String> names = keys.stream().map(TagsConfig.KeyFile::name).toList();
    boolean areKeysBad = problems.stream().anyMatch(problem -> problem.path().equals(Settings.TAGS_KEYS.path()));
    for (TagRuleText written : values.get(Settings.TAGS_RULES)) {
      for (TagRuleText.Signer signer : written.signers()) {
        if (!names.contains(signer.name()) && !areKeysBad) {
          problems.add(new Problem(signer.origin(), Settings.TAGS_RULES.path(), unknownKey(written.rule().name(), signer.name(), names)));
        }
      }
      if (!written.rule().principals().isEmpty() && authentication.isOpen()) {
        warnings.add(new Problem(written.origin(), Settings.TAGS_RULES.path(), "the rule '" + written.rule().name()
            + "' leaves its tags to users, and without auth.htpasswd nobody is one: nobody can make or change them"));
      }
    }
    return new TagsConfig(values.get(Settings.TAGS_HISTORY), values.get(Settings.TAGS_ALIASES), keys,
        new TagRules(values.get(Settings.TAGS_RULES).stream().map(TagRuleText::rule).toList()));
  }

  private ReferrerRules referrers() {
    Duration grace = values.get(Settings.REFERRERS_GRACE);
    boolean withSubject = values.get(Settings.REFERRERS);
    List<ReferrerRuleText> rules = values.get(Settings.REFERRERS_RULES);
    if (!withSubject && values.isSaid(Settings.REFERRERS_GRACE)
        && rules.stream().noneMatch(rule -> rule.withSubject() && rule.grace().isEmpty())) {
      warn(Settings.REFERRERS_GRACE, "what is kept has no grace, and no rule needs this one: it means nothing");
    }
    return new ReferrerRules(rules.stream()
        .map(rule -> new ReferrerRule(rule.name(), rule.repositories(), life(rule.withSubject(), rule.grace().orElse(grace)))).toList(),
        life(withSubject, grace));
  }

  private SparseRules sparse() {
    List<PlatformPattern> platforms = values.get(Settings.SPARSE_PLATFORMS);
    Children children = switch (values.get(Settings.SPARSE_INDEXES)) {
      case ALL -> new Children.All();
      case NONE -> new Children.None();
      case LIST -> new Children.Of(Set.copyOf(platforms));
    };
    if (platforms.isEmpty() && children instanceof Children.Of) {
      problem(Settings.SPARSE_INDEXES, Settings.SPARSE_PLATFORMS,
          "the list names no platform: name those that have to be there in platformlist, or say none");
    }
    if (!platforms.isEmpty() && !(children instanceof Children.Of)) {
      warn(Settings.SPARSE_PLATFORMS, "it belongs to 'platforms: list', and means nothing without");
    }
    boolean images = values.get(Settings.SPARSE_IMAGES);
    return new SparseRules(values.get(Settings.SPARSE_RULES).stream().map(rule -> new SparseRule(rule.name(), rule.repositories(),
        new SparseTerms(rule.indexes().orElse(children), rule.images().orElse(images)))).toList(), new SparseTerms(children, images));
  }

  private static ReferrerLife life(boolean withSubject, Duration grace) {
    return withSubject ? new ReferrerLife.WithSubject(grace) : new ReferrerLife.Keep();
  }

  private static String unknownKey(String rule, String name, List<String> known) {
    return "the rule '" + rule + "' wants a signature of '" + Words.shown(name) + "', and no key in tags.keys is called so; "
        + Words.nearest(name, known).map(near -> "did you mean '" + near + "'?").orElse("add it there, with its file");
  }

  /** Not where the value itself is wrong, which was said already. */
  private void problem(Setting<?> setting, String message) {
    problem(setting, setting, message);
  }

  /** Says that {@code missing} is needed, unless it stands there with a value that can't be. */
  private void problem(Setting<?> setting, Setting<?> missing, String message) {
    if (problems.stream().anyMatch(problem -> problem.path().equals(setting.path()) || problem.path().equals(missing.path()))) {
      return;
    }
    problems.add(new Problem(values.origin(setting), setting.path(), message));
  }

  private void warn(Setting<?> setting, String message) {
    warnings.add(new Problem(values.origin(setting), setting.path(), message));
  }
}
