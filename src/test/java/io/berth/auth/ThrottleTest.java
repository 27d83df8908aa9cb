package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Guessing is slowed down, and nobody is locked out by it. */
final class ThrottleTest {

  private static final String HOME = "192.0.2.1";
  private static final String OFFICE = "198.51.100.7";

  private final AtomicLong nanos = new AtomicLong(1);
  private final Throttle throttle = new Throttle(nanos::get);

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /** Whether it could be tried. */
  private boolean fail(String user, String password, String from) {
    return switch (throttle.ask(new Credentials.Basic(user, password), from)) {
      case Throttle.Answer.Go(Throttle.Attempt attempt) -> {
        attempt.failed();
        yield true;
      }
      case Throttle.Answer.Wait _ -> false;
    };
  }

  private boolean succeed(String user, String password, String from) {
    return switch (throttle.ask(new Credentials.Basic(user, password), from)) {
      case Throttle.Answer.Go(Throttle.Attempt attempt) -> {
        attempt.succeeded();
        yield true;
      }
      case Throttle.Answer.Wait _ -> false;
    };
  }

  private int guesses(String user, String from, int most) {
    int made = 0;
    for (int i = 0; i < most; i++) {
      made += fail(user, "guess " + i, from) ? 1 : 0;
    }
    return made;
  }

  @Test
  void aNameAtAnAddressHasFiveAttemptsAndThenOneInTwentySeconds() {
    assertThat(guesses("alice", HOME, 100)).isEqualTo(5);
    pass(Duration.ofSeconds(19));
    assertThat(guesses("alice", HOME, 100)).isZero();
    pass(Duration.ofSeconds(1));
    assertThat(guesses("alice", HOME, 100)).isEqualTo(1);
  }

  @Test
  void whoHasToWaitIsToldForHowLongAndMayThen() {
    guesses("alice", HOME, 5);
    pass(Duration.ofSeconds(5));

    var answer = throttle.ask(new Credentials.Basic("alice", "right"), HOME);
    assertThat(answer).isInstanceOfSatisfying(Throttle.Answer.Wait.class, wait -> {
      assertThat(wait.time()).isEqualTo(Duration.ofSeconds(15));
      pass(wait.time());
    });
    assertThat(succeed("alice", "right", HOME)).isTrue();
  }

  @Test
  void whoTriesManyNamesFromOneAddressWaits() {
    int made = 0;
    for (int i = 0; i < 1_000; i++) {
      made += fail("user" + i, "summer2026", HOME) ? 1 : 0;
    }
    assertThat(made).isEqualTo(30);
    assertThat(fail("alice", "guess", OFFICE)).as("from elsewhere").isTrue();
  }

  /** What looks like a token of a platform; nobody has signed it. */
  private static String job(int number) {
    var encoder = Base64.getUrlEncoder().withoutPadding();
    return encoder.encodeToString("{\"alg\":\"RS256\"}".getBytes(StandardCharsets.UTF_8)) + "."
        + encoder.encodeToString(("{\"sub\":\"job " + number + "\"}").getBytes(StandardCharsets.UTF_8)) + "."
        + encoder.encodeToString(new byte[256]);
  }

  @Test
  void tokensOfJobsWhichShareANameAreCountedForTheirAddressOnly() {
    int made = 0;
    for (int i = 0; i < 1_000; i++) {
      made += fail("oidc", job(i), HOME) ? 1 : 0;
    }
    assertThat(made).isEqualTo(30);
    assertThat(fail("oidc", job(1), OFFICE)).as("a job elsewhere").isTrue();
    assertThat(guesses("oidc", "203.0.113.9", 100)).as("a user who is called so").isEqualTo(5);
  }

