package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.berth.auth.Logins.Outcome;
import io.berth.policy.Identity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Several places that know names, asked in order. */
final class LoginsTest {

  private static final String HERE = "192.0.2.1";

  /** A place that knows one name. */
  private static class OneUser implements Passwords {
    private final String user;
    private final String password;
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();

    OneUser(String user, String password) {
      this.user = user;
      this.password = password;
    }

    @Override
    public Found find(Credentials.Basic credentials) {
      asked.incrementAndGet();
      return !credentials.user().equals(user) ? new Found.Unknown()
          : credentials.password().equals(password) ? new Found.Good(new Identity.User(user)) : new Found.Wrong();
    }

    @Override
    public void refuse(Credentials.Basic credentials) {
      refused.incrementAndGet();
    }
  }

  private static Outcome login(Logins logins, String user, String password) {
    return logins.login(new Credentials.Basic(user, password), HERE);
  }

  @Test
  void aNameThatAnEarlierPlaceKnowsIsNotLookedUpInALaterOne() {
    var first = new OneUser("alice", "one");
    var second = new OneUser("alice", "two");
    var logins = new Logins(List.of(first, second));

    assertThat(login(logins, "alice", "two")).isInstanceOf(Outcome.Refused.class);
    assertThat(second.asked).hasValue(0);
    assertThat(login(logins, "alice", "one")).isInstanceOf(Outcome.Known.class);
  }

  @Test
  void whatOnePlaceRefusesTakesAsLongAsWhatNobodyKnows() {
    var first = new OneUser("alice", "one");
    var second = new OneUser("bob", "two");
    var logins = new Logins(List.of(first, second));

    login(logins, "alice", "wrong");
    assertThat(second.refused).hasValue(1);
    login(logins, "nobody", "wrong");
    assertThat(second.asked).hasValue(1);
    assertThat(login(logins, "bob", "two")).isInstanceOf(Outcome.Known.class);
  }

  @Test
  void guessesAreNoLongerLookedAtAndTheRightPasswordIs() {
    var place = new OneUser("alice", "right");
    var logins = new Logins(List.of(place));
    assertThat(login(logins, "alice", "right")).isInstanceOf(Outcome.Known.class);
    for (int i = 0; i < 5; i++) {
      assertThat(login(logins, "alice", "guess " + i)).isInstanceOf(Outcome.Refused.class);
    }
    int asked = place.asked.get();
    assertThat(login(logins, "alice", "guess 6")).isInstanceOfSatisfying(Outcome.Throttled.class,
        throttled -> assertThat(throttled.after()).isPositive());
    assertThat(place.asked).hasValue(asked);
    assertThat(login(logins, "alice", "right")).isInstanceOf(Outcome.Known.class);
  }

  @Test
  void aThousandRequestsOfOnePullAreOneLogin() throws Exception {
    var begun = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var place = new OneUser("alice", "right") {
      @Override
      public Found find(Credentials.Basic credentials) {
        begun.countDown();
        try {
          go.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        return super.find(credentials);
      }
    };
    var logins = new Logins(List.of(place));
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Outcome>> all = new ArrayList<>();
      var started = new AtomicInteger();
      for (int i = 0; i < 1_000; i++) {
        all.add(pool.submit(() -> {
          started.incrementAndGet();
          return login(logins, "alice", "right");
        }));
      }
      begun.await();
      await().until(() -> started.get() == 1_000);
      go.countDown();
      for (Future<Outcome> one : all) {
        assertThat(one.get()).isInstanceOf(Outcome.Known.class);
      }
    }
    assertThat(place.asked.get()).as("and a few that came after it was over").isLessThan(100);
  }

  @Test
  void whereNobodyCanSayItIsNotCountedAsAGuess() {
    var logins = new Logins(List.of(_ -> {
      throw new Passwords.UnavailableException("the directory does not answer", null);
    }));
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(() -> login(logins, "alice", "right")).isInstanceOf(Passwords.UnavailableException.class);
    }
  }

  @Test
  void aThousandLoginsAtOnceTakeTheMemoryOfAFew() throws Exception {
    var hashes = new PasswordHashes(2, Duration.ofMinutes(1));
    String hash = hashes.hash("right");
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      var wrong = new AtomicInteger();
      var impatient = new PasswordHashes(1, Duration.ZERO);
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        all.add(pool.submit(() -> {
          try {
            wrong.addAndGet(impatient.matches("guess", hash) ? 0 : 1);
          } catch (Passwords.UnavailableException _) {
            // its turn did not come, and it holds no memory
          }
        }));
      }
      for (Future<?> one : all) {
        one.get();
      }
      assertThat(wrong.get()).isBetween(1, 1_000);
      assertThat(impatient.waiting()).isZero();
    }
    assertThat(hashes.matches("right", hash)).isTrue();
  }
}
