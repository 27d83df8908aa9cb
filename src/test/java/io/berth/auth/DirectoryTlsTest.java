package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.auth.DirectoryTerms.Protection;
import io.berth.http.engine.TestCertificate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Passwords go to the server that was named, and to nobody on the way. */
final class DirectoryTlsTest {

  @TempDir static Path folder;

  private static TestCertificate own;
  private static TestCertificate elsewhere;

  @BeforeAll
  static void certify() throws Exception {
    own = TestCertificate.selfSigned(folder, "directory");
    elsewhere = TestCertificate.selfSigned(folder, "elsewhere", "-ext", "SAN=dns:elsewhere.example");
  }

  private static People people(Protection protection, TestCertificate certificate) throws Exception {
    SSLContext tls = certificate.client(certificate);
    return protection == Protection.TLS ? People.tls(tls) : People.startTls(tls);
  }

  private static Passwords.Found login(People people, Protection protection, SSLContext trust) {
    return login("127.0.0.1", people, protection, trust);
  }

  private static Passwords.Found login(String host, People people, Protection protection, SSLContext trust) {
    var terms = new DirectoryTerms(List.of(new DirectoryTerms.Server(host, people.port(), protection)),
        Optional.of(new DirectoryTerms.Account(People.ACCOUNT, "let me look")),
        new DirectoryTerms.People(Optional.empty(), People.BASE, "(uid={user})", "uid"),
        new DirectoryTerms.Groups(Optional.empty(), "memberOf", Optional.empty(), Map.of()), Duration.ZERO,
        new DirectoryTerms.Patience(Duration.ofSeconds(5), Duration.ofSeconds(5)), 2);
    try (var directory = new Directory(terms, trust)) {
      return directory.find(new Credentials.Basic("alice", "wonder"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS", "START_TLS"})
  void aServerWhoseCertificateIsTrustedIsTold(Protection protection) throws Exception {
    try (People people = people(protection, own)) {
      assertThat(login(people, protection, own.client(null))).isInstanceOf(Passwords.Found.Good.class);
      assertThat(login("localhost", people, protection, own.client(null))).isInstanceOf(Passwords.Found.Good.class);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS", "START_TLS"})
  void oneThatNobodyTrustsIsNot(Protection protection) throws Exception {
    try (People people = people(protection, own)) {
      assertThatThrownBy(() -> login(people, protection, elsewhere.client(null))).isInstanceOf(Passwords.UnavailableException.class);
      assertThatThrownBy(() -> login(people, protection, SSLContext.getDefault())).isInstanceOf(Passwords.UnavailableException.class);
      assertThat(people.passwords()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TLS", "START_TLS"})
  void norIsOneWithACertificateForAnotherHost(Protection protection) throws Exception {
    try (People people = people(protection, elsewhere)) {
      assertThatThrownBy(() -> login(people, protection, elsewhere.client(null))).isInstanceOf(Passwords.UnavailableException.class);
      assertThatThrownBy(() -> login("localhost", people, protection, elsewhere.client(null)))
          .isInstanceOf(Passwords.UnavailableException.class);
      assertThat(people.passwords()).isEmpty();
    }
  }

  @Test
  void whereTlsIsWantedAndNotSpokenNothingIsTold() throws Exception {
    try (People people = People.plain()) {
      assertThatThrownBy(() -> login(people, Protection.START_TLS, own.client(null))).isInstanceOf(Passwords.UnavailableException.class);
      assertThatThrownBy(() -> login(people, Protection.TLS, own.client(null))).isInstanceOf(Passwords.UnavailableException.class);
      assertThat(people.passwords()).isEmpty();
    }
  }
}
