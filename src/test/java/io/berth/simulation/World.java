package io.berth.simulation;

import io.berth.metadata.MetadataStore;
import io.berth.oci.Digest;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.registry.Caller;
import io.berth.storage.fs.ForgetfulDisk;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.random.RandomGenerator;

/** All that a run consists of, in one life of the registry and the next: stores, time, chance, and what clients know. For who has the turn. */
final class World {

  private static final int PATIENCE = 60;

  final RandomGenerator random;
  final Turns turns;
  final Machine machine;
  final ForgetfulDisk disk;
  final History history = new History(() -> this.now);
  final List<Pending> pending = new ArrayList<>();
  Instant now = Instant.parse("2026-03-01T12:00:00Z");
  Life life;
  private final boolean metadataKeepsItsWord;
  private int ids;

  World(RandomGenerator random, Faults faults, boolean diskKeepsItsWord, boolean metadataKeepsItsWord) {
    this.random = random;
    this.turns = new Turns(random);
    this.machine = new Machine(turns, random, faults);
    this.disk = new ForgetfulDisk(machine, () -> now, diskKeepsItsWord);
    this.metadataKeepsItsWord = metadataKeepsItsWord;
  }

  /** The registry starts. */
  void start(MetadataStore metadata) throws Exception {
    life =
        new Life(new FaultyMetadata(metadata, machine, metadataKeepsItsWord), disk.open(), () -> now, () -> "upload" + ++ids, this::take,
            () -> new SharedLock(machine));
    // the open uploads are counted at the first one, behind a lock in which nobody can wait for others here
    life.uploads.cancel(caller("first"), Goods.REPOSITORIES.getFirst(),
        life.uploads.start(caller("first"), Goods.REPOSITORIES.getFirst(), Digest.Algorithm.SHA256));
    machine.note("the registry starts");
  }

  /** To wait for a lock is to let others go on; after a while a request gives up. */
  private boolean take(Lock lock) {
    for (int i = 0; i < PATIENCE; i++) {
      if (lock.tryLock()) {
        return true;
      }
      machine.await();
    }
    return false;
  }

  /** Who acts; every act has a client of its own name, so that the history of tags tells which act it was. */
  static Caller caller(String client) {
    return new Caller(Rights.open(new Identity.User("alice")), client, "192.0.2.1");
  }

  void pass(Duration time) {
    now = now.plus(time);
  }

  <T> T choose(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  boolean chance(int of) {
    return random.nextInt(of) == 0;
  }

  /** What must be so. */
  static void require(boolean holds, String otherwise, Object... about) {
    if (!holds) {
      throw new AssertionError(otherwise + ": " + Arrays.asList(about));
    }
  }
}
