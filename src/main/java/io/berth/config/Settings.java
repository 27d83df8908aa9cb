package io.berth.config;

import static io.berth.config.Key.setting;
import static io.berth.config.Kinds.ADDRESS;
import static io.berth.config.Kinds.CIDR;
import static io.berth.config.Kinds.FILE;
import static io.berth.config.Kinds.SECRET;
import static io.berth.config.Kinds.TEXT;
import static io.berth.config.Kinds.URL;
import static io.berth.config.Kinds.YES_OR_NO;
import static io.berth.config.Kinds.list;
import static io.berth.config.Kinds.map;
import static io.berth.config.Kinds.word;
import static io.berth.config.Kinds.words;
import static io.berth.config.Quantities.bytes;
import static io.berth.config.Quantities.count;
import static io.berth.config.Quantities.part;
import static io.berth.config.Quantities.time;
import static java.time.Duration.ZERO;

import io.berth.config.Key.Setting;
import io.berth.oci.Limits;
import io.berth.oci.RepositoryName;
import io.berth.policy.Discovery;
import io.berth.policy.Expiry;
import io.berth.policy.PlatformPattern;
import io.berth.policy.Rate;
import io.berth.policy.Who;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Every setting that Berth honours, each defined here and nowhere else: the reader, the variables of the environment, {@code check-config}, the
 * JSON Schema and the tables of the documentation are made from it. {@link Foreign} holds the keys of CNCF Distribution that it does not honour.
 */
final class Settings {

  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration YEAR = Duration.ofDays(365);

  static final Setting<String> VERSION =
      setting("version", Kinds.number("0.1"), "0.1", "The version of this schema.").differs("may be left out");

  // log

  static final Setting<LogConfig.Level> LOG_LEVEL =
      setting("log.level", word(levels(), Map.of()), LogConfig.Level.INFO, "The least important lines that are logged.").live();
  static final Setting<LogConfig.Level> LOGLEVEL =
      new Setting<>("loglevel", word(levels(), Map.of()), null, "The old name of log.level, which goes before it.", new Key.Kinship.Same(),
          true);
  static final Setting<LogConfig.Format> LOG_FORMATTER = setting("log.formatter", word(formats(), Map.of()), LogConfig.Format.TEXT,
      "How a line of the log looks; logstash is JSON with the field names of Logstash.");
  static final Setting<Map<String, String>> LOG_FIELDS =
      setting("log.fields", map(Kinds.text("a name of letters, digits, '.', '-' and '_'", "[A-Za-z0-9._-]{1,64}"), TEXT), Map.of(),
          "Fields with fixed values that every line of the log carries.");
  static final Setting<Boolean> ACCESSLOG_DISABLED =
      setting("log.accesslog.disabled", YES_OR_NO, false, "Whether no line is written for each request.");
  static final Setting<LogConfig.AccessFormat> ACCESSLOG_FORMAT = setting("log.accesslog.format",
      word(words("combined", LogConfig.AccessFormat.COMBINED, "json", LogConfig.AccessFormat.JSON), Map.of()),
      LogConfig.AccessFormat.COMBINED, "How a line of the access log looks.").own();

  // audit

  static final Setting<Long> AUDIT_FILE_BYTES = setting("audit.filebytes", bytes(1 << 20, 1L << 40), 64L << 20,
      "After how many bytes another file of the audit is begun; one is begun each day in any case.").own().live();
  static final Setting<Integer> AUDIT_FILES =
      setting("audit.files", count(0, 1_000_000), 0, "How many files of the audit are kept; 0 to keep all.").own().live();
  static final Setting<Duration> AUDIT_AGE = setting("audit.age", time(ZERO, YEAR.multipliedBy(100)), ZERO,
      "How long after their last line files of the audit are kept; 0 to keep them for ever.").own().live();
  static final Setting<Boolean> AUDIT_REQUIRED = setting("audit.required", YES_OR_NO, false,
      "Whether a change is answered only when its line is on the disk, and refused with 503 while none can be written.").own().live();
  static final Setting<Boolean> AUDIT_TOKENS =
      setting("audit.tokens", YES_OR_NO, false, "Whether each token that is issued has a line.").own().live();

  // storage

