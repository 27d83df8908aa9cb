package io.berth.http.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.http.engine.PieceBudget.Share;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who gets a piece of a file, and when. */
@Timeout(60)
class PieceBudgetTest {

  private static final int KIB = 1024;
  private static final long LONG = Duration.ofHours(1).toNanos();

  private static void never() {
    throw new AssertionError("given up");
  }

  private static Share file(PieceBudget budget, String client) {
    return budget.file(client, PieceBudgetTest::never);
  }

  @Test
  void givesSmallerPiecesTheMoreFilesThereAre() {
    PieceBudget budget = new PieceBudget(256 * KIB, LONG);
    Share first = file(budget, null);
    assertThat(first.take(128 * KIB)).isEqualTo(128 * KIB);
    first.taken(128 * KIB);
    List<Share> others = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      others.add(file(budget, null));
    }
    assertThat(first.take(128 * KIB)).isEqualTo(64 * KIB);
    assertThat(first.take(1000)).isEqualTo(1000);
    for (int i = 0; i < 100; i++) {
      others.add(file(budget, null));
    }
    assertThat(first.take(128 * KIB)).isEqualTo(16 * KIB);
    others.forEach(Share::leave);
    first.taken(16 * KIB + 1000 + 64 * KIB);
    assertThat(budget.held()).isZero();
    assertThat(first.take(128 * KIB)).isEqualTo(128 * KIB);
  }

  @Test
  void letsThoseInLineWaitForTheirTurn() throws Exception {
    PieceBudget budget = new PieceBudget(32 * KIB, LONG);
    Share holder = file(budget, null);
    Share other = file(budget, null);
    Share waiter = file(budget, null);
    assertThat(holder.take(16 * KIB)).isEqualTo(16 * KIB);
    assertThat(other.take(16 * KIB)).isEqualTo(16 * KIB);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var waiting = threads.submit(() -> waiter.take(100));
      Awaitility.await().until(() -> budget.waiting() == 1);
      assertThat(waiting).isNotDone();
      assertThat(budget.held()).isEqualTo(32 * KIB);
      holder.taken(16 * KIB);
      assertThat(waiting.get()).isEqualTo(100);
      var leaving = threads.submit(() -> holder.take(16 * KIB));
      Awaitility.await().until(() -> budget.waiting() == 1);
      holder.leave();
      assertThat(leaving.get()).isZero();
    }
    other.taken(16 * KIB);
    waiter.taken(100);
    assertThat(budget.held()).isZero();
  }

  @Test
  void takesTheAnswerFromWhoTakesNothingButOnlyForAnother() throws Exception {
    PieceBudget budget = new PieceBudget(16 * KIB, 1);
    CompletableFuture<String> lost = new CompletableFuture<>();
    Share stale = budget.file(null, () -> lost.complete("stale"));
    assertThat(stale.take(16 * KIB)).isEqualTo(16 * KIB);
    assertThat(lost).isNotDone();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var next = threads.submit(() -> file(budget, null).take(16 * KIB));
      assertThat(lost.get()).isEqualTo("stale");
      stale.taken(16 * KIB);
      assertThat(next.get()).isEqualTo(16 * KIB);
    }
  }

  @Test
  void leavesOthersThreeQuarters() throws Exception {
    PieceBudget budget = new PieceBudget(256 * KIB, LONG);
    List<Share> greedy = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> taking = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        Share share = file(budget, "greedy");
        greedy.add(share);
        taking.add(threads.submit(() -> share.take(16 * KIB)));
      }
      Awaitility.await().until(() -> taking.stream().filter(Future::isDone).count() == 4);
      assertThat(budget.held()).isEqualTo(64 * KIB);

      assertThat(file(budget, "other").take(16 * KIB)).as("another one's, at once").isEqualTo(16 * KIB);

      greedy.forEach(Share::leave);
      int got = 0;
      for (Future<Integer> each : taking) {
        got += each.get();
      }
      assertThat(got).isEqualTo(64 * KIB);
    }
  }

  @Test
  void leavesRoomForWhoComesNext() {
    PieceBudget budget = new PieceBudget(1024 * KIB, LONG);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Share> greedy = new ArrayList<>();
      for (int i = 0; i < 10 * 64; i++) {
        Share share = file(budget, "greedy" + i % 10);
        greedy.add(share);
        var _ = threads.submit(() -> share.take(16 * KIB));
      }
      Awaitility.await().until(() -> budget.waiting() == 0 && budget.held() > 700 * KIB);
      assertThat(file(budget, "next").take(16 * KIB)).as("at once").isEqualTo(16 * KIB);
      assertThat(file(budget, "after").take(16 * KIB)).as("at once").isEqualTo(16 * KIB);
      greedy.forEach(Share::leave);
    }
  }

  /** The first clients have the rest, and an eighth is left for ten others. */
  @Test
  void keepsAnEighthForClientsThatHoldNothing() {
    PieceBudget budget = new PieceBudget(1280 * KIB, LONG);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Share> greedy = new ArrayList<>();
      for (int i = 0; i < 6 * 20; i++) {
        greedy.add(file(budget, "greedy" + i % 6));
      }
      greedy.forEach(share -> threads.execute(() -> share.take(128 * KIB)));
      Awaitility.await().until(() -> budget.waiting() == 0 && budget.held() > 900 * KIB);
      List<Integer> got = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        got.add(file(budget, "next" + i).take(128 * KIB));
      }
      greedy.forEach(Share::leave);
      assertThat(got).as("at once").allMatch(bytes -> bytes >= 16 * KIB);
      assertThat(got.getLast()).isEqualTo(16 * KIB);
    }
  }

  /** Four clients hold all there is, one comes with many files, and then one with a single one. */
  @Test
  void letsClientsTakeTurnsHoweverManyFilesEachHas() throws Exception {
    PieceBudget budget = new PieceBudget(64 * KIB, LONG);
    List<Share> holders = new ArrayList<>();
    for (String client : List.of("a", "b", "c", "d")) {
      Share share = file(budget, client);
      assertThat(share.take(16 * KIB)).isEqualTo(16 * KIB);
      holders.add(share);
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Share> crowd = new ArrayList<>();
      List<Future<Integer>> waiting = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        Share share = file(budget, "crowd");
        crowd.add(share);
        waiting.add(threads.submit(() -> share.take(16 * KIB)));
      }
      Awaitility.await().until(() -> budget.waiting() == 10);
      Share late = file(budget, "late");
      Future<Integer> second = threads.submit(() -> late.take(16 * KIB));
      Awaitility.await().until(() -> budget.waiting() == 11);

      holders.get(0).taken(16 * KIB);
      holders.get(1).taken(16 * KIB);

      assertThat(second.get()).as("the second piece that comes free").isEqualTo(16 * KIB);
      crowd.forEach(Share::leave);
      int got = 0;
      for (Future<Integer> each : waiting) {
        got += each.get();
      }
      assertThat(got).as("the first one").isEqualTo(16 * KIB);
    }
  }

  @Test
  void forgetsClientsThatAreDone() {
    PieceBudget budget = new PieceBudget(64 * KIB, LONG);
    Share one = file(budget, "a");
    Share two = file(budget, "a");
    int some = one.take(100);
    assertThat(budget.clients()).isEqualTo(1);
    one.leave();
    two.leave();
    assertThat(budget.clients()).as("with a piece under way").isEqualTo(1);
    one.taken(some);
    assertThat(budget.clients()).isZero();
  }
}
