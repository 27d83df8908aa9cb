package io.berth.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.policy.Identity;
import io.berth.policy.Rate;
import io.berth.policy.RateClass;
import java.net.InetAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Who asks too often is told when to ask again, and nobody else notices. */
final class RateLimitsTest {

  private static final InetAddress HOME = InetAddress.ofLiteral("192.0.2.1");
  private static final Identity ALICE = new Identity.User("alice");
  private static final Identity ROBOT = new Identity.Robot("ci", Set.of());
  private static final Rate TEN = new Rate(10, Duration.ofSeconds(1), 20);

  private final AtomicLong nanos = new AtomicLong(1);

  private static RateLimits.Terms terms(Map<RateClass, Rate> addresses, Map<RateClass, Rate> identities) {
    return new RateLimits.Terms(addresses, identities, who -> who.equals(ROBOT), address -> address.isLoopbackAddress());
  }

  private RateLimits limits(Map<RateClass, Rate> addresses, Map<RateClass, Rate> identities) {
    return new RateLimits(terms(addresses, identities), nanos::get);
  }

  private static int asked(RateLimits limits, RateClass what, String network, int most) {
    int asked = 0;
    for (int i = 0; i < most; i++) {
      asked += limits.ask(what, HOME, network).isEmpty() ? 1 : 0;
    }
    return asked;
  }

  @Test
  void anAddressMayAskAsOftenAsItsRateSaysAndAfterARestManyTimesAtOnce() {
    RateLimits limits = limits(Map.of(RateClass.PULL, TEN), Map.of());
    assertThat(asked(limits, RateClass.PULL, "a", 100)).isEqualTo(20);
    for (int second = 0; second < 10; second++) {
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      assertThat(asked(limits, RateClass.PULL, "a", 100)).isEqualTo(10);
    }
    nanos.addAndGet(Duration.ofHours(1).toNanos());
    assertThat(asked(limits, RateClass.PULL, "a", 100)).isEqualTo(20);
  }

  @Test
  void whoHasToWaitIsToldForHowLongAndMayThen() {
    RateLimits limits = limits(Map.of(RateClass.PULL, TEN), Map.of());
    asked(limits, RateClass.PULL, "a", 20);
    RateLimits.Excess excess = limits.ask(RateClass.PULL, HOME, "a").orElseThrow();
    assertThat(excess.allowed()).isEqualTo(TEN);
    assertThat(excess.after()).isEqualTo(Duration.ofMillis(100));
    nanos.addAndGet(excess.after().toNanos() - 1);
    assertThat(limits.ask(RateClass.PULL, HOME, "a")).isPresent();
    nanos.addAndGet(1);
    assertThat(limits.ask(RateClass.PULL, HOME, "a")).isEmpty();
  }

  @Test
  void addressesAndKindsOfRequestsAreCountedEachForItself() {
    RateLimits limits = limits(Map.of(RateClass.PULL, TEN, RateClass.BLOB, TEN), Map.of());
    assertThat(asked(limits, RateClass.PULL, "a", 100)).isEqualTo(20);
    assertThat(asked(limits, RateClass.PULL, "b", 100)).isEqualTo(20);
    assertThat(asked(limits, RateClass.BLOB, "a", 100)).isEqualTo(20);
    assertThat(asked(limits, RateClass.PUSH, "a", 100)).as("of which nothing is said").isEqualTo(100);
  }

  @Test
  void anIdentityIsCountedWhereverItComesFromAndStrangersAreNotOne() {
    RateLimits limits = limits(Map.of(), Map.of(RateClass.PUSH, TEN));
    for (int i = 0; i < 20; i++) {
      assertThat(limits.ask(RateClass.PUSH, ALICE)).isEmpty();
    }
    assertThat(limits.ask(RateClass.PUSH, ALICE)).isPresent();
    assertThat(limits.ask(RateClass.PUSH, new Identity.User("alice", Set.of("new group"), Map.of(), true))).as("the same name").isPresent();
    assertThat(limits.ask(RateClass.PUSH, new Identity.Robot("alice", Set.of()))).isEmpty();
    for (int i = 0; i < 100; i++) {
      assertThat(limits.ask(RateClass.PUSH, ROBOT)).as("exempt").isEmpty();
      assertThat(limits.ask(RateClass.PUSH, new Identity.Anonymous())).isEmpty();
    }
  }

  @Test
  void anAddressMayBeExempt() {
    RateLimits limits = limits(Map.of(RateClass.PULL, TEN), Map.of());
    for (int i = 0; i < 100; i++) {
      assertThat(limits.ask(RateClass.PULL, InetAddress.ofLiteral("127.0.0.1"), "127.0.0.1")).isEmpty();
    }
  }

  @Test
  void strangersFromAMillionAddressesDoNotFillTheMemoryNorMakeWhoAsksOftenForgotten() {
    RateLimits limits = limits(Map.of(RateClass.PULL, new Rate(10, Duration.ofHours(1), 20)), Map.of());
    assertThat(asked(limits, RateClass.PULL, "greedy", 100)).isEqualTo(20);
    for (int i = 0; i < 1_000_000; i++) {
      limits.ask(RateClass.PULL, HOME, "stranger " + i);
      if (i % 1_000 == 0) {
        assertThat(limits.ask(RateClass.PULL, HOME, "greedy")).as("after %s others", i).isPresent();
      }
    }
    assertThat(limits.remembered()).isLessThanOrEqualTo(RateLimits.MOST);
  }

  @Test
  void otherTermsForgetNothingOfWhatStaysTheSame() {
    RateLimits limits = limits(Map.of(RateClass.PULL, TEN), Map.of(RateClass.PUSH, TEN));
    asked(limits, RateClass.PULL, "a", 20);
    RateLimits same = limits.under(terms(Map.of(RateClass.PULL, TEN), Map.of(RateClass.PUSH, new Rate(1, Duration.ofSeconds(1), 1))));
    assertThat(asked(same, RateClass.PULL, "a", 100)).isZero();
    var others = new EnumMap<RateClass, Rate>(RateClass.class);
    assertThat(asked(same.under(terms(others, others)), RateClass.PULL, "a", 100)).isEqualTo(100);
  }
}
