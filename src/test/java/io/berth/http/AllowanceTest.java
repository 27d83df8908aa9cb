package io.berth.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.RegistryException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who gets room for a manifest, and who is told to come again. */
final class AllowanceTest {

  private final Allowance allowance = new Allowance(400 * 1024, Duration.ofMillis(1));

  @Test
  void oneClientHasAQuarterAndLeavesTheRestToOthers() {
    var held = allowance.take(100 * 1024, "a");

    assertThatThrownBy(() -> allowance.take(1, "a")).isInstanceOfSatisfying(RegistryException.class,
        refusal -> assertThat(refusal.status()).isEqualTo(503));
    allowance.take(100 * 1024, "b").close();

    held.close();
    allowance.take(100 * 1024, "a").close();
    assertThat(allowance.clients()).isZero();
  }

  @Test
  void allTogetherHaveNoMoreThanThereIs() {
    for (String client : new String[] {"a", "b", "c", "d"}) {
      allowance.take(100 * 1024, client);
    }

    assertThatThrownBy(() -> allowance.take(1, "e")).isInstanceOf(RegistryException.class);
    assertThat(allowance.clients()).isEqualTo(4);
  }

  @Test
  void whoWantsMoreThanHisShareGetsItAll() {
    allowance.take(Long.MAX_VALUE / 2, "a").close();

    assertThat(allowance.clients()).isZero();
  }
}
