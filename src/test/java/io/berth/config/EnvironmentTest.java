package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.policy.TagRule;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Variables of the environment, as those who run the images of CNCF Distribution write them. */
final class EnvironmentTest {

  @Test
  void theUsualOnesWork() {
    ServeConfig config = Reading.environment("REGISTRY_AUTH", "htpasswd", "REGISTRY_AUTH_HTPASSWD_REALM", "Registry Realm",
        "REGISTRY_AUTH_HTPASSWD_PATH", "/auth/htpasswd", "REGISTRY_HTTP_ADDR", "0.0.0.0:443", "REGISTRY_HTTP_TLS_CERTIFICATE",
        "/certs/domain.crt", "REGISTRY_HTTP_TLS_KEY", "/certs/domain.key", "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", "/somewhere",
        "REGISTRY_STORAGE_DELETE_ENABLED", "true", "REGISTRY_HTTP_SECRET", "hush", "PATH", "/bin").serve();

    assertThat(config.authentication())
        .hasToString("Sources[passwordFile=Optional[PasswordFile[file=/auth/htpasswd, realm=Registry Realm]], accounts=false]");
    assertThat(config.http().listen()).isEqualTo(new ListenAddress.Tcp("0.0.0.0", 443));
    assertThat(config.http().tls().orElseThrow().key()).hasToString("/certs/domain.key");
    assertThat(config.data()).hasToString("/somewhere");
  }

  @Test
  void aWholeSectionMayBeGivenAndFinerOnesGoBeforeIt() {
    ServeConfig config = Reading.read(Reading.sources("http: {addr: '127.0.0.1:1', h2c: {enabled: true}}",
        Reading.variables("REGISTRY_HTTP", "{addr: '127.0.0.1:2', draintimeout: 5s}", "REGISTRY_HTTP_ADDR", "127.0.0.1:3",
            "REGISTRY_NAMESPACES", "{\"docker.io\": \"mirror/docker\"}")))
        .serve();

    assertThat(config.http().listen()).hasToString("127.0.0.1:3");
    assertThat(config.http().drainTimeout()).hasSeconds(5);
    assertThat(config.http().h2c()).as("the section of the file is replaced as a whole").isFalse();
    assertThat(config.namespaces()).containsOnlyKeys("docker.io");
  }

  @Test
  void entriesOfListsHaveNumbers() {
    Configuration both = Reading.read(Reading.sources("http: {trustedproxies: [10.0.0.0/8]}",
        Reading.variables("REGISTRY_HTTP_TRUSTEDPROXIES_1", "::1", "REGISTRY_HTTP_TRUSTEDPROXIES_0", "127.0.0.1")));

    assertThat(both.serve().http().trustedProxies()).hasToString("[127.0.0.1/32, 0:0:0:0:0:0:0:1/128]");
    assertThat(both.effective()).containsPattern(
        "trustedproxies: .* # config.yml:1:24, REGISTRY_HTTP_TRUSTEDPROXIES_0, REGISTRY_HTTP_TRUSTEDPROXIES_1");
    assertThat(Reading.problemsOfEnvironment("REGISTRY_HTTP_TRUSTEDPROXIES_2", "::1"))
        .containsExactly("REGISTRY_HTTP_TRUSTEDPROXIES_2: the list has 0 entries, so the next one is number 0, not 2");
  }

  @Test
  void anEntryOfAListOfSectionsIsGivenWhole() {
    Configuration both = Reading.read(Reading.sources("tags: {rules: [{name: a, immutable: true}, {name: b, expires: 1h}]}",
        Reading.variables("REGISTRY_TAGS_RULES_1", "{name: c, tags: 'v*', expires: label}", "REGISTRY_TAGS_RULES_2",
            "{\"name\": \"d\", \"immutable\": true}")));

    assertThat(both.serve().tags().rules().rules()).extracting(TagRule::name).containsExactly("a", "c", "d");
    assertThat(both.effective()).containsPattern("rules: .* # config.yml:1:15, REGISTRY_TAGS_RULES_1, REGISTRY_TAGS_RULES_2");
    assertThat(Reading.problemsOfEnvironment("REGISTRY_TAGS_RULES_0", "{name: a, imutable: true}")).containsExactly(
        "REGISTRY_TAGS_RULES_0: tags.rules: a rule has no key 'imutable'; did you mean 'immutable'?");
    assertThat(Reading.problemsOfEnvironment("REGISTRY_TAGS_RULES_0", "releases"))
        .singleElement().asString().startsWith("REGISTRY_TAGS_RULES_0: tags.rules: expected a rule with keys (name, ");
    assertThat(Reading.environment("REGISTRY_TAGS_RULES_0_NAME", "a").warnings()).hasSize(1);
  }

