package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.config.Configuration.Flag;
import io.berth.config.ServeConfig.Authentication;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What files mean, and what is said about those that can't be. */
final class ConfigurationTest {

  @Test
  void flagsGoBeforeTheEnvironmentAndThatBeforeTheFile() throws InvalidConfiguration {
    var file = new Configuration.File("c.yml", "log: {level: error, formatter: json}\nhttp: {draintimeout: 1s}");
    var sources = new Configuration.Sources(Optional.of(file), Map.of("REGISTRY_LOG_LEVEL", "warn", "REGISTRY_HTTP_DRAINTIMEOUT", "2s"),
        List.of(new Flag("--level", List.of("log", "level"), "debug")));

    Configuration read = Configuration.read(sources);

    assertThat(read.serve().log().level()).isEqualTo(LogConfig.Level.DEBUG);
    assertThat(read.serve().http().drainTimeout()).hasSeconds(2);
    assertThat(read.serve().log().format()).isEqualTo(LogConfig.Format.JSON);
    assertThat(read.effective()).contains("level: debug # --level\n", "draintimeout: 2s # REGISTRY_HTTP_DRAINTIMEOUT\n",
        "formatter: json # c.yml:1:32\n", "servicename: berth # default");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      log: {levle: info}                | config.yml:1:7: no setting is called 'log.levle'; did you mean 'log.level'?
      htpp: {addr: ':1'}                | config.yml:1:1: no setting is called 'htpp'; did you mean 'http'?
      HTTP: {addr: ':1'}                | config.yml:1:1: no setting is called 'HTTP'; did you mean 'http'?
      http: {drain_timeout: 1s}         | config.yml:1:8: no setting is called 'http.drain_timeout'; did you mean 'http.draintimeout'?
      rootdirectory: /srv               | config.yml:1:1: no setting is called 'rootdirectory'; did you mean 'storage.filesystem.rootdirectory'?
      http: {tls: {cert: /a}}           | config.yml:1:14: no setting is called 'http.tls.cert'; known below 'http.tls' are *
      redis: {adrs: x}                  | config.yml:1:9: no setting is called 'redis.adrs'; did you mean 'redis.addrs'?
      health: {storagedriver: {on: 1}}  | config.yml:1:26: no setting is called 'health.storagedriver.on'; known here are enabled, interval and threshold
      storage: {filesytem: {}}          | config.yml:1:11: no setting is called 'storage.filesytem'; did you mean 'storage.filesystem'?
      """)
  void aKeyThatNobodyKnowsHasAPlaceAndTheNearestOne(String file, String problem) {
    assertThat(Reading.problems(file)).singleElement().asString().matches(problem.replace("?", "\\?").replace("*", ".*"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      log: {level: inf}                 | config.yml:1:14: log.level: expected error, warn, info or debug, not 'inf'; did you mean 'info'?
      log: {level: [info]}              | config.yml:1:14: log.level: expected error, warn, info or debug, not a list
      log: {fields: x}                  | config.yml:1:15: log.fields: expected names with values, not 'x'
      storage: {delete: {enabled: 1}}   | config.yml:1:29: storage.delete.enabled: expected true or false, not '1'
      http: {addr: 5000}                | config.yml:1:14: http.addr: expected HOST:PORT, as in 127.0.0.1:5000 or [::1]:5000, not '5000'
      http: {draintimeout: 60}          | config.yml:1:22: http.draintimeout: a time has a unit: write 60s, 60m or 60h, not '60'
      http: {draintimeout: 1d}          | config.yml:1:22: http.draintimeout: expected a time such as 30s, 10m or 1h30m, not '1d'
      http: {draintimeout: 48h}         | config.yml:1:22: http.draintimeout: expected a time from 0s to 24h, not '48h'
      http: {prefix: /a}                | config.yml:1:16: http.prefix: expected a path that begins and ends with a slash, not '/a'
      http: {host: registry.example}    | config.yml:1:14: http.host: expected a URL with http or https and a host
      http: {headers: {"a b": [c]}}     | config.yml:1:18: http.headers: expected the name of a header, not 'a b'
      http: {trustedproxies: [10.0.0/x]}| config.yml:1:25: http.trustedproxies: expected an address or a block of addresses, as in 10.0.0.0/8, not '10.0.0/x'
      http: {limits: {bodybudget: 1MB}} | config.yml:1:29: http.limits.bodybudget: expected a number of bytes, or one with KiB, MiB or GiB, not '1MB'
      http: {limits: {bodybudget: 1}}   | config.yml:1:29: http.limits.bodybudget: expected from 1MiB to 1024GiB, not '1'
      catalog: {maxentries: 0}          | config.yml:1:23: catalog.maxentries: expected a whole number from 1 to 10000, not '0'
      tracing: {sampling: 2}            | config.yml:1:21: tracing.sampling: expected a number from 0 to 1, not '2'
      version: 0.2                      | config.yml:1:10: version: expected 0.1, not '0.2'
      namespaces: {docker.io: A}        | config.yml:1:25: namespaces: 'A' is no name that a repository can have
      http: info                        | config.yml:1:7: http: a section with keys belongs here, not one value: *
      """)
  void aValueThatCannotBeHasAPlaceAndARemedy(String file, String problem) {
    assertThat(Reading.problems(file)).singleElement().asString().startsWith(problem.replace("*", ""));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      http: {tls: {certificate: /c}}                          | http.tls.certificate: TLS needs both: give http.tls.key too
      http: {tls: {minimumtls: tls1.3}}                       | http.tls.minimumtls: it means nothing without TLS
      http: {tls: {minimumtls: tls1.0}}                       | http.tls.minimumtls: 'tls1.0' is refused: it is broken
      http: {tls: {clientauth: request-client-cert}}          | http.tls.clientauth: 'request-client-cert' is refused: a certificate that nobody
      http: {tls: {ciphersuites: [TLS_RSA_WITH_RC4_128_SHA]}} | http.tls.ciphersuites: 'TLS_RSA_WITH_RC4_128_SHA' is refused: its cipher is broken
      http: {net: unix}                                       | http.net: with unix, http.addr has to be the path of the socket
      database: {url: 'postgresql://db/x'}                    | database.url: it is for PostgreSQL: say 'database.driver: postgresql'
      database: {driver: postgresql}                          | database.driver: PostgreSQL needs database.url
      auth: {htpasswd: {realm: x}}                            | auth.htpasswd.realm: there is no password file
      auth: {none: , htpasswd: {path: x}}                     | auth.none: 'none' and 'htpasswd' (config.yml:1:33) contradict each other
      auth: {token: {realm: 'https://a.example', service: s, issuer: i}} | auth.token.realm: no token would count without a key
      auth: {token: {service: s, issuer: i, jwks: /k}}        | auth.token.service: clients have to be told where tokens are had
      auth: {token: {issuer: i, jwks: /k, autoredirect: true}} | auth.token.issuer: tokens of another service need auth.token.service
      auth: {token: {signingalgorithms: [HS256]}}             | auth.token.signingalgorithms: 'HS256' is refused: whoever can verify
      auth: silly                                             | auth.silly: refused: it lets everyone in
      storage: inmemory                                       | storage.inmemory: refused: Berth keeps what it acknowledges
      storage: {s3: }                                         | storage.s3: refused: Berth keeps blobs on disk
      storage: {filesystem: , gcs: {bucket: b}}               | storage.gcs: refused: Berth keeps blobs on disk
      http: {addr: ':5000'}                                   | http.addr: without authentication Berth listens on this machine only
      """)
  void whatDoesNotGoTogetherIsSaid(String file, String problem) {
    assertThat(Reading.problems(file)).singleElement().asString().startsWith("config.yml:1:").contains(": " + problem);
  }

  @Test
  void aPasswordInAUrlIsNotRepeated() {
    for (String url : List.of("postgresql://berth:hush@db/x", "postgresql://db/x?password=hush", "mysql://hush", "hush@db")) {
      assertThat(Reading.problems("database: {driver: postgresql, url: '" + url + "'}")).singleElement().asString()
          .contains("database.url: expected postgresql://USER@HOST:PORT/DATABASE, without a password").doesNotContain("hush");
    }
    assertThat(Reading.problems("database: {driver: postgresql, url: 'postgresql://berth@db:5432/x?sslmode=verify-full'}")).isEmpty();
    assertThat(Reading.problems("http: {host: 'https://berth:hush@registry.example.com'}")).singleElement().asString()
        .doesNotContain("hush");
  }

  @Test
  void everythingThatIsWrongIsSaidAtOnce() {
    assertThat(Reading.problems("log: {level: x}", "proxy: {remoteurl: y}", "http: {adr: z}", "tags: {maxtags: -1}")).hasSize(4);
  }

  @Test
  void theShortFormsOfDistributionWork() {
    assertThat(Reading.file("storage: filesystem").serve().data()).hasToString("/var/lib/registry");
    assertThat(Reading.file("storage: {filesystem: }").serve().data()).hasToString("/var/lib/registry");
    assertThat(Reading.file("storage: {filesystem: {maxthreads: 100}}").serve().data()).hasToString("/var/lib/registry");
    assertThat(Reading.file("storage: {filesystem: {rootdirectory: /srv}}").serve().data()).hasToString("/srv");
    assertThat(Reading.file("storage: {delete: {enabled: true}}").serve().data()).hasToString("data");
    assertThat(Reading.file("auth: none", "http: {addr: ':5000'}").serve().authentication()).isEqualTo(new Authentication.None());
    assertThat(Reading.file("auth: {none: {}}").serve().authentication()).isEqualTo(new Authentication.None());
    assertThat(Reading.file("http: {net: unix, addr: /run/berth.sock}").serve().http().listen()).hasToString("unix:/run/berth.sock");
    assertThat(Reading.file("http: {addr: 'unix:/run/berth.sock'}").serve().http().listen()).hasToString("unix:/run/berth.sock");
    assertThat(Reading.file("loglevel: debug").serve().log().level()).isEqualTo(LogConfig.Level.DEBUG);
    assertThat(Reading.file("loglevel: debug", "log: {level: warn}").serve().log().level()).isEqualTo(LogConfig.Level.WARN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"proxy: {}", "proxy: {remoteurl: ''}", "proxy:", "middleware: {}", "notifications: {endpoints: []}",
    "notifications: {endpoints: [{name: x, disabled: true}]}", "log: {hooks: [{type: mail, disabled: true}]}",
    "middleware: {storage: [{name: cloudfront, disabled: true}]}",
    "validation: {manifests: {urls: {allow: ['.*']}}}", "storage: {maintenance: {uploadpurging: {dryrun: false}}}", "health: {file: []}",
    "http: {tls: {certificate: /c, key: /k, letsencrypt: {email: x}}}"})
  void whatIsRefusedMayStandWhereItAsksForNothing(String file) {
    assertThat(Reading.problems(file)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"notifications: {endpoints: [{name: x, disabled: true}, {name: y}]}", "http: {tls: {letsencrypt: {email: x}}}",
    "validation: {manifests: {urls: {deny: ['^http:']}}}",
    "validation: {manifests: {urls: {allow: ['.*'], deny: [x]}}}", "storage: {maintenance: {uploadpurging: {dryrun: true}}}"})
  void butNotWhereItAsksForSomething(String file) {
    assertThat(Reading.problems(file)).singleElement().asString().contains(": refused: ");
  }

  @Test
  void whatChangesNothingIsSaidToChangeNothing() {
    Configuration read = Reading.file("http: {secret: hush}", "redis: {addrs: [a], password: hush}", "loglevel: info",
        "health: {storagedriver: {enabled: true}}");

    assertThat(read.ignored()).extracting(Problem::path).containsExactly("http.secret", "redis", "health.storagedriver");
    assertThat(read.ignored()).allMatch(ignored -> ignored.toString().matches("config.yml:\\d:\\d+: [a-z.]+: ignored: .{20,}"));
    assertThat(read.warnings()).singleElement().asString().contains("write log.level instead");
    assertThat(read.effective() + read.ignored() + read.warnings()).doesNotContain("hush");
  }

  @Test
  void aLaterValueThatNeedsARestartIsNamed() {
    Configuration first = Reading.file("log: {level: info}", "http: {addr: '127.0.0.1:1'}");

    assertThat(first.needingRestart(Reading.file("log: {level: debug}", "http: {addr: '127.0.0.1:2', draintimeout: 30s}")))
        .containsExactly("http.addr");
    assertThat(first.needingRestart(first)).isEmpty();
  }

  @Test
  void aFlagUndoesWhatTheFileSaysOfItsPlace() {
    assertThat(Reading.flags("http: {net: unix, addr: /run/b.sock}", new Flag("--listen", List.of("http", "net"), ""),
        new Flag("--listen", List.of("http", "addr"), "127.0.0.1:0")).serve().http().listen()).hasToString("127.0.0.1:0");
    assertThat(Reading.flags("auth: {htpasswd: {path: x, realm: y}}", new Flag("--auth", List.of("auth"), "none")).serve().authentication())
        .isEqualTo(new Authentication.None());
    assertThat(Reading.flags("auth: none", new Flag("--htpasswd", List.of("auth", "none"), "false"),
        new Flag("--htpasswd", List.of("auth", "htpasswd", "path"), "users")).serve().authentication())
        .hasToString("Sources[passwordFile=Optional[PasswordFile[file=users, realm=Berth]], accounts=false]");
  }
}