  static final Setting<Path> ROOT = setting("storage.filesystem.rootdirectory", FILE, Path.of("data"),
      "The folder that holds everything: blobs, unfinished uploads, the audit, and the database unless that is PostgreSQL.")
      .differs("/var/lib/registry only where 'storage: filesystem' is said without it");
  static final Setting<Long> RESERVE = setting("storage.filesystem.reserve", bytes(0, 1L << 50), 256L << 20,
      "How much of the disk is kept back: when less is free, pushes are refused with 507, while pulls and deletions go on.").own().live();
  static final Setting<Boolean> DELETE = setting("storage.delete.enabled", YES_OR_NO, true, "Whether clients may delete.").live()
      .differs("true by default");
  static final Setting<Boolean> DELETE_NEEDED = setting("storage.delete.neededblobs", YES_OR_NO, false,
      "Whether clients may delete a blob that a manifest still needs.").live().own();
  static final Setting<Boolean> PURGING =
      setting("storage.maintenance.uploadpurging.enabled", YES_OR_NO, true,
          "Whether unfinished uploads are ended when they rest too long.");
  static final Setting<Duration> PURGING_AGE = setting("storage.maintenance.uploadpurging.age", time(Duration.ofMinutes(30), YEAR), DAY,
      "How long an unfinished upload may rest.").differs("24h by default; counts from the last byte, not from the start");
  static final Setting<Duration> PURGING_INTERVAL = setting("storage.maintenance.uploadpurging.interval", time(Duration.ofSeconds(1), YEAR),
      Duration.ofMinutes(10), "How often unfinished uploads are looked for.").differs("10m by default, since a look costs next to nothing");
  static final Setting<Boolean> READ_ONLY = setting("storage.maintenance.readonly.enabled", YES_OR_NO, false,
      "Whether clients may change nothing; what would is answered with 405.").live();

  // gc

  static final Setting<Boolean> GC = setting("gc.enabled", YES_OR_NO, true,
      "Whether Berth frees by itself what nobody needs any more; 'berth gc' does it in any case.").own();
  static final Setting<Duration> GC_GRACE = setting("gc.grace", time(Duration.ofSeconds(1), YEAR), DAY,
      "How long a blob stays that no manifest needs, and its bytes after its deletion; longer than the longest push of an image.").own();
  static final Setting<Duration> GC_INTERVAL = setting("gc.interval", time(Duration.ofSeconds(1), YEAR), Duration.ofMinutes(10),
      "How often it looks for such.").own();

  // database

  static final Setting<String> DATABASE_DRIVER = setting("database.driver",
      word(words("sqlite", "sqlite", "postgresql", "postgresql"), Map.of()), "sqlite", "Where the names are kept.").own();
  static final Setting<String> DATABASE_URL =
      setting("database.url", Kinds.one("URL", "postgresql://USER@HOST:PORT/DATABASE", Settings::databaseUrl, url -> url), null,
          "The PostgreSQL database; user and port may be left out.").own();
  static final Setting<String> DATABASE_USER =
      setting("database.user", TEXT, null, "Who Berth is to PostgreSQL, unless database.url says it.").own();
  static final Setting<Secret> DATABASE_PASSWORD = setting("database.password", SECRET, null, "The password of that user.").own();
  static final Setting<Path> DATABASE_PASSWORD_FILE =
      setting("database.passwordfile", FILE, null, "A file whose first line is that password.").own();
  static final Setting<Integer> DATABASE_POOL =
      setting("database.poolsize", count(1, 1_000), 16, "The most connections to PostgreSQL.").own();
  static final Setting<Duration> DATABASE_TIMEOUT =
      setting("database.statementtimeout", time(Duration.ofMillis(100), DAY), Duration.ofSeconds(30), "How long one statement may take.")
          .own();

  // http

