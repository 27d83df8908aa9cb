package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BodyBudgetTest {

  private static final int K = 1024;

  private final List<String> granted = new ArrayList<>();

  @Test
  void servesThoseInLineInTheOrderOfTheirArrival() {
    BodyBudget budget = new BodyBudget(64 * K, 256 * K);
    assertThat(budget.take(48 * K, bytes -> granted.add("never"))).isTrue();
    assertThat(budget.take(32 * K, bytes -> granted.add("a" + bytes / K))).isFalse();
    assertThat(budget.take(16 * K, bytes -> granted.add("b" + bytes / K))).isFalse(); // there would be room, but a was first
    assertThat(budget.takeSome(K)).isZero();
    budget.release(8 * K);
    assertThat(granted).isEmpty();
    budget.release(8 * K);
    assertThat(granted).containsExactly("a32");
    budget.release(32 * K);
    assertThat(granted).containsExactly("a32", "b16");
    assertThat(budget.taken()).isEqualTo(48 * K);
    assertThat(budget.takeSome(100 * K)).isEqualTo(16 * K);
  }

  @Test
  void countsWhatCameUnaskedUpToAReserve() {
    BodyBudget budget = new BodyBudget(64 * K, 256 * K);
    assertThat(budget.takeSome(64 * K)).isEqualTo(64 * K);
    assertThat(budget.takeUnasked(10 * K)).isTrue();
    assertThat(budget.takeUnasked(10 * K)).isFalse();
    budget.release(10 * K);
    assertThat(budget.takeSome(K)).isZero();
    assertThat(budget.taken()).isEqualTo(64 * K);
  }

  @Test
  void givesEveryBodyAnEqualShareWithinBounds() {
    BodyBudget budget = new BodyBudget(1024 * K, 256 * K);
    budget.enter();
    assertThat(budget.share(512 * K)).isEqualTo(512 * K);
    for (int i = 1; i < 8; i++) {
      budget.enter();
    }
    assertThat(budget.share(512 * K)).isEqualTo(128 * K);
    for (int i = 8; i < 1000; i++) {
      budget.enter();
    }
    assertThat(budget.share(512 * K)).isEqualTo(budget.least()).isEqualTo(16 * K);
    for (int i = 1; i < 1000; i++) {
      budget.leave();
    }
    assertThat(budget.share(512 * K)).isEqualTo(512 * K);
  }
}
