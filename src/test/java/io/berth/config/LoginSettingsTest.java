package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Providers with which people log in with a browser, as an operator names them, and the mistakes that can be made in it. */
final class LoginSettingsTest {

  private static final String HOST = "http: {host: 'https://registry.example.com'}";
  private static final String RULES = "access: {rules: [{name: a, who: 'group:dev', actions: pull}]}";

  private static String[] lines(String... entries) {
    return new String[] {HOST, RULES, "auth: {logins: [" + String.join(", ", entries) + "]}"};
  }

  @Test
  void everyKeyReachesTheRecord() {
    ServeConfig serve = Reading
        .file(lines("{name: corp, issuer: 'https://sso.example', clientid: berth, clientsecretfile: /s, scopes: [email],"
            + " username: email, groups: roles, claims: {hd: [example.com]}, lifetime: 8h}",
            "{name: b, issuer: 'https://b.example', clientid: x}"))
        .serve();

    assertThat(serve.access().people().logins()).containsExactly(
        new LoginConfig("corp", URI.create("https://sso.example"), "berth", Optional.of(Path.of("/s")), List.of("openid", "email"), "email",
            "roles", Map.of("hd", List.of("example.com")), Duration.ofHours(8), false),
        new LoginConfig("b", URI.create("https://b.example"), "x", Optional.empty(), List.of("openid", "profile"), "preferred_username",
            "groups", Map.of(), Duration.ofDays(1), false));
    assertThat(serve.authentication().isOpen()).isFalse();
    assertThat(serve.access().tokens().enabled()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
    "{issuer: 'https://a.example', clientid: x}                                                        | a provider has a name",
    "{name: corp, clientid: x}                                                                         | a provider has a issuer",
    "{name: corp, issuer: 'https://a.example'}                                                         | a provider has a clientid",
    "{name: a/b, issuer: 'https://a.example', clientid: x}                                             | a name of letters",
    "{name: corp, issuer: 'http://a.example', clientid: x}                                             | write https",
    "{name: corp, issuer: 'http://a.example', clientid: x, plainhttp: true}                            | write https",
    "{name: corp, issuer: 'https://a.example?x', clientid: x}                                          | has no query",
    "{name: corp, issuer: 'https://a.example', clientid: x, clientsecret: hush}                        | clientsecretfile",
    "{name: corp, issuer: 'https://a.example', clientid: x, claims: {hd: []}}                          | 'claims' has no value",
    "{name: corp, issuer: 'https://a.example', clientid: x, lifetime: 1m}                              | 5m",
    "{name: corp, issuer: 'https://a.example', clientid: x, lifetime: 9999h}                           | 2160h",
  })
  void mistakesAreNamedWithTheRemedy(String entry, String message) {
    assertThat(Reading.problems(lines(entry))).first().asString().contains("config.yml:3:").contains(message).doesNotContain("hush");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
    "{}                                          | give http.host",
    "host: 'http://registry.example.com'         | begins with https",
  })
  void theProviderHasToKnowWherePeopleGoBackTo(String http, String message) {
    assertThat(Reading.problems("http: {" + http.replace("{}", "") + "}", RULES,
        "auth: {logins: [{name: corp, issuer: 'https://a.example', clientid: x}]}")).singleElement().asString().contains("config.yml:3:")
        .contains(message);
  }

  @Test
  void aProviderOfEverybodyNeedsRulesOrClaims() {
    assertThat(Reading.problems(HOST, "auth: {logins: [{name: corp, issuer: 'https://a.example', clientid: x}]}")).singleElement()
        .asString()
        .contains("everybody who has an account with 'corp' may do everything");
    assertThat(
        Reading.problems(HOST, "auth: {logins: [{name: corp, issuer: 'https://a.example', clientid: x, claims: {hd: [a.example]}}]}"))
        .isEmpty();
  }

  @Test
  void namesInCertificatesAndThoseOfAProviderStayApart() {
    assertThat(Reading.problems(
        "http: {host: 'https://registry.example.com', tls: {certificate: /c, key: /k, clientcas: [/ca]}}", RULES,
        "auth: {certificates: {user: cn, provider: corp}, logins: [{name: corp, issuer: 'https://a.example', clientid: x}]}"))
        .singleElement()
        .asString().contains("choose another name");
  }
}