  static final Setting<ListenAddress> ADDR = setting("http.addr", ADDRESS, new ListenAddress.Tcp("127.0.0.1", 5000),
      "Where to accept connections.").differs("127.0.0.1:5000 by default; other addresses need 'auth'");
  static final Setting<String> NET = setting("http.net", word(words("tcp", "tcp", "unix", "unix"), Map.of()), "tcp",
      "With unix, http.addr is the path of a socket.").differs("'addr: unix:PATH' says the same without it");
  static final Setting<String> PREFIX =
      setting("http.prefix", Kinds.text("a path that begins and ends with a slash", "/|/[A-Za-z0-9._~/-]+/"),
          "/", "The path above /v2/.");
  static final Setting<URI> HOST = setting("http.host", URL, null,
      "Scheme and host under which clients reach the registry, for absolute URLs.");
  static final Setting<Boolean> RELATIVE_URLS = setting("http.relativeurls", YES_OR_NO, true,
      "Whether Location and Link leave out scheme and host.").differs("true by default, so that no proxy can make them wrong");
  static final Setting<Duration> DRAIN = setting("http.draintimeout", time(ZERO, DAY), Duration.ofSeconds(30),
      "How long running requests may take to end when the registry stops.").differs("30s by default");
  static final Setting<Map<String, List<String>>> HEADERS = setting("http.headers",
      map(Kinds.text("the name of a header", "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}"), list(Kinds.text("visible ASCII", "[ -~]{0,4000}"))),
      Map.of(), "Headers that every reply carries, unless it has one of that name itself.").live();
  static final Setting<List<Cidr>> TRUSTED_PROXIES = setting("http.trustedproxies", list(CIDR), List.of(),
      "Proxies whose Forwarded and X-Forwarded-* headers are believed.").own();
  static final Setting<Long> CHUNK_MIN = setting("http.chunkminlength", bytes(1, 1L << 40), null,
      "Ask clients for upload chunks of at least so many bytes.").own().live();

  static final Setting<Path> TLS_CERTIFICATE =
      setting("http.tls.certificate", FILE, null, "The certificate chain in PEM, the server's own first.").live();
  static final Setting<Path> TLS_KEY = setting("http.tls.key", FILE, null, "The private key in PEM.").live();
  static final Setting<List<Path>> TLS_CLIENT_CAS =
      setting("http.tls.clientcas", list(FILE), List.of(), "Authorities that sign the certificates of clients, in PEM.").live();
  static final Setting<Boolean> TLS_CLIENT_AUTH = setting("http.tls.clientauth",
      word(words("require-and-verify-client-cert", true, "verify-client-cert-if-given", false), unverified()), true,
      "Whether a client without a certificate is turned away.").differs("the two words that let a client in unverified are refused");
  static final Setting<TlsConfig.Version> TLS_MINIMUM = setting("http.tls.minimumtls",
      word(words("tls1.2", TlsConfig.Version.V1_2, "tls1.3", TlsConfig.Version.V1_3), broken()), TlsConfig.Version.V1_2,
      "The oldest version of TLS that is spoken.").differs("tls1.0 and tls1.1 are refused");
  static final Setting<List<String>> TLS_SUITES =
      setting("http.tls.ciphersuites", list(word(CipherSuites.GOOD, CipherSuites.BAD)), List.of(),
          "What is offered; by default what the platform thinks good.")
          .differs("suites that are broken or without forward secrecy are refused");

  static final Setting<Boolean> HTTP2_DISABLED = setting("http.http2.disabled", YES_OR_NO, false, "Whether TLS offers HTTP/1.1 only.");
  static final Setting<Boolean> H2C = setting("http.h2c.enabled", YES_OR_NO, false, "Whether HTTP/2 is spoken without TLS.");

  static final Setting<ListenAddress> DEBUG_ADDR = setting("http.debug.addr", ADDRESS, null,
      "A second listener, for operators: health and metrics. It asks nobody for a password.").differs("no profiling and no variables");
  static final Setting<Boolean> PROMETHEUS =
      setting("http.debug.prometheus.enabled", YES_OR_NO, false, "Whether that listener has metrics for Prometheus.");
  static final Setting<String> PROMETHEUS_PATH = setting("http.debug.prometheus.path",
      Kinds.text("a path that begins with a slash", "/[A-Za-z0-9._~/-]*"), "/metrics", "Where they are read.");

