package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AmountsTest {

  @ParameterizedTest
  @CsvSource({"4096,4096", "64K,65536", "16MiB,16777216", "1g,1073741824", "10b,10"})
  void bytes(String text, long bytes) {
    assertThat(Amounts.bytes(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5G", "K", "12 M", "999999999999T"})
  void otherBytesAreRefused(String text) {
    assertThatThrownBy(() -> Amounts.bytes(text)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("bytes");
  }

  @Test
  void times() {
    assertThat(Amounts.time("500ms")).isEqualTo(Duration.ofMillis(500));
    assertThat(Amounts.time("10")).isEqualTo(Duration.ofSeconds(10));
    assertThat(Amounts.time("10s")).isEqualTo(Duration.ofSeconds(10));
    assertThat(Amounts.time("2m")).isEqualTo(Duration.ofMinutes(2));
    assertThatThrownBy(() -> Amounts.time("soon")).hasMessageContaining("expected a time");
  }
}
