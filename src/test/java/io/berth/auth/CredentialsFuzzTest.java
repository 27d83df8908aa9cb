package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.berth.Fuzz;
import java.util.Optional;

/** Strangers' {@code Authorization} fields. */
final class CredentialsFuzzTest {

  @FuzzTest
  void basic(byte[] input) {
    if (Credentials.parse(Optional.of(Fuzz.text(input))) instanceof Credentials.Basic credentials) {
      assertThat(credentials.user()).isNotEmpty().doesNotContain(":", "\n", "\0");
      assertThat(credentials.toString()).isEqualTo("Basic[user=" + credentials.user() + ", password=•••]");
    }
  }
}