  static final Setting<Duration> IDLE = setting("http.limits.idletimeout", time(Duration.ofSeconds(1), DAY), Duration.ofSeconds(60),
      "How long a peer whose turn it is may stay silent; no request has a total time limit.").own();
  static final Setting<Long> RATE = setting("http.limits.minimumrate", bytes(0, 1L << 30), 1024L,
      "Bytes a second that a body has to bring on average; 0 for no minimum.").own();
  static final Setting<Long> HEAD =
      setting("http.limits.headerbytes", bytes(4096, 1 << 20), 32L << 10, "The longest head of a request.").own();
  static final Setting<Long> BODY_BUDGET = setting("http.limits.bodybudget", bytes(1 << 20, 1L << 40), 96L << 20,
      "Bytes of bodies that may be in memory over all connections; a fifth of the heap at most.").own();
  static final Setting<Long> ANSWER_BUDGET = setting("http.limits.answerbudget", bytes(1 << 20, 1L << 40), 64L << 20,
      "Bytes of answers that may be in memory over all connections; an eighth of the heap at most.").own();
  static final Setting<Integer> CONNECTIONS = setting("http.limits.connections", count(1, 1_000_000), 10_000,
      "The most open connections; one more is closed at once.").own().live();
  static final Setting<Integer> CONNECTIONS_PER_ADDRESS = setting("http.limits.connectionsperaddress", count(1, 1_000_000), 1_000,
      "The most open connections of one client, an IPv4 address or an IPv6 /64; a trusted proxy is not counted.").own().live();
  static final Setting<Integer> REQUESTS = setting("http.limits.requests", count(1, 1_000_000), 10_000,
      "The most requests that are answered at a time; one more is answered 503.").own().live();
  static final Setting<Integer> STREAMS = setting("http.limits.streams", count(1, 10_000), 100,
      "The most requests at a time on one connection of HTTP/2.").own().live();
  static final Setting<Integer> RESETS = setting("http.limits.resets", count(1, 100_000), 400,
      "The most requests that a connection of HTTP/2 may take back within 30 seconds; one more ends it.").own().live();
  static final Setting<Integer> FOLLOWERS = setting("http.limits.followers", count(1, 1_000_000), 1_000,
      "The most streams of events that are followed at a time; one more is answered 503, or 429 where a quarter are the client's own.")
      .own().live();
  static final Setting<Integer> UPLOADS = setting("http.limits.uploads", count(1, 10_000_000), 50_000,
      "The most unfinished uploads; one more is answered 429.").own().live();
  static final Setting<Integer> UPLOADS_PER_USER = setting("http.limits.uploadsperuser", count(1, 10_000_000), 10_000,
      "The most unfinished uploads of one user, or of one address without credentials.").own().live();

  static final Setting<Map<String, Rate>> RATES_ADDRESS = setting("http.limits.rates.address", RateKinds.OF_ADDRESSES, Map.of(),
      "How often one address may ask, an IPv4 address or an IPv6 /64; one more is answered 429 (see OPERATIONS.md).").own().live();
  static final Setting<Map<String, Rate>> RATES_IDENTITY = setting("http.limits.rates.identity", RateKinds.OF_IDENTITIES, Map.of(),
      "How often one user, robot or job may ask; one more is answered 429.").own().live();
  static final Setting<List<Who>> RATES_EXEMPT = setting("http.limits.rates.exempt", AccessKinds.WHO, List.of(),
      "Whom the rates of identities are not about.").own().live();
  static final Setting<List<Cidr>> RATES_EXEMPT_ADDRESSES = setting("http.limits.rates.exemptaddresses", list(CIDR), List.of(),
      "Whom the rates of addresses are not about.").own().live();

  // lists

  static final Setting<Integer> CATALOG_MAX = setting("catalog.maxentries", count(1, Limits.PAGE), Limits.PAGE,
      "The most repositories in one answer.").live().differs("10000 by default; a larger n is cut to it, not refused");
  static final Setting<Integer> TAGS_MAX =
      setting("tags.maxtags", count(1, Limits.PAGE), Limits.PAGE, "The most tags in one answer.").live()
          .differs("10000 by default");

  // tags

  static final Setting<Duration> TAGS_HISTORY = setting("tags.historywindow", time(ZERO, Expiry.LONGEST), Duration.ofDays(14),
      "How long what a tag pointed at before stays, so that the tag can be set back; 0 to keep nothing for that.").own();
  static final Setting<List<String>> TAGS_ALIASES = setting("tags.aliases", list(TagKinds.ALIAS), List.of(),
      "Other hosts by which clients know the registry; a tag object may name them.").own().live();
  static final Setting<List<TagsConfig.KeyFile>> TAGS_KEYS = setting("tags.keys", TagKinds.KEYS, List.of(),
      "Public keys whose signatures on tags count, each with the name that rules call it by.").own().live();
  static final Setting<List<TagRuleText>> TAGS_RULES = setting("tags.rules", TagKinds.RULES, List.of(),
      "What is demanded of which tags (see 'Rules for tags' in CONFIGURATION.md).").own().live();

  // references

