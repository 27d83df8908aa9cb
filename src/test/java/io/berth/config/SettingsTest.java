package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each setting of the table: from the file and from the environment it reaches the records, with its origin. */
final class SettingsTest {

  /** For each setting a value that is not its default, as {@code check-config} prints it, and what it needs beside it. */
  record Sample(String path, String value, Map<String, String> beside) {
    @Override
    public String toString() {
      return path;
    }
  }

  private static final Map<String, String> TLS = Map.of("http.tls.certificate", "/c.pem", "http.tls.key", "/k.pem");
  private static final Map<String, String> CLIENTS =
      Map.of("http.tls.certificate", "/c.pem", "http.tls.key", "/k.pem", "http.tls.clientcas", "[/ca.pem]");
  private static final Map<String, String> ISSUER = Map.of("auth.token.realm", "https://a.example/token", "auth.token.service", "registry",
      "auth.token.issuer", "us", "auth.token.jwks", "/keys.json");
  private static final Map<String, String> POSTGRESQL = Map.of("database.driver", "postgresql", "database.url", "postgresql://db/berth");

  private static final Map<String, String> DIRECTORY = Map.of("auth.ldap.url", "[ldaps://a.example]", "auth.ldap.base", "dc=example");

  private static final List<Sample> SAMPLES = List.of(sample("log.level", "debug"), sample("log.formatter", "logstash"),
      sample("log.fields", "{site: cellar}"), sample("log.accesslog.disabled", "true"), sample("log.accesslog.format", "json"),
      sample("loglevel", "error"), sample("audit.filebytes", "256MiB"), sample("audit.files", "400"), sample("audit.age", "8760h"),
      sample("audit.required", "true"), sample("audit.tokens", "true"), sample("storage.filesystem.rootdirectory", "/srv/berth"),
      sample("storage.filesystem.reserve", "2GiB"), sample("storage.delete.enabled", "false"),
      sample("storage.delete.neededblobs", "true"), sample("storage.maintenance.uploadpurging.enabled", "false"),
      sample("storage.maintenance.uploadpurging.age", "72h"), sample("storage.maintenance.uploadpurging.interval", "1h30m"),
      sample("storage.maintenance.readonly.enabled", "true"), sample("gc.enabled", "false"), sample("gc.grace", "72h"),
      sample("gc.interval", "1h"),
      new Sample("database.driver", "postgresql", Map.of("database.url", "postgresql://db/berth")),
      new Sample("database.url", "postgresql://db/berth", Map.of("database.driver", "postgresql")),
      new Sample("database.user", "berth", POSTGRESQL), new Sample("database.password", "hush", POSTGRESQL),
      new Sample("database.passwordfile", "/run/password", POSTGRESQL), new Sample("database.poolsize", "32", POSTGRESQL),
      new Sample("database.statementtimeout", "5s", POSTGRESQL), sample("auth.none", "true"),
      new Sample("auth.htpasswd.realm", "our registry", Map.of("auth.htpasswd.path", "/users")), sample("auth.htpasswd.path", "/users"),
      sample("auth.accounts.enabled", "true"),
      sample("http.addr", "127.0.0.1:6000"), new Sample("http.net", "unix", Map.of("http.addr", "/run/berth.sock")),
      sample("http.prefix", "/inner/"), sample("http.host", "https://registry.example.com"), sample("http.relativeurls", "false"),
      sample("http.draintimeout", "1m"), sample("http.headers", "{X-Frame-Options: [deny]}"), sample("http.trustedproxies", "[10.0.0.0/8]"),
      sample("http.chunkminlength", "5MiB"), new Sample("http.tls.certificate", "/c.pem", Map.of("http.tls.key", "/k.pem")),
      new Sample("http.tls.key", "/k.pem", Map.of("http.tls.certificate", "/c.pem")), new Sample("http.tls.clientcas", "[/ca.pem]", TLS),
      new Sample("http.tls.clientauth", "verify-client-cert-if-given", CLIENTS), new Sample("http.tls.minimumtls", "tls1.3", TLS),
      new Sample("http.tls.ciphersuites", "[TLS_AES_256_GCM_SHA384]", TLS), sample("http.http2.disabled", "true"),
      sample("http.h2c.enabled", "true"), sample("http.debug.addr", "127.0.0.1:5001"),
      new Sample("http.debug.prometheus.enabled", "true", Map.of("http.debug.addr", "127.0.0.1:5001")),
      new Sample("http.debug.prometheus.path", "/numbers",
          Map.of("http.debug.addr", "127.0.0.1:5001", "http.debug.prometheus.enabled", "true")),
      sample("http.limits.idletimeout", "2m"), sample("http.limits.minimumrate", "0"), sample("http.limits.headerbytes", "64KiB"),
      sample("http.limits.bodybudget", "1GiB"), sample("http.limits.answerbudget", "1GiB"), sample("http.limits.connections", "20000"),
      sample("http.limits.connectionsperaddress", "50"), sample("http.limits.requests", "500"), sample("http.limits.streams", "10"),
      sample("http.limits.resets", "50"), sample("http.limits.followers", "20"), sample("http.limits.uploads", "1000"),
      sample("http.limits.uploadsperuser", "100"), sample("http.limits.rates.address", "{login: 10/s, pull: 600/m burst 100}"),
      sample("http.limits.rates.identity", "{push: 100/h}"), sample("http.limits.rates.exempt", "['robot:ci']"),
      sample("http.limits.rates.exemptaddresses", "[10.0.0.0/8]"),
      sample("catalog.maxentries", "100"), sample("tags.maxtags", "100"), sample("tags.historywindow", "720h"),
      sample("tags.aliases", "[registry.example.com]"), sample("tags.keys", "[{name: release, file: /release.pem}]"),
      sample("tags.rules", "[{name: releases, repositories: team/**, tags: v*, immutable: true}]"),
      sample("mounts.discovery", "public"), sample("references.referrers", "keep"), sample("references.grace", "72h"),
      sample("references.rules", "[{name: archive, repositories: archive/**, referrers: keep}]"),
      sample("validation.manifests.indexes.platforms", "none"),
      new Sample("validation.manifests.indexes.platformlist", "[linux/amd64, linux/arm/v7]",
          Map.of("validation.manifests.indexes.platforms", "list")),
      sample("validation.manifests.images", "none"),
      sample("validation.manifests.rules", "[{name: mirrors, repositories: mirror/**, indexes: none}]"),
      new Sample("auth.token.realm", "https://b.example/token", ISSUER), new Sample("auth.token.service", "other", ISSUER),
      new Sample("auth.token.issuer", "other", ISSUER), new Sample("auth.token.rootcertbundle", "/roots.pem", ISSUER),
      new Sample("auth.token.jwks", "/other.json", ISSUER), new Sample("auth.token.signingalgorithms", "[ES256]", ISSUER),
      new Sample("auth.token.autoredirect", "true", ISSUER), new Sample("auth.token.autoredirectpath", "/a/b", ISSUER),
      new Sample("auth.tokenservice.enabled", "true", Map.of("auth.htpasswd.path", "/users")),
      sample("auth.tokenservice.service", "registry.example.com"), sample("auth.tokenservice.lifetime", "10m"),
      sample("auth.tokenservice.refreshlifetime", "12h"), sample("auth.tokenservice.bindtags", "false"),
      sample("auth.workloads",
          "[{name: ci, issuer: 'https://ci.example', audience: [berth], claims: {repository: [acme/*]}}]"),
      new Sample("auth.certificates.user", "uri", CLIENTS),
      new Sample("auth.certificates.provider", "office", certified()),
      new Sample("auth.ldap.url", "['ldaps://b.example']", DIRECTORY), new Sample("auth.ldap.plain", "true", DIRECTORY),
      new Sample("auth.ldap.rootcertbundle", "/ca.pem", DIRECTORY),
      new Sample("auth.ldap.binddn", "cn=a,dc=example", with(DIRECTORY, "auth.ldap.bindpasswordfile", "/secret")),
      new Sample("auth.ldap.bindpasswordfile", "/other", with(DIRECTORY, "auth.ldap.binddn", "cn=a,dc=example")),
      new Sample("auth.ldap.base", "dc=other", DIRECTORY), new Sample("auth.ldap.filter", "(cn={user})", DIRECTORY),
      new Sample("auth.ldap.attribute", "cn", DIRECTORY),
      new Sample("auth.ldap.userdn", "uid={user},dc=example", Map.of("auth.ldap.url", "[ldaps://a.example]")),
      new Sample("auth.ldap.groupbase", "dc=groups", DIRECTORY),
      new Sample("auth.ldap.groupattribute", "isMemberOf", with(DIRECTORY, "auth.ldap.groupbase", "dc=groups")),
      new Sample("auth.ldap.groupfilter", "(member={dn})", with(DIRECTORY, "auth.ldap.groupbase", "dc=groups")),
      new Sample("auth.ldap.groups", "{root: cn=admins}", DIRECTORY),
      new Sample("auth.ldap.remember", "5m", DIRECTORY), new Sample("auth.ldap.connecttimeout", "1s", DIRECTORY),
      new Sample("auth.ldap.timeout", "1s", DIRECTORY), new Sample("auth.ldap.connections", "2", DIRECTORY),
      new Sample("auth.logins",
          "[{name: corp, issuer: 'https://sso.example', clientid: berth, scopes: [openid, email], username: email, groups: roles, lifetime: 8h}]",
          Map.of("http.host", "https://registry.example", "access.rules", "[{name: a, who: [anyone], actions: [pull]}]")),
      new Sample("access.rules",
          "[{name: team, who: ['user:alice', 'group:dev'], repositories: [team/**], tags: [v*], actions: [pull, push],"
              + " when: tag != \"v0\"}]",
          Map.of("auth.htpasswd.path", "/users")),
      sample("statistics.enabled", "false"), sample("statistics.interval", "1m"), sample("statistics.days", "90"),
      sample("access.padding", "200ms"),
      sample("access.groups", "{dev: ['user:alice', 'robot:ci-*']}"),
      sample("namespaces", "{docker.io: mirror/docker}"), sample("tracing.endpoint", "http://collector:4317"),
      sample("tracing.protocol", "http/protobuf"), sample("tracing.sampling", "0.25"), sample("tracing.servicename", "cellar"));

