package io.berth.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RegistryAddressTest {

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "localhost:5000", "LOCALHOST:5000", "127.0.0.1:5000", "127.255.0.1", "[::1]:5000"})
  void thisMachineIsAskedInPlainHttp(String host) {
    assertThat(RegistryAddress.of(host, false)).hasToString("http://" + host).extracting(RegistryAddress::secretsAllowed).isEqualTo(true);
  }

  @ParameterizedTest
  @ValueSource(strings = {"registry.example.com", "localhost.example.com:5000", "127.0.0.1.example.com", "128.0.0.1:5000", "[::2]:5000",
    "127.0.0.1.evil:80"})
  void everyOtherIsAskedOverTlsUnlessOneSaysOtherwise(String host) {
    assertThat(RegistryAddress.of(host, false)).hasToString("https://" + host);
    assertThat(RegistryAddress.of(host, true)).hasToString("http://" + host);
  }

  @Test
  void aUrlSaysItselfHowToAsk() {
    assertThat(RegistryAddress.at(URI.create("https://localhost:5000/"), false)).hasToString("https://localhost:5000");
    assertThat(RegistryAddress.at(URI.create("HTTP://registry.example.com"), false))
        .isEqualTo(new RegistryAddress(URI.create("http://registry.example.com"), false));
    assertThat(RegistryAddress.at(URI.create("http://registry.example.com"), true).secretsAllowed()).isTrue();
    assertThat(RegistryAddress.at(URI.create("http://registry"), false).host()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://a.example", "registry.example.com", "http://", "http://user:password@a.example", "http://a.example/path",
    "http://a.example?x", "http://a.example#x", "http://a_b.example", "http://a.example:99999"})
  void whatIsMoreOrLessThanAnAddressIsRefused(String url) {
    assertThatThrownBy(() -> RegistryAddress.at(URI.create(url), false)).isInstanceOf(IllegalArgumentException.class);
  }
}
