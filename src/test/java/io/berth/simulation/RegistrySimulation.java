package io.berth.simulation;

import io.berth.metadata.sql.SqliteMetadataStore;
import io.berth.registry.Garbage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * One run of many clients against the real verbs over stores that fail, in several lives of the registry. Everything in it follows from a seed:
 * who goes on when, what is asked for, what goes wrong, and how time goes by. After each life it is checked that nothing acknowledged is lost.
 */
final class RegistrySimulation {

  /** What a run is like. */
  record Plan(int lives, List<List<Action>> clients, int steps, Faults faults, boolean diskKeepsItsWord, boolean metadataKeepsItsWord,
      boolean mountsLookAgain) {

    /** Whatever the seed says. */
    static Plan random(RandomGenerator random) {
      int clients = random.nextInt(1, 5);
      return new Plan(random.nextInt(1, 4), new ArrayList<>(Collections.nCopies(clients, List.of())), random.nextInt(4, 10),
          Faults.random(random, random.nextInt(12), 400), true, true, true);
    }

    /** Two clients that do everything once, while one thing goes wrong. */
    static Plan script(Faults faults) {
      var first = List.of(Action.PUSH_IMAGE, Action.BEGIN, Action.ADVANCE, Action.ADVANCE, Action.ADVANCE, Action.ADVANCE, Action.PULL_TAG,
          Action.PUT_TAGS,
          Action.COPY,
          Action.RESTORE_TAG,
          Action.DELETE_TAG, Action.DELETE_BLOB, Action.PUSH_IMAGE, Action.DELETE_MANIFEST, Action.SIGN, Action.SIGN,
          Action.DELETE_SUBJECT, Action.DELETE_SUBJECT, Action.DELETE_REPOSITORY);
      var second = List.of(Action.BEGIN, Action.ADVANCE, Action.ADVANCE, Action.PUSH_IMAGE, Action.MOUNT, Action.DISCOVER,
          Action.PULL_DIGEST, Action.MEDDLE,
          Action.PUSH_WRONGLY, Action.CANCEL, Action.COPY, Action.LIST, Action.PUSH, Action.HOUSEKEEPING, Action.COLLECT, Action.COLLECT,
          Action.COLLECT, Action.COLLECT);
      return new Plan(2, List.of(first, second), 2, faults, true, true, true);
    }

    Plan with(Faults other) {
      return new Plan(lives, clients, steps, other, diskKeepsItsWord, metadataKeepsItsWord, mountsLookAgain);
    }

    Plan lying(boolean disk, boolean metadata) {
      return new Plan(lives, clients, steps, faults, !disk, !metadata, mountsLookAgain);
    }

    /** Clients that mount what others remove and the collector takes away, and don't look again. */
    static Plan hasty() {
      List<Action> mounts =
          Stream.generate(() -> List.of(Action.PUSH, Action.PUSH, Action.DISCOVER, Action.MOUNT, Action.DISCOVER)).limit(6)
              .flatMap(List::stream).toList();
      List<Action> removals = Collections.nCopies(12, Action.COLLECT);
      return new Plan(1, List.of(mounts, mounts, removals), 0, Faults.slow(StoreCall.METADATA_BEGIN, 4), true, true, false);
    }
  }

  private final long seed;
  private final Plan plan;
  private final Path database;
  private final World world;
  private Garbage.Work collected = Garbage.Work.NONE;
  private boolean powerFailed;

  /**
   * A run.
   *
   * @param database a file that does not exist, in a folder that does
   */
  RegistrySimulation(long seed, Path database) {
    this(seed, database, Plan.random(new SplittableRandom(seed ^ 0x5eed)));
  }

  RegistrySimulation(long seed, Path database, Plan plan) {
    this.seed = seed;
    this.plan = plan;
    this.database = database;
    this.world = new World(new SplittableRandom(seed), plan.faults, plan.diskKeepsItsWord, plan.metadataKeepsItsWord);
  }

  /** What the collector has done. */
  Garbage.Work collected() {
    return collected;
  }

  Machine machine() {
    return world.machine;
  }

  /** Runs and checks. A failure tells the seed and what happened last. */
  RegistrySimulation run() {
    try {
      for (int life = 0; life < plan.lives; life++) {
        live(life);
      }
      live(plan.lives);
    } catch (Throwable thrown) {
      List<String> trace = world.machine.trace();
      throw new AssertionError("broken by -Dsimulation.seed=" + seed + ": " + thrown.getMessage() + "\n"
          + String.join("\n", trace.subList(Math.max(0, trace.size() - Machine.SHOWN), trace.size())), thrown);
    } finally {
      remove();
    }
    return this;
  }

  private void live(int life) throws Exception {
    Machine machine = world.machine;
    machine.rest();
    try (var metadata = SqliteMetadataStore.open(database, world.classes)) {
      world.start(metadata, plan.mountsLookAgain);
      new Checker(world).check();
      if (life == plan.lives) {
        new Checker(world).checkRest(powerFailed);
        collected = collected.and(world.life.collected());
        new Checker(world).checkRecovery();
        new Checker(world).check();
        return;
      }
      machine.begin();
      world.turns.run(clients(life));
      boolean dead = machine.isDead();
      machine.rest();
      collected = collected.and(world.life.collected());
      if (!dead) {
        new Checker(world).check();
      }
    }
    boolean unpowered = machine.isUnpowered() || world.chance(3);
    if (unpowered) {
      powerFailed = true;
      machine.note("the power fails");
      world.disk.powerFailure(world.random);
    }
    world.pending.forEach(upload -> upload.survive(unpowered));
  }

  private List<Runnable> clients(int life) {
    var clients = new ArrayList<Runnable>();
    for (List<Action> script : plan.clients) {
      clients.add(() -> {
        if (life == 0) {
          script.forEach(action -> action.run(world));
        }
        for (int i = 0; i < plan.steps; i++) {
          Action.any(world).run(world);
        }
      });
    }
    return clients;
  }

  private void remove() {
    try {
      for (String end : List.of("", "-wal", "-shm")) {
        Files.deleteIfExists(Path.of(database + end));
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