  @Test
  void entriesOfMapsHaveNames() {
    ServeConfig config = Reading.read(Reading.sources("http: {headers: {X-Frame-Options: [deny], X-Other: [a]}}",
        Reading.variables("REGISTRY_HTTP_HEADERS_X-FRAME-OPTIONS", "[sameorigin]", "REGISTRY_HTTP_HEADERS_Access-Control-Allow-Origin",
            "['*']", "REGISTRY_HTTP_HEADERS_X-OTHER_1", "b", "REGISTRY_LOG_FIELDS_MY_SITE", "a: b # c")))
        .serve();

    assertThat(config.http().headers()).isEqualTo(
        Map.of("X-Frame-Options", List.of("sameorigin"), "access-control-allow-origin", List.of("*"), "X-Other", List.of("a", "b")));
    assertThat(config.log().fields()).isEqualTo(Map.of("my_site", "a: b # c"));
  }

  @Test
  void noCharacterOfAPasswordMeansAnything() {
    for (String password : List.of("p#w", "p #w", "{", "[x", "a: b", "&x", "*x", "%", "@", "- x", "!x", "\"", "null", "~")) {
      ServeConfig config = Reading.environment("REGISTRY_DATABASE_DRIVER", "postgresql", "REGISTRY_DATABASE_URL", "postgresql://db/berth",
          "REGISTRY_DATABASE_PASSWORD", password).serve();
      assertThat(((DatabaseConfig.Postgresql) config.database()).password()).contains(new Secret(password));
    }
    assertThat(Reading.environment("REGISTRY_TRACING_SERVICENAME", "'it''s'").serve().tracing().serviceName()).isEqualTo("it's");
  }

  @Test
  void nothingInAVariableIsAsIfItWereNotThere() {
    assertThat(Reading.read(Reading.sources("log: {level: debug}", Map.of("REGISTRY_LOG_LEVEL", ""))).serve())
        .isEqualTo(ServeConfig.defaults());
  }

  @Test
  void whatIsWrongNamesTheVariable() {
    assertThat(Reading.problemsOfEnvironment("REGISTRY_HTTP_DRAINTIMEOUT", "60", "REGISTRY_PROXY_REMOTEURL", "https://example.com",
        "REGISTRY_STORAGE", "s3", "REGISTRY_HTTP_HEADERS", "{a: [", "REGISTRY_LOG", "text")).anyMatch(
            problem -> problem.startsWith("REGISTRY_HTTP_DRAINTIMEOUT: http.draintimeout: a time has a unit: write 60s, 60m or 60h"))
        .anyMatch(problem -> problem.startsWith("REGISTRY_PROXY_REMOTEURL: proxy: refused: "))
        .anyMatch(problem -> problem.startsWith("REGISTRY_STORAGE: storage.s3: refused: "))
        .anyMatch(problem -> problem.startsWith("REGISTRY_HTTP_HEADERS: not YAML: "))
        .anyMatch(problem -> problem.startsWith("REGISTRY_LOG: log: a section with keys belongs here, not one value: ")).hasSize(5);
  }

  @Test
  void aVariableThatNobodyKnowsIsOnlyWarnedOf() {
    Configuration config = Reading.environment("REGISTRY_HTTP_ADR", "x", "REGISTRY_ELEPHANT", "x", "REGISTRY_VERSION", "0.2",
        "REGISTRY_http_addr", "x", "REGISTRY_HTTP_ADDR_X", "x", "REGISTRY_LOG_LEVEL_", "x");

    assertThat(config.serve()).isEqualTo(ServeConfig.defaults());
    assertThat(config.warnings()).extracting(Problem::toString).hasSize(6)
        .contains("REGISTRY_HTTP_ADR: no setting is called so, the variable is ignored; did you mean REGISTRY_HTTP_ADDR?")
        .contains("REGISTRY_ELEPHANT: no setting is called so, the variable is ignored; remove it if it was meant for Berth");
  }

  /** A Service called {@code registry} puts these into every pod of its namespace, the registry's own too. */
  @ParameterizedTest
  @ValueSource(strings = {"REGISTRY_SERVICE_HOST", "REGISTRY_SERVICE_PORT", "REGISTRY_SERVICE_PORT_HTTP",
    "REGISTRY_SERVICE_PORT_HTTP_METRICS",
    "REGISTRY_PORT", "REGISTRY_PORT_5000_TCP", "REGISTRY_PORT_5000_TCP_PROTO", "REGISTRY_PORT_5000_TCP_PORT", "REGISTRY_PORT_5000_TCP_ADDR",
    "REGISTRY_PROXY_SERVICE_HOST", "REGISTRY_PROXY_PORT", "REGISTRY_REDIS_PORT_6379_TCP_ADDR", "REGISTRY_AUTH_SERVICE_PORT",
    "REGISTRY_HTTP_PORT", "REGISTRY_STORAGE_S3_SERVICE_HOST"})
  void whatKubernetesInjectsIsKnownAndMeansNothing(String name) {
    Configuration config = Reading.environment(name, "tcp://10.96.0.7:5000");

    assertThat(config.serve()).isEqualTo(ServeConfig.defaults());
    assertThat(config.warnings()).isEmpty();
    assertThat(config.ignored()).isEmpty();
  }
}