  @Test
  void rightPasswordsCostNothing() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(succeed("user" + i, "right", HOME)).isTrue();
    }
    for (int i = 0; i < 100; i++) {
      assertThat(succeed("alice", "right", HOME)).isTrue();
    }
  }

  @Test
  void whoHasNotFailedGetsInThoughAThousandAddressesGuessHisPassword() {
    for (int i = 0; i < 1_000; i++) {
      guesses("alice", "203.0.113." + i, 5);
    }
    assertThat(succeed("alice", "right", HOME)).isTrue();
  }

  @Test
  void whereManyGuessOnePasswordEachAddressHasOneAttempt() {
    for (int i = 0; i < 20; i++) {
      guesses("alice", "203.0.113." + i, 5);
    }
    assertThat(guesses("alice", OFFICE, 100)).isEqualTo(1);
    assertThat(guesses("bob", OFFICE, 100)).as("another name").isEqualTo(5);
  }

  @Test
  void aPasswordThatWasRightIsLookedAtWhoeverGuessesAtTheSameAddress() {
    succeed("alice", "right", HOME);
    for (int i = 0; i < 100; i++) {
      guesses("alice", HOME, 10);
      guesses("user" + i, HOME, 10);
    }
    assertThat(fail("alice", "another guess", HOME)).isFalse();
    assertThat(succeed("alice", "right", HOME)).isTrue();
    assertThat(succeed("alice", "right", OFFICE)).isTrue();
  }

  @Test
  void aPasswordThatIsNoLongerRightCountsLikeAnyOther() {
    succeed("alice", "old", HOME);
    assertThat(fail("alice", "old", HOME)).isTrue();
    assertThat(guesses("alice", HOME, 100)).isEqualTo(5);
    assertThat(fail("alice", "old", HOME)).isFalse();
  }

  @Test
  void aMachineWithAnOldPasswordDoesNotKeepOthersAtItsAddressOut() {
    for (int i = 0; i < 1_000; i++) {
      fail("ci", "old", OFFICE);
      pass(Duration.ofSeconds(1));
    }
    assertThat(succeed("alice", "right", OFFICE)).isTrue();
    assertThat(guesses("bob", OFFICE, 100)).isEqualTo(5);
  }

  @Test
  void anAttemptThatNobodyCouldLookAtIsGivenBack() {
    for (int i = 0; i < 100; i++) {
      assertThat(throttle.ask(new Credentials.Basic("alice", "right"), HOME)).isInstanceOfSatisfying(Throttle.Answer.Go.class,
          go -> go.attempt().giveBack());
    }
  }

  @Test
  void whoHasToWaitMakesNothingBeRememberedSoThatNoAddressMakesOthersForgotten() {
    for (int i = 0; i < 20; i++) {
      guesses("alice", "203.0.113." + i, 5);
    }
    long before = throttle.remembered();
    for (int i = 0; i < 200_000; i++) {
      fail("user" + i, "guess", HOME);
    }
    assertThat(throttle.remembered() - before).as("two for each of thirty names, what was tried, and the address")
        .isLessThanOrEqualTo(3 * 30 + 1);
    assertThat(guesses("alice", OFFICE, 100)).as("that many guess hers is known still").isEqualTo(1);
    assertThat(fail("bob", "guess", HOME)).as("and that this address did too much").isFalse();
  }

  @Test
  void strangersFromManyAddressesFillABoundedMemoryAndAliceGetsIn() {
    succeed("alice", "right", HOME);
    for (int i = 0; i < 60_000; i++) {
      fail("alice", "guess", "2001:db8:" + Integer.toHexString(i) + "::/64");
    }
    assertThat(throttle.remembered()).isLessThanOrEqualTo(2 * 50_000L);
    assertThat(succeed("alice", "right", HOME)).as("from where she was").isTrue();
    assertThat(succeed("alice", "right", OFFICE)).as("from elsewhere").isTrue();
  }

  /** Her neighbours guess at her address, all others from everywhere, and she has a password that nobody has seen yet. */
  @Test
  void anAttackFromEverywhereKeepsANewPasswordOutOnlyAtTheAddressesOfTheAttackers() {
    for (int round = 0; round < 1_000; round++) {
      fail("alice", "guess " + round, "203.0.113." + round % 250);
      fail("alice", "guess " + round, OFFICE);
      pass(Duration.ofMillis(100));
    }
    assertThat(succeed("alice", "new", OFFICE)).as("a neighbour of attackers waits like them").isFalse();
    assertThat(succeed("alice", "new", HOME)).isTrue();
    assertThat(succeed("alice", "new", OFFICE)).as("and is known then").isTrue();
  }

  @Test
  void attemptsThatAreStillUnderWayCount() {
    int under = 0;
    for (int i = 0; i < 100; i++) {
      under += throttle.ask(new Credentials.Basic("alice", "guess " + i), HOME) instanceof Throttle.Answer.Go ? 1 : 0;
    }
    assertThat(under).isEqualTo(5);
  }
}
