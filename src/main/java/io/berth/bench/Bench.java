package io.berth.bench;

import io.berth.bench.Outcome.Failed;
import io.berth.bench.Outcome.Measured;
import io.berth.bench.Outcome.NotSupported;
import io.berth.bench.Outcome.Round;
import io.berth.bench.Outcome.Skipped;
import io.berth.bench.Scenario.Leftovers;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * A measurement: every workload, in rounds in which the targets take turns, so that what else happens on the machine falls on all of them. Preparing
 * and deleting are outside the clock. For one thread; {@link Stop} ends it early from any.
 */
public final class Bench {

  private static final Duration LONGEST_SET_UP = Duration.ofMinutes(10);
  private static final Duration LONGEST_CLEAN_UP = Duration.ofSeconds(60);
  private static final Duration HURRIED_CLEAN_UP = Duration.ofSeconds(5);
  private static final Duration LONGEST_SYNC = Duration.ofSeconds(60);

  private final BenchOptions options;
  private final List<Target> targets;
  private final Stop stop;
  private final Consumer<String> progress;
  private final Setting setting;
  private final List<String> notes = new ArrayList<>();

  /**
   * Prepares a measurement.
   *
   * @param prefix of the repositories that it makes
   * @param progress is told in words what happens
   */
  public Bench(BenchOptions options, List<Target> targets, String prefix, Stop stop, Consumer<String> progress) {
    this.options = options;
    this.targets = targets;
    this.stop = stop;
    this.progress = progress;
    long seed = new SecureRandom().nextLong();
    this.setting = new Setting(options, new Contents(seed), prefix + "/" + HexFormat.of().toHexDigits(seed));
  }

  /** Measures. */
  public Report run() {
    Instant begun = Instant.now();
    List<Outcome> outcomes = new ArrayList<>();
    for (Workload workload : options.workloads()) {
      outcomes.addAll(measure(workload));
    }
    return new Report(begun, options, targets, outcomes, notes);
  }

  /** One target in one workload. */
  private static final class Entrant {

    private final Workload workload;
    private final Target target;
    private final Scenario scenario;
    private final List<Round> rounds = new ArrayList<>();
    private boolean touched;
    private String remark = "";
    private Outcome.@Nullable Result obstacle;

    Entrant(Workload workload, Target target, Scenario scenario) {
      this.workload = workload;
      this.target = target;
      this.scenario = scenario;
    }

    Outcome outcome() {
      Outcome.Result result = obstacle;
      if (result == null) {
        result = rounds.isEmpty() ? new Skipped() : new Measured(scenario.kinds(), rounds, remark);
      }
      return new Outcome(workload, target, result);
    }
  }

  private List<Outcome> measure(Workload workload) {
    List<Entrant> entrants = targets.stream().map(t -> new Entrant(workload, t, workload.scenario(setting, t))).toList();
    entrants.forEach(this::prepare);
    for (int round = 1; round <= options.rounds(); round++) {
      for (Entrant entrant : entrants) {
        if (entrant.obstacle == null && !stop.isAsked()) {
          runRound(entrant, round);
        }
      }
    }
    if (!options.keep()) {
      entrants.stream().filter(e -> e.touched).forEach(this::cleanUp);
    }
    return entrants.stream().map(Entrant::outcome).toList();
  }

  private void prepare(Entrant entrant) {
    if (stop.isAsked()) {
      return;
    }
    say(entrant, "preparing");
    entrant.touched = true;
    var setUp = new SetUp(entrant.target, LONGEST_SET_UP, options.timeout(), stop, Duration.ZERO);
    try {
      entrant.scenario.setUp(setUp);
      setUp.each(1, (client, _) -> entrant.remark = entrant.scenario.probe(client));
    } catch (Unsupported e) {
      entrant.obstacle = new NotSupported(said(e));
    } catch (UnexpectedAnswer e) {
      entrant.obstacle = isRefusal(entrant.scenario, e.status()) ? new NotSupported(said(e)) : new Failed(said(e));
    } catch (IOException e) {
      entrant.obstacle = stop.isAsked() ? new Skipped() : new Failed(said(e));
    }
  }