  static final Setting<Boolean> REFERRERS = setting("references.referrers", ReferenceKinds.LIFE, true,
      "What becomes of manifests whose subject is deleted by its digest: they go with it, or stay.").own().live();
  static final Setting<Duration> REFERRERS_GRACE = setting("references.grace", ReferenceKinds.TIME, Duration.ofDays(1),
      "How long after their subject they go; if that is pushed again meanwhile, they stay.").own().live();
  static final Setting<List<ReferrerRuleText>> REFERRERS_RULES = setting("references.rules", ReferenceKinds.RULES, List.of(),
      "What holds instead in some repositories (see 'Rules for referrers' in CONFIGURATION.md).").own().live();

  // statistics

  static final Setting<Boolean> STATISTICS = setting("statistics.enabled", YES_OR_NO, true,
      "Whether pulls and their bytes are counted, by repository, tag and day.").own();
  static final Setting<Duration> STATISTICS_INTERVAL = setting("statistics.interval", time(Duration.ofMillis(50), Duration.ofHours(1)),
      Duration.ofSeconds(10), "How often is written down what was counted; until then it is in memory.").own();
  static final Setting<Integer> STATISTICS_DAYS =
      setting("statistics.days", count(1, 10_000), 400, "How many days they are kept.").own();

  // validation

  static final Setting<SparseKinds.Extent> SPARSE_INDEXES = setting("validation.manifests.indexes.platforms", SparseKinds.EXTENT,
      SparseKinds.Extent.ALL, "Which entries of an index must be there before it is accepted.").live();
  static final Setting<List<PlatformPattern>> SPARSE_PLATFORMS = setting("validation.manifests.indexes.platformlist",
      SparseKinds.PLATFORMS, List.of(), "With 'platforms: list', those for one of these platforms.").live()
      .differs("linux/arm64 may be written for os and architecture, and a variant behind it");
  static final Setting<Boolean> SPARSE_IMAGES = setting("validation.manifests.images", SparseKinds.WHOLE, true,
      "Whether configuration and layers of an image must be there before it is accepted.").own().live();
  static final Setting<List<SparseRuleText>> SPARSE_RULES = setting("validation.manifests.rules", SparseKinds.RULES, List.of(),
      "What must be there instead in some repositories (see SPARSE.md).").own().live();

  // the rest of what Berth alone has

  static final Setting<Discovery> DISCOVERY = setting("mounts.discovery",
      word(discoveries(), Map.of()), Discovery.READABLE,
      "From where blobs may be mounted, named or found: from nowhere, from what everybody may read, or from what the caller may read.")
      .own().live();

  static final Setting<Map<String, RepositoryName>> NAMESPACES = setting("namespaces",
      map(Kinds.text("a host, as in docker.io", "[A-Za-z0-9.:\\[\\]-]{1,255}"), Kinds.one("name", "a repository name", Settings::repository,
          RepositoryName::value)),
      Map.of(), "Pulls that name a host as their origin (?ns=HOST) are served from repositories below the prefix given for it.").own()
      .live();

  static final Setting<URI> TRACING_ENDPOINT = setting("tracing.endpoint", URL, null,
      "The OTLP collector that spans are sent to; without it the variables OTEL_* of OpenTelemetry decide.").own();
  static final Setting<TracingConfig.Protocol> TRACING_PROTOCOL = setting("tracing.protocol",
      word(words("grpc", TracingConfig.Protocol.GRPC, "http/protobuf", TracingConfig.Protocol.HTTP_PROTOBUF), Map.of()),
      TracingConfig.Protocol.GRPC, "What the collector speaks.").own();
  static final Setting<Double> TRACING_SAMPLING =
      setting("tracing.sampling", part(), 1.0, "The part of all requests that is traced.").own();
  static final Setting<String> TRACING_NAME =
      setting("tracing.servicename", TEXT, "berth", "What this registry is called in traces.").own();

