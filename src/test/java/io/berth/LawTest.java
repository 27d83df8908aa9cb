package io.berth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import org.junit.jupiter.api.Test;

final class LawTest {

  @Test
  void everyGeneratedValueIsChecked() {
    var seen = new ArrayList<Integer>();

    Law.forAll(random -> random.nextInt(), seen::add);

    assertThat(seen).hasSize(2_000);
  }

  @Test
  void aFailureNamesTheSeedAndTheValue() {
    assertThatThrownBy(() -> Law.forAll(_ -> "unlucky\n", value -> assertThat(value).isEmpty()))
        .isInstanceOf(AssertionError.class).hasMessageContaining("value 0 of -Dlaw.seed=").hasMessageContaining("unlucky\\u000a")
        .hasCauseInstanceOf(AssertionError.class);
  }
}
