package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.config.ServeConfig.Authentication;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ServeConfigTest {

  private static ServeConfig config(Authentication authentication) {
    return ServeConfig.defaults().withListen(new ListenAddress.Tcp("192.0.2.1", 5000)).withAuthentication(authentication);
  }

  @Test
  void byDefaultOnlyThisMachineIsServed() {
    assertThat(ServeConfig.defaults().http().listen()).hasToString("127.0.0.1:5000");
    assertThat(ServeConfig.defaults().authentication()).isEqualTo(new Authentication.Unstated());
    assertThat(ServeConfig.defaults().problem(true)).isEmpty();
  }

  @Test
  void withoutAWordOnAuthenticationOthersAreNotServed() {
    assertThat(config(new Authentication.Unstated()).problem(false).orElseThrow()).contains("192.0.2.1:5000").contains("--htpasswd")
        .contains("--auth none");
  }

  @Test
  void whoSaysWhoMayComeInMayServeEveryone() {
    assertThat(config(new Authentication.None()).problem(false)).isEmpty();
    assertThat(
        config(new Authentication.Sources(Optional.of(new Authentication.PasswordFile(Path.of("users"), "Berth")), false)).problem(false))
        .isEmpty();
  }

  @Test
  void aSecretIsNeverPrinted() {
    assertThat(new Secret("hunter2")).hasToString(Secret.MASK);
    assertThat(String.valueOf(List.of(new Secret("hunter2")))).doesNotContain("hunter2");
  }
}
