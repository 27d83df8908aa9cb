package io.berth.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TargetTest {

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:5000", "http://127.0.0.1:5000", "HTTP://127.0.0.1:5000/"})
  void aTargetIsAHostAndAPort(String text) {
    Target target = Target.parse(text);

    assertThat(target.authority()).isEqualTo("127.0.0.1:5000");
    assertThat(target.name()).isEqualTo("127.0.0.1:5000");
    assertThat(target.address().getPort()).isEqualTo(5000);
    assertThat(target.loopback()).isTrue();
  }

  @Test
  void itMayHaveANameAndAnIpv6Address() {
    Target target = Target.parse("ours=http://[::1]:5000");

    assertThat(target.name()).isEqualTo("ours");
    assertThat(target.authority()).isEqualTo("[::1]:5000");
    assertThat(target.loopback()).isTrue();
    assertThat(target.isCalled("ours")).isTrue();
    assertThat(target.isCalled("[::1]:5000")).isTrue();
    assertThat(target.isCalled("theirs")).isFalse();
  }

  @Test
  void whatIsNotThisMachineIsKnown() {
    assertThat(Target.parse("192.0.2.1:5000").loopback()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "http://", "127.0.0.1:99999", "http://127.0.0.1:5000/v2/", "http://user@127.0.0.1:5000", "a b"})
  void otherTextsAreRefused(String text) {
    assertThatThrownBy(() -> Target.parse(text)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected http://HOST:PORT");
  }

  @Test
  void httpsIsRefusedInWords() {
    assertThatThrownBy(() -> Target.parse("https://127.0.0.1:5000")).hasMessageContaining("plain HTTP only");
  }
}
