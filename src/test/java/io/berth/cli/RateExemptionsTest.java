package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.config.Configuration;
import io.berth.config.InvalidConfiguration;
import io.berth.policy.Identity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whom the rates of identities are not about. */
final class RateExemptionsTest {

  @Test
  void aGroupOfTheConfigurationMayBeExempt() throws InvalidConfiguration {
    String text = """
        auth: {htpasswd: {path: /users}}
        access: {groups: {builders: ['user:ci-*']}}
        http: {limits: {rates: {identity: {pull: 10/m}, exempt: ['group:builders']}}}
        """;
    var sources = new Configuration.Sources(Optional.of(new Configuration.File("config.yml", text)), Map.of(), List.of());
    var exempt = AccessSettings.rates(Configuration.read(sources).serve()).exempt();

    assertThat(exempt.test(new Identity.User("ci-7"))).isTrue();
    assertThat(exempt.test(new Identity.User("alice"))).isFalse();
  }
}
