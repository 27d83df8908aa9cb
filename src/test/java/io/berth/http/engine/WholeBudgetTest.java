package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.http.engine.WholeBudget.Share;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which answers may be in memory. */
@Timeout(60)
class WholeBudgetTest {

  private static final long LONG = Duration.ofHours(1).toNanos();

  private static void never() {
    throw new AssertionError("given up");
  }

  private static Share hold(WholeBudget budget, byte[] body, String client) {
    return budget.hold(body, client, WholeBudgetTest::never);
  }

  @Test
  void countsAnArrayOnceHoweverManySendIt() {
    WholeBudget budget = new WholeBudget(100, LONG);
    byte[] shared = new byte[80];
    Share first = hold(budget, shared, null);
    Share second = hold(budget, shared, null);
    assertThat(first).isNotNull();
    assertThat(second).isNotNull();
    assertThat(budget.held()).isEqualTo(80);
    assertThat(hold(budget, new byte[80], null)).isNull();
    first.leave();
    first.leave();
    assertThat(hold(budget, new byte[80], null)).isNull();
    second.leave();
    assertThat(budget.held()).isZero();
    assertThat(hold(budget, new byte[800], null)).as("one that is larger than all there is, when there is nothing else").isNotNull();
  }

  @Test
  void oneClientHasAQuarterAndLeavesTheRestToOthers() {
    WholeBudget budget = new WholeBudget(100, LONG);
    byte[] known = new byte[20];
    Share first = hold(budget, known, "a");
    assertThat(first).isNotNull();
    assertThat(hold(budget, new byte[10], "a")).as("more than a quarter").isNull();
    assertThat(hold(budget, known, "a")).as("once more what is there").isNotNull();
    assertThat(hold(budget, new byte[60], "b")).as("one that is more than a quarter").isNotNull();
    assertThat(hold(budget, known, "b")).as("what is no more memory, but more than his quarter").isNull();
    assertThat(hold(budget, new byte[20], "c")).isNotNull();
    assertThat(budget.held()).isEqualTo(100);
    first.leave();
    assertThat(budget.held()).as("another one of his sends it still").isEqualTo(100);
  }

  @Test
  void takesTheAnswerFromWhoIsLateWhenHalfIsInUse() throws Exception {
    WholeBudget budget = new WholeBudget(100, 1);
    CompletableFuture<String> lost = new CompletableFuture<>();
    Share late = budget.hold(new byte[40], null, () -> lost.complete("late"));
    assertThat(late).isNotNull();
    assertThat(lost).isNotDone();
    assertThat(budget.hold(new byte[20], null, () -> {
    })).isNotNull();
    assertThat(lost.get()).isEqualTo("late");
  }
}
