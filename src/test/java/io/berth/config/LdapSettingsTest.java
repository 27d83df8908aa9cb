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

/** A directory as an operator describes it, and the mistakes that can be made in it. */
final class LdapSettingsTest {

  @Test
  void withoutAnyThereIsNone() {
    assertThat(ServeConfig.defaults().access().people()).isEqualTo(PeopleConfig.NOBODY);
  }

  @Test
  void everyKeyReachesTheRecord() {
    ServeConfig serve =
        Reading.file("auth:", "  ldap:", "    url: [LDAPS://a.example, 'ldap://b.example:1389']", "    rootcertbundle: /ca.pem",
            "    binddn: cn=berth,dc=example", "    bindpasswordfile: /secret", "    base: ou=people,dc=example",
            "    filter: (&(cn={user})(x=y))",
            "    attribute: cn", "    groupbase: ou=groups,dc=example", "    groupattribute: isMemberOf", "    groupfilter: (member={dn})",
            "    groups: {root: 'cn=admins,dc=example'}", "    remember: 2m", "    connecttimeout: 1s", "    timeout: 2s",
            "    connections: 3").serve();

    assertThat(serve.access().people().directory()).contains(new LdapConfig(
        List.of(URI.create("ldaps://a.example"), URI.create("ldap://b.example:1389")), false, Optional.of(Path.of("/ca.pem")),
        Optional.of(new LdapConfig.Account("cn=berth,dc=example", Path.of("/secret"))),
        new LdapConfig.People(Optional.empty(), Optional.of("ou=people,dc=example"), "(&(cn={user})(x=y))", "cn"),
        new LdapConfig.Groups(Optional.of("ou=groups,dc=example"), "isMemberOf", Optional.of("(member={dn})"),
            Map.of("root", "cn=admins,dc=example")),
        Duration.ofMinutes(2), Duration.ofSeconds(1), Duration.ofSeconds(2), 3));
    assertThat(serve.authentication().isOpen()).isFalse();
    assertThat(serve.access().tokens().enabled()).isTrue();
  }

  @Test
  void anAddressOfThisMachineMayDoWithoutTls() {
    assertThat(
        Reading.file("auth: {ldap: {url: 'ldap://127.0.0.1', plain: true, userdn: 'uid={user},dc=example'}}").serve().access().people()
            .directory().orElseThrow().people().filter())
        .isEqualTo("(objectClass=*)");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
    "url: 'ldap://a.example', base: dc=x, plain: true                               | passwords would be sent for everyone",
    "url: 'http://a.example', base: dc=x                                            | expected a URL with ldap or ldaps",
    "url: 'ldaps://a.example/dc=x', base: dc=x                                      | without anything behind it",
    "url: 'ldaps://a.example'                                                       | give auth.ldap.base, or auth.ldap.userdn",
    "url: 'ldaps://a.example', base: dc=x, userdn: 'uid={user},dc=x'                | 'auth.ldap.base' is given too",
    "url: 'ldaps://a.example', base: nowhere                                        | is no name of an entry",
    "url: 'ldaps://a.example', userdn: uid=alice                                    | everybody would have the same entry",
    "url: 'ldaps://a.example', base: dc=x, filter: (objectClass=person)             | anybody would fit it",
    "url: 'ldaps://a.example', base: dc=x, filter: '(uid={user}'                    | is no filter",
    "url: 'ldaps://a.example', base: dc=x, groupbase: dc=x, groupfilter: (cn=*)     | everybody would be in each group",
    "url: 'ldaps://a.example', base: dc=x, groupfilter: '(member={dn})'             | give auth.ldap.groupbase",
    "url: 'ldaps://a.example', base: dc=x, groupattribute: x                        | give auth.ldap.groupbase",
    "url: 'ldaps://a.example', base: dc=x, binddn: cn=x                             | give both",
    "url: 'ldaps://a.example', base: dc=x, bindpasswordfile: /x                     | give both",
    "url: 'ldaps://a.example', base: dc=x, bindpassword: hush                       | did you mean",
    "url: 'ldaps://a.example', base: dc=x, remember: 2h                             | 1h",
    "base: dc=x                                                                     | give auth.ldap.url",
  })
  void mistakesAreNamedWithTheRemedy(String settings, String message) {
    assertThat(Reading.problems("auth:", "  ldap: {" + settings + "}")).first().asString().contains("config.yml:2:").contains(message);
  }

  @Test
  void everyoneAndADirectoryContradictEachOther() {
    assertThat(Reading.problems("auth: {none: true, ldap: {url: 'ldaps://a.example', base: dc=x}}")).singleElement().asString()
        .contains("contradict each other");
  }
}
