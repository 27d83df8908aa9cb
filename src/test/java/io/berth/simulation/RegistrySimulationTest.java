package io.berth.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.berth.registry.Garbage;
import io.berth.simulation.RegistrySimulation.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Nothing acknowledged is lost, whatever goes wrong in the stores and whenever the process or the power fails ({@link RegistrySimulation}). With
 * {@code -Dsimulation.seed=N} one seed is run, with {@code -Dsimulation.seeds=N} so many from that one on, or from 0.
 */
final class RegistrySimulationTest {

  private static final int SEEDS = 2_500;

  private static final int LIES = 100;

  /** SQLite syncs each commit, which costs nothing in memory, and says nothing about this machine's disk. */
  private static final Path MEMORY = Path.of("/dev/shm");

  @TempDir Path temporary;

  private Path folder;
  private final AtomicInteger runs = new AtomicInteger();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger faults = new AtomicInteger();
  private final AtomicReference<Garbage.Work> collected = new AtomicReference<>(Garbage.Work.NONE);
  private final Set<String> places = new ConcurrentSkipListSet<>();

  /** Thousands of failures are as they should be. */
  @BeforeAll
  static void beQuiet() {
    level(Level.OFF);
  }

  @AfterAll
  static void beHeard() {
    level(null);
  }

  private static void level(@Nullable Level level) {
    ((Logger) LoggerFactory.getLogger("io.berth.registry")).setLevel(level);
  }

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.isWritable(MEMORY) ? Files.createTempDirectory(MEMORY, "berth-simulation") : temporary;
  }

  @AfterEach
  void removeFolder() throws IOException {
    if (!folder.equals(temporary)) {
      Files.delete(folder);
    }
  }

  private Path database() {
    return folder.resolve("metadata" + runs.incrementAndGet() + ".db");
  }

  private RegistrySimulation count(RegistrySimulation simulation) {
    calls.addAndGet(simulation.machine().calls().size());
    faults.addAndGet(simulation.machine().allStrikes());
    collected.accumulateAndGet(simulation.collected(), Garbage.Work::and);
    places.addAll(simulation.machine().struck());
    return simulation;
  }

  /** Each run is a world of its own; two at a time. */
  private void run(List<Callable<RegistrySimulation>> simulations) throws Exception {
    try (var pool = Executors.newFixedThreadPool(2)) {
      for (Future<RegistrySimulation> done : simulations.stream().map(pool::submit).toList()) {
        try {
          done.get();
        } catch (ExecutionException e) {
          pool.shutdownNow();
          throw new AssertionError(e.getCause().getMessage(), e.getCause());
        }
      }
    }
  }

  private void print(String what) {
    System.out.println("simulation: " + what + ": runs=" + runs + " calls=" + calls + " faults=" + faults + " places=" + places.size()
        + " collected=" + collected.get().blobs() + " expired=" + collected.get().expired() + " departed=" + collected.get().referrers());
  }

  @Test
  void nothingIsLostWhateverGoesWrongManyTimesAtRandom() throws Exception {
    Long seed = Long.getLong("simulation.seed");
    int seeds = Integer.getInteger("simulation.seeds", seed == null ? SEEDS : 1);
    long first = seed == null ? 0 : seed;
    var simulations = new ArrayList<Callable<RegistrySimulation>>();
    for (int i = 0; i < seeds; i++) {
      long next = first + i;
      simulations.add(() -> count(new RegistrySimulation(next, database()).run()));
    }

    run(simulations);

    print("random");
    assertThat(seeds >= SEEDS ? collected.get().referrers() : 1).as("manifests that went after their subjects").isPositive();
  }

  @Test
  void nothingIsLostWhateverGoesWrongOnceAnywhere() throws Exception {
    long seed = seedOfEveryCall();
    List<StoreCall> script = script(seed);
    var simulations = new ArrayList<Callable<RegistrySimulation>>();
    for (int i = 0; i < script.size(); i++) {
      int number = i;
      for (Fault fault : Fault.of(script.get(i))) {
        simulations.add(() -> count(new RegistrySimulation(seed, database(), Plan.script(Faults.one(number, fault))).run()));
      }
    }

    run(simulations);

    print("one fault at each of " + script.size() + " calls");
    assertThat(faults).as("faults that struck, one in each run").hasValue(simulations.size());
  }

  private List<StoreCall> script(long seed) {
    return new RegistrySimulation(seed, database(), Plan.script(Faults.none())).run().machine().calls();
  }

  /** The first with which every kind of call of a store comes up. */
  private long seedOfEveryCall() {
    for (long seed = 0; seed < 1_000; seed++) {
      if (EnumSet.copyOf(script(seed)).containsAll(EnumSet.allOf(StoreCall.class))) {
        return seed;
      }
    }
    throw new AssertionError("there is a kind of call that never comes up");
  }

  @Test
  void aSeedIsTheSameRunEachTime() {
    for (long seed = 0; seed < 20; seed++) {
      List<String> once = new RegistrySimulation(seed, database()).run().machine().trace();
      List<String> again = new RegistrySimulation(seed, database()).run().machine().trace();

      assertThat(again).as("what happens with seed %d", seed).isEqualTo(once).hasSizeGreaterThan(20);
    }
  }

  /** Runs with stores that do not do what they say; the first that is found out ends it. */
  private void lie(boolean disk, boolean metadata) {
    for (long seed = 0; seed < LIES; seed++) {
      new RegistrySimulation(seed, database(), Plan.random(new SplittableRandom(seed)).lying(disk, metadata)).run();
    }
  }

  @Test
  void aDiskThatDoesNotSyncNamesIsFoundOut() {
    assertThatThrownBy(() -> lie(true, false)).hasMessageContaining("broken by -Dsimulation.seed=").hasMessageContaining("no bytes");
  }

  @Test
  void mountsThatDoNotLookAgainAreFoundOut() {
    assertThatThrownBy(() -> {
      for (long seed = 0; seed < LIES; seed++) {
        new RegistrySimulation(seed, database(), Plan.hasty()).run();
      }
    }).hasMessageContaining("broken by -Dsimulation.seed=");
  }

  @Test
  void aStoreThatAnswersThoughItHasNotCommittedIsFoundOut() {
    assertThatThrownBy(() -> lie(false, true)).hasMessageContaining("broken by -Dsimulation.seed=");
  }
}