  private static Map<String, String> certified() {
    return with(CLIENTS, "auth.certificates.user", "cn");
  }

  private static Map<String, String> with(Map<String, String> values, String path, String value) {
    var more = new HashMap<>(values);
    more.put(path, value);
    return Map.copyOf(more);
  }

  private static Sample sample(String path, String value) {
    return new Sample(path, value, Map.of());
  }

  static Stream<Sample> samples() {
    return SAMPLES.stream();
  }

  @Test
  void everySettingHasASample() {
    assertThat(SAMPLES.stream().map(Sample::path)).containsExactlyInAnyOrderElementsOf(
        Settings.ALL.stream().map(Key.Setting::path).filter(path -> !path.equals("version")).toList());
  }

  @Test
  void everyKeyIsListedOnceAndHasASentence() {
    assertThat(Keys.ALL.stream().map(Key::path)).doesNotHaveDuplicates();
    assertThat(Settings.ALL).allSatisfy(setting -> assertThat(setting.doc()).matches("[A-Z].*[a-z.)]\\.?").endsWith("."));
    assertThat(Keys.ALL).allSatisfy(key -> assertThat(Keys.isSection(key.path())).as("keys below " + key.path()).isFalse());
  }

  /** So that the variable of a setting can be told from that of a section. */
  @Test
  void noKeyThatBerthHonoursHasAnUnderscore() {
    assertThat(Settings.ALL.stream().map(Key.Setting::path)).noneMatch(path -> path.contains("_"));
    assertThat(Settings.ALL.stream().map(Key::variable)).doesNotHaveDuplicates().contains("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY",
        "REGISTRY_HTTP_TLS_CERTIFICATE", "REGISTRY_AUTH_HTPASSWD_PATH", "REGISTRY_HTTP_ADDR");
  }

