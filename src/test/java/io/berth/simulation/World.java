package io.berth.simulation;

import io.berth.metadata.MetadataStore;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.policy.AccessPolicy;
import io.berth.policy.AccessRule;
import io.berth.policy.Condition;
import io.berth.policy.Glob;
import io.berth.policy.Grant;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import io.berth.policy.SparseRule;
import io.berth.policy.SparseRules;
import io.berth.policy.SparseTerms;
import io.berth.policy.SparseTerms.Children;
import io.berth.policy.Who;
import io.berth.registry.AccessClasses;
import io.berth.registry.Caller;
import io.berth.storage.fs.ForgetfulDisk;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
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
  /** The patterns of the rules; each life of the registry, and one of its jobs, may begin to compare with others. */
  final AccessClasses classes = new AccessClasses(rules(false));
  final List<Pending> pending = new ArrayList<>();
  Instant now = Instant.parse("2026-03-01T12:00:00Z");
  Life life;
  /** Where indexes are accepted whatever of them is there: in some worlds in one repository. */
  final Set<RepositoryName> sparse;
  private final boolean metadataKeepsItsWord;
  private int ids;

  World(RandomGenerator random, Faults faults, boolean diskKeepsItsWord, boolean metadataKeepsItsWord) {
    this.random = random;
    this.sparse = random.nextBoolean() ? Set.of(Goods.REPOSITORIES.getLast()) : Set.of();
    this.turns = new Turns(random);
    this.machine = new Machine(turns, random, faults);
    this.disk = new ForgetfulDisk(machine, () -> now, diskKeepsItsWord);
    this.metadataKeepsItsWord = metadataKeepsItsWord;
  }

  /** The registry starts. */
  void start(MetadataStore metadata, boolean mountsLookAgain) throws Exception {
    var faulty = new FaultyMetadata(metadata, machine, metadataKeepsItsWord);
    life =
        new Life(faulty, mountsLookAgain ? faulty : new ForgetfulMounts(faulty), disk.open(), () -> now, () -> "upload" + ++ids, this::take,
            () -> new SharedLock(machine), this::reclassify, sparseRules());
    // the open uploads are counted at the first one, behind a lock in which nobody can wait for others here
    life.uploads.cancel(caller("first"), Goods.REPOSITORIES.getFirst(),
        life.uploads.start(caller("first"), Goods.REPOSITORIES.getFirst(), Digest.Algorithm.SHA256));
    machine.note("the registry starts");
  }

  /** Rules that let alice read every repository by a pattern, and bob push everywhere and read one by its name; with a further pattern or without. */
  private static AccessPolicy rules(boolean further) {
    var alice = List.<Who>of(new Who.Named("user:alice"));
    var bob = List.<Who>of(new Who.Named("user:bob"));
    List<AccessRule> rules = List.of(rule(alice, "team/*", io.berth.policy.Action.PULL), rule(bob, "team/lib", io.berth.policy.Action.PULL),
        rule(bob, "team/**", io.berth.policy.Action.PUSH),
        rule(alice, further ? "*/app" : "*/lib", io.berth.policy.Action.PULL));
    return new AccessPolicy(rules);
  }

  private static AccessRule rule(List<Who> who, String repositories, io.berth.policy.Action... actions) {
    return new AccessRule("rule", who, new Grant(List.of(new Glob(repositories)), List.of(), Set.of(actions)), Condition.ALWAYS);
  }

  /** The rules change. */
  private void reclassify() {
    classes.rules(rules(random.nextBoolean()));
    classes.compareAll(life.metadata, () -> false);
  }

  /** Who acts by rules. */
  static Caller caller(String login, String client) {
    return new Caller(new Rights(rules(false), new Identity.User(login)), client, "192.0.2.1");
  }

  private SparseRules sparseRules() {
    return new SparseRules(sparse.stream().map(repository -> new SparseRule("sparse", Glob.ofRepositories(repository.value()),
        new SparseTerms(new Children.None(), true))).toList(), SparseTerms.WHOLE);
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
