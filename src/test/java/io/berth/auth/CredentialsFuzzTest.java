package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.berth.Fuzz;

/** Strangers' {@code Authorization} fields. */
final class CredentialsFuzzTest {

  @FuzzTest
  void basic(byte[] input) {
    BasicCredentials credentials = BasicCredentials.parse(Fuzz.text(input));
    if (credentials != null) {
      assertThat(credentials.user()).isNotEmpty().doesNotContain(":", "\n", "\0");
      assertThat(credentials.toString()).isEqualTo("BasicCredentials[user=" + credentials.user() + ", password=•••]");
    }
  }
}
