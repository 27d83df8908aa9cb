package io.berth.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.RegistryException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who gets room for a manifest, and who is told to come again. */
@Timeout(60)
final class AllowanceTest {

  private static final int KIB = 1024;
  private static final Duration LONG = Duration.ofHours(1);

  private final AtomicLong now = new AtomicLong();
  private final Allowance allowance = new Allowance(400 * KIB, Duration.ofMillis(1));
  private final Allowance patient = new Allowance(400 * KIB, LONG, now::get);
  private final List<String> served = new CopyOnWriteArrayList<>();

  /** Comes, waits, has it for a moment, and goes. Returns when it waits. */
  private CompletableFuture<Void> waits(long bytes, String client) {
    int before = patient.waiting();
    var done = new CompletableFuture<Void>();
    Thread.startVirtualThread(() -> {
      try (var _ = patient.take(bytes, client)) {
        served.add(client);
      } finally {
        done.complete(null);
      }
    });
    Awaitility.await().until(() -> patient.waiting() > before);
    return done;
  }

  /** As much as there is, of four clients, in two parts each. */
  private List<Allowance.Held> all() {
    return List.of("1", "1", "2", "2", "3", "3", "4", "4").stream().map(client -> patient.take(50 * KIB, client)).toList();
  }

  @Test
  void oneClientHasAQuarterAndLeavesTheRestToOthers() {
    var held = allowance.take(100 * KIB, "a");

    assertThatThrownBy(() -> allowance.take(1, "a")).isInstanceOfSatisfying(RegistryException.class,
        refusal -> assertThat(refusal.status()).isEqualTo(503));
    allowance.take(100 * KIB, "b").close();

    held.close();
    allowance.take(100 * KIB, "a").close();
    assertThat(allowance.clients()).isZero();
  }

  @Test
  void allTogetherHaveNoMoreThanThereIs() {
    for (String client : new String[] {"a", "b", "c", "d"}) {
      allowance.take(100 * KIB, client);
    }

    assertThatThrownBy(() -> allowance.take(1, "e")).isInstanceOf(RegistryException.class);
    assertThat(allowance.clients()).isEqualTo(4);
  }

  @Test
  void whoWantsMoreThanHisShareGetsItAll() {
    allowance.take(Long.MAX_VALUE / 2, "a").close();

    assertThat(allowance.clients()).isZero();
  }

  @Test
  void whoDoesNotWaitIsToldAtOnce() {
    assertThat(patient.takeAtOnce(60 * KIB, "a")).isNotNull();
    assertThat(patient.takeAtOnce(60 * KIB, "a")).isNull();
    assertThat(patient.takeAtOnce(60 * KIB, "b")).isNotNull();
    assertThat(patient.waiting()).isZero();
  }

  @Test
  void whoWantsLittleGoesBeforeAnyNumberOfOthers() {
    List<Allowance.Held> held = all();
    for (int i = 0; i < 20; i++) {
      var _ = waits(100 * KIB, "much" + i);
    }
    CompletableFuture<Void> little = waits(KIB, "little");

    held.getFirst().close();

    little.join();
    assertThat(served).containsExactly("little");
  }

  @Test
  void whoWantsMuchIsNotOvertakenForEver() {
    List<Allowance.Held> held = all();
    CompletableFuture<Void> much = waits(100 * KIB, "much");
    now.addAndGet(LONG.toNanos() / 2);
    CompletableFuture<Void> little = waits(KIB, "little");

    held.getFirst().close();
    assertThat(patient.waiting()).isEqualTo(2);
    held.get(1).close();

    CompletableFuture.allOf(much, little).join();
    assertThat(served).containsExactlyInAnyOrder("much", "little");
  }

  @Test
  void whoHasHadHisShareKeepsNobodyWaiting() {
    var share = patient.take(100 * KIB, "a");
    CompletableFuture<Void> more = waits(KIB, "a");

    patient.take(100 * KIB, "b").close();

    assertThat(patient.waiting()).isEqualTo(1);
    share.close();
    more.join();
    assertThat(patient.clients()).isZero();
  }
}