  private static boolean isRefusal(Scenario scenario, int status) {
    return status == 405 || status == 501 || status == 404 && scenario.optional();
  }

  private static String said(IOException e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private void runRound(Entrant entrant, int number) {
    Scenario scenario = entrant.scenario;
    List<RegistryClient> clients = Stream.generate(() -> new RegistryClient(entrant.target)).limit(options.connections()).toList();
    long most = Math.min(options.requests(), Load.operationsFor(scenario, options.mostPushed()));
    try {
      if (options.warmUp().isPositive()) {
        load(entrant, clients, new Pace(options.warmUp().toNanos(), most, options.rate()), "warming up");
      }
      if (stop.isAsked()) {
        return;
      }
      var usage = entrant.target.pid().isPresent() ? ProcessUsage.begin(entrant.target.pid().getAsLong()) : null;
      Load.Result result = load(entrant, clients, new Pace(options.duration().toNanos(), most, options.rate()), "running");
      Round round = round(scenario, result, usage == null ? Optional.empty() : usage.end());
      if (round.operationsInAll() > 0 || !round.errors().isEmpty()) {
        entrant.rounds.add(round);
      }
      say(entrant, String.format(Locale.ROOT, "round %d of %d: %,.0f a second, p99 %s%s", number, options.rounds(), round.rate(),
          Table.time(round.all().p99()), round.errors().isEmpty() ? "" : ", errors: " + round.errors()));
    } finally {
      clients.forEach(RegistryClient::close);
    }
    settle(scenario);
  }

  private Load.Result load(Entrant entrant, List<RegistryClient> clients, Pace pace, String doing) {
    return new Load(entrant.scenario, clients, pace, options.timeout(), stop).run(n -> say(entrant, doing + ", " + n + " operations"));
  }

  private Round round(Scenario scenario, Load.Result result, Optional<ProcessUsage> usage) {
    Tally tally = result.tally();
    return new Round(result.seconds(), Load.bytesMoved(scenario.kinds(), tally),
        tally.latencies().stream().map(Histogram::getTotalCount).toList(), tally.latencies().stream().map(Percentiles::of).toList(),
        Percentiles.of(tally.allLatencies()), tally.errors(), usage, stop.isAsked());
  }

  /** What one registry has not synced must not slow the next one down: after pushes on this machine, everything goes to disk first. */
  private void settle(Scenario scenario) {
    if (scenario.pushedBytes() == 0 || stop.isAsked() || !targets.stream().allMatch(Target::loopback)) {
      return;
    }
    try {
      Process sync = new ProcessBuilder("sync").start();
      if (!sync.waitFor(LONGEST_SYNC.toSeconds(), TimeUnit.SECONDS)) {
        sync.destroy();
      }
    } catch (IOException _) {
      notes.add("there is no 'sync' here: what one target had not yet written may have slowed the next one down");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void cleanUp(Entrant entrant) {
    say(entrant, "deleting what was pushed");
    var kept = new AtomicLong();
    var setUp = new SetUp(entrant.target, LONGEST_CLEAN_UP, options.timeout(), stop, HURRIED_CLEAN_UP);
    try {
      for (Leftovers part : entrant.scenario.leftovers()) {
        setUp.each(part.items(), (client, i) -> {
          for (String path : part.paths().apply(i)) {
            if (!client.deleted(path)) {
              kept.incrementAndGet();
            }
          }
        });
      }
      if (kept.get() > 0) {
        notes.add(entrant.workload + " on " + entrant.target.name() + ": " + kept.get() + " deletions were refused");
      }
    } catch (IOException e) {
      notes.add(entrant.workload + " on " + entrant.target.name() + ": not all that was pushed could be deleted: " + said(e));
    }
  }

  private void say(Entrant entrant, String what) {
    progress.accept(entrant.workload + " " + entrant.target.name() + ": " + what);
  }
}