  /** All of them, in the order in which they are shown. */
  static final List<Setting<?>> ALL = Stream.<List<? extends Setting<?>>>of(
      List.of(VERSION, LOG_LEVEL, LOG_FORMATTER, LOG_FIELDS, ACCESSLOG_DISABLED, ACCESSLOG_FORMAT, LOGLEVEL),
      List.of(AUDIT_FILE_BYTES, AUDIT_FILES, AUDIT_AGE, AUDIT_REQUIRED, AUDIT_TOKENS),
      List.of(ROOT, RESERVE, DELETE, DELETE_NEEDED, PURGING, PURGING_AGE, PURGING_INTERVAL, READ_ONLY, GC, GC_GRACE, GC_INTERVAL),
      List.of(DATABASE_DRIVER, DATABASE_URL, DATABASE_USER, DATABASE_PASSWORD, DATABASE_PASSWORD_FILE, DATABASE_POOL, DATABASE_TIMEOUT),
      AuthSettings.ALL,
      List.of(ADDR, NET, PREFIX, HOST, RELATIVE_URLS, DRAIN, HEADERS, TRUSTED_PROXIES, CHUNK_MIN),
      List.of(TLS_CERTIFICATE, TLS_KEY, TLS_CLIENT_CAS, TLS_CLIENT_AUTH, TLS_MINIMUM, TLS_SUITES, HTTP2_DISABLED, H2C),
      List.of(DEBUG_ADDR, PROMETHEUS, PROMETHEUS_PATH),
      List.of(IDLE, RATE, HEAD, BODY_BUDGET, ANSWER_BUDGET, CONNECTIONS, CONNECTIONS_PER_ADDRESS, REQUESTS, STREAMS, RESETS, FOLLOWERS,
          UPLOADS, UPLOADS_PER_USER),
      List.of(RATES_ADDRESS, RATES_IDENTITY, RATES_EXEMPT, RATES_EXEMPT_ADDRESSES),
      List.of(CATALOG_MAX, TAGS_MAX, TAGS_HISTORY, TAGS_ALIASES, TAGS_KEYS, TAGS_RULES),
      List.of(REFERRERS, REFERRERS_GRACE, REFERRERS_RULES),
      List.of(STATISTICS, STATISTICS_INTERVAL, STATISTICS_DAYS),
      List.of(SPARSE_INDEXES, SPARSE_PLATFORMS, SPARSE_IMAGES, SPARSE_RULES),
      List.of(DISCOVERY),
      List.of(NAMESPACES, TRACING_ENDPOINT, TRACING_PROTOCOL, TRACING_SAMPLING, TRACING_NAME)).<Setting<?>>flatMap(List::stream).toList();

  private Settings() {}

  private static Map<String, LogConfig.Level> levels() {
    var levels = new LinkedHashMap<String, LogConfig.Level>();
    levels.put("error", LogConfig.Level.ERROR);
    levels.put("warn", LogConfig.Level.WARN);
    levels.put("info", LogConfig.Level.INFO);
    levels.put("debug", LogConfig.Level.DEBUG);
    return levels;
  }

  private static Map<String, Discovery> discoveries() {
    var discoveries = new LinkedHashMap<String, Discovery>();
    for (Discovery discovery : Discovery.values()) {
      discoveries.put(discovery.name().toLowerCase(Locale.ROOT), discovery);
    }
    return discoveries;
  }

  private static Map<String, LogConfig.Format> formats() {
    var formats = new LinkedHashMap<String, LogConfig.Format>();
    formats.put("text", LogConfig.Format.TEXT);
    formats.put("json", LogConfig.Format.JSON);
    formats.put("logstash", LogConfig.Format.LOGSTASH);
    return formats;
  }

  private static Map<String, String> unverified() {
    String reason = "a certificate that nobody verifies says nothing; use verify-client-cert-if-given or require-and-verify-client-cert";
    return words("request-client-cert", reason, "require-any-client-cert", reason);
  }

  private static Map<String, String> broken() {
    String reason = "it is broken (RFC 8996); use tls1.2 or tls1.3";
    return words("tls1.0", reason, "tls1.1", reason);
  }

  private static RepositoryName repository(String text) {
    if (!RepositoryName.isValid(text)) {
      throw new IllegalArgumentException("'" + Words.shown(text) + "' is no name that a repository can have");
    }
    return RepositoryName.parse(text);
  }

  /** Never repeats what was written, since a password may be in it. */
  private static String databaseUrl(String text) {
    if (!text.matches("(jdbc:)?postgres(ql)?://([^:@/?#\\s]+@)?[^@/?#\\s]+/[^@?#\\s]+(\\?[^#\\s]*)?") || text.contains("password=")) {
      throw new IllegalArgumentException(
          "expected postgresql://USER@HOST:PORT/DATABASE, without a password: that is database.password or database.passwordfile");
    }
    return text;
  }
}