  @Test
  void whereNothingIsSaidTheDefaultsHold() {
    Configuration nothing = Reading.read(Configuration.Sources.NONE);

    assertThat(nothing.serve()).isEqualTo(ServeConfig.defaults()).isEqualTo(Reading.file("").serve())
        .isEqualTo(Reading.file("# nothing", "---").serve());
    assertThat(nothing.effective().lines().filter(line -> line.contains("#"))).allMatch(line -> line.endsWith("# default"));
    assertThat(nothing.warnings()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void theFileSetsIt(Sample sample) {
    var values = new HashMap<>(sample.beside);
    values.put(sample.path, sample.value);

    Configuration with = Reading.file(Reading.yaml(values));

    assertThat(with.serve()).as("what the records say with %s", sample.path).isNotEqualTo(without(sample));
    assertThat(with.effective()).containsPattern(shown(sample) + " # config\\.yml:\\d+:\\d+");
  }

  @ParameterizedTest
  @MethodSource("samples")
  void aVariableSetsIt(Sample sample) {
    String variable = "REGISTRY_" + sample.path.toUpperCase(Locale.ROOT).replace('.', '_');

    Configuration with = Reading.read(Reading.sources(Reading.yaml(sample.beside), Map.of(variable, sample.value)));

    assertThat(with.serve()).as("what the records say with %s", variable).isNotEqualTo(without(sample));
    assertThat(with.effective()).containsPattern(shown(sample) + " # " + variable);
  }

  @ParameterizedTest
  @MethodSource("samples")
  void aVariableGoesBeforeTheFile(Sample sample) {
    String variable = "REGISTRY_" + sample.path.toUpperCase(Locale.ROOT).replace('.', '_');
    var values = new HashMap<>(sample.beside);
    values.put(sample.path, sample.value);
    String file = Reading.yaml(values);

    Configuration both = Reading.read(Reading.sources(file, Map.of(variable, sample.value)));

    assertThat(both.serve()).isEqualTo(Reading.file(file).serve());
    assertThat(both.effective()).contains(variable);
  }

  /** What check-config prints reads back as the same, but for secrets. */
  @ParameterizedTest
  @MethodSource("samples")
  void whatIsPrintedReadsBack(Sample sample) {
    var values = new HashMap<>(sample.beside);
    values.put(sample.path, sample.value);
    Configuration with = Reading.file(Reading.yaml(values));

    Configuration again = Reading.file(with.effective());

    assertThat(again.effective().replaceAll(" # .*", "")).isEqualTo(with.effective().replaceAll(" # .*", ""));
    if (!sample.path.equals("database.password")) {
      assertThat(again.serve()).isEqualTo(with.serve());
    }
  }

  /** The records where only the settings are given that this one needs; a pair that needs each other is left out as a whole. */
  private static ServeConfig without(Sample sample) {
    boolean isPair = Reading.problems(Reading.yaml(sample.beside)).size() > 0;
    return Reading.file(isPair ? "" : Reading.yaml(sample.beside)).serve();
  }

  private static String shown(Sample sample) {
    boolean isSecret = sample.path.equals("database.password");
    return "(?m)^ *" + sample.path.substring(sample.path.lastIndexOf('.') + 1) + ": "
        + (isSecret ? Secret.MASK : Pattern.quote(sample.value));
  }
}
