package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.http.engine.Holdings.Holding;
import org.junit.jupiter.api.Test;

/** Who is too slow. */
final class HoldingsTest {

  private static final long PATIENCE = 1_000;

  private long now = 17;
  private final Holdings holdings = new Holdings(PATIENCE, () -> now);
  private final Object client = new Object();

  private Holding holding(long bytes) {
    Holding one = new Holding(client, () -> {
    });
    holdings.add(one, bytes);
    return one;
  }

  @Test
  void whoTakesNothingIsLateWhenTheTimeIsOver() {
    var _ = holding(400);
    now += PATIENCE - 1;
    assertThat(holdings.giveUpLate(null)).isZero();
    now++;
    assertThat(holdings.giveUpLate(new Object())).as("another client's").isZero();
    assertThat(holdings.giveUpLate(client)).isEqualTo(1);
    assertThat(holdings.giveUpLate(null)).as("a second time").isZero();
  }

  @Test
  void whoTakesWhatIsHeldInThatTimeGoesOnForEver() {
    Holding steady = holding(400);
    for (int i = 0; i < 100; i++) {
      now += PATIENCE / 4;
      holdings.moved(steady, 100);
      assertThat(holdings.giveUpLate(null)).isZero();
    }
  }

  @Test
  void whoTakesHalfOfThatIsLateHoweverOftenHeMoves() {
    Holding trickling = holding(500);
    int moves = 0;
    for (; holdings.giveUpLate(null) == 0; moves++) {
      now += 4;
      holdings.moved(trickling, 1);
    }
    assertThat(moves * 4L).isEqualTo(2 * PATIENCE);
  }

  @Test
  void aFastBeginningIsNoLeaveToStopForLong() {
    Holding fast = holding(400);
    for (int i = 0; i < 1000; i++) {
      now++;
      holdings.moved(fast, 400);
    }
    now += PATIENCE;
    assertThat(holdings.giveUpLate(null)).isEqualTo(1);
  }

  @Test
  void whoWasSlowForLongMayMakeGoodForIt() {
    Holding slow = holding(400);
    now += 100 * PATIENCE;
    for (int i = 0; i < 8; i++) {
      holdings.moved(slow, 100);
    }
    assertThat(holdings.giveUpLate(null)).isZero();
  }

  @Test
  void whoHoldsNothingIsNotLate() {
    Holding empty = holding(400);
    holdings.remove(empty, 400);
    now += 2 * PATIENCE;
    assertThat(holdings.giveUpLate(null)).isZero();
    holdings.add(empty, 10);
    now += PATIENCE - 1;
    assertThat(holdings.giveUpLate(null)).isZero();
  }
}
