package io.berth.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class HealthTest {

  private static final Duration NOTHING = Duration.ZERO;
  private static final Duration LONG = Duration.ofMinutes(1);

  @Test
  void allIsWell() {
    assertThat(new Health(Map.of("a", Optional::empty)).problems()).isEmpty();
    assertThat(new Health(Map.of()).problems()).isEmpty();
  }

  @Test
  void whatIsWrongIsSaidInTheChecksOwnWords() {
    var checks = new LinkedHashMap<String, Health.Check>();
    checks.put("a", () -> Optional.of("the first thing is wrong"));
    checks.put("b", Optional::empty);
    checks.put("c", () -> {
      throw new IllegalStateException("/secret/path");
    });

    assertThat(new Health(checks).problems()).containsExactly(Map.entry("a", "the first thing is wrong"), Map.entry("c", "c fails"));
  }

  @Test
  void manyQuestionsAreOneCheck() {
    var runs = new AtomicInteger();
    var health = new Health(Map.of("a", () -> Optional.of("run " + runs.incrementAndGet())), LONG, LONG);

    for (int i = 0; i < 100; i++) {
      assertThat(health.problems()).containsEntry("a", "run 1");
    }
  }

  @Test
  void aCheckThatHangsIsAProblemAndIsNotStartedAgain() throws InterruptedException {
    var release = new CountDownLatch(1);
    var runs = new AtomicInteger();
    var health = new Health(Map.of("a", () -> {
      runs.incrementAndGet();
      release.await();
      return Optional.empty();
    }), NOTHING, Duration.ofMillis(50));

    assertThat(health.problems()).containsEntry("a", "a does not answer");
    assertThat(health.problems()).containsEntry("a", "a does not answer");
    assertThat(runs).hasValue(1);
    release.countDown();
    Thread.sleep(50);
    assertThat(health.problems()).isEmpty();
  }

  @Test
  void whatIsWellAgainIsWell() {
    var state = new AtomicReference<>(Optional.of("broken"));
    var health = new Health(Map.of("a", state::get), NOTHING, LONG);

    assertThat(health.problems()).isNotEmpty();
    state.set(Optional.empty());
    assertThat(health.problems()).isEmpty();
  }

  @Test
  void whoIsAboutToEndIsNotReady() {
    var health = new Health(Map.of("a", Optional::empty), LONG, LONG);
    assertThat(health.problems()).isEmpty();

    health.drain();

    assertThat(health.problems()).containsOnlyKeys("draining");
  }
}
