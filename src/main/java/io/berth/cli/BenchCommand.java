package io.berth.cli;

import io.berth.bench.Bench;
import io.berth.bench.BenchOptions;
import io.berth.bench.Report;
import io.berth.bench.Stop;
import io.berth.bench.Target;
import io.berth.bench.Workload;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code berth bench}: puts load on registries, Berth or others, and says what they bore. */
@Command(name = "bench", mixinStandardHelpOptions = true, sortOptions = false,
    description = {"Puts load on one or several registries over plain HTTP and reports rates and latencies.",
      "Everything it pushes goes below one new repository prefix and is deleted at the end.",
      "Exit status 1: something was answered with an error."})
final class BenchCommand implements Callable<Integer> {

  private static final Duration LONGEST_END = Duration.ofSeconds(60);

  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "[NAME=]URL", arity = "1..*",
      description = "http://HOST:PORT or HOST:PORT. Ratios are to the first one.") private List<String> urls = List.of();

  @Option(names = {"-w", "--workload"}, split = ",", paramLabel = "NAME",
      description = "pull-tag, head-tag, head-blob, pull-small, pull-blob, push-small, push-blob, tag-page, mount, mixed "
          + "(default: all of them).") private List<String> workloads = List.of();

  @Option(names = {"-c", "--connections"}, defaultValue = "16",
      description = "Connections of a run (default: ${DEFAULT-VALUE}).") private int connections = 16;

  @Option(names = {"-d", "--duration"}, paramLabel = "TIME",
      description = "Length of a run, as in 10s, 500ms or 2m (default: 5s, with --requests 10m).") private @Nullable String duration;

  @Option(names = {"-n", "--requests"}, paramLabel = "COUNT",
      description = "End a run after so many operations.") private @Nullable Long requests;

  @Option(names = "--rate", paramLabel = "PER-SECOND",
      description = "Open loop: operations begin at this rate whatever the answers do, and latency counts from when they were due.") private double rate;

  @Option(names = "--warm-up", paramLabel = "TIME", defaultValue = "1s",
      description = "Load before each run that is not measured (default: ${DEFAULT-VALUE}).") private String warmUp = "1s";

  @Option(names = {"-r", "--rounds"}, defaultValue = "1",
      description = "Rounds in which the targets take turns; medians are reported (default: ${DEFAULT-VALUE}).") private int rounds = 1;

  @Option(names = "--size", paramLabel = "BYTES", defaultValue = "64M",
      description = "Size of a large blob, as in 64M or 1G (default: ${DEFAULT-VALUE}).") private String size = "64M";

  @Option(names = "--chunk", paramLabel = "BYTES",
      description = "push-blob: push in chunks of this size (default: in one piece).") private @Nullable String chunk;

  @Option(names = "--tags", defaultValue = "1000",
      description = "head-tag, tag-page: tags in the list (default: ${DEFAULT-VALUE}).") private int tags = 1000;

  @Option(names = "--one-repository",
      description = "push-small, mixed: push into one repository instead of a new one each time.") private boolean oneRepository;

  @Option(names = "--most-pushed", paramLabel = "BYTES", defaultValue = "8G",
      description = "End a run of pushes after about so many bytes (default: ${DEFAULT-VALUE}).") private String mostPushed = "8G";

  @Option(names = "--timeout", paramLabel = "TIME", defaultValue = "30s",
      description = "A request that takes longer is an error (default: ${DEFAULT-VALUE}).") private String timeout = "30s";

  @Option(names = "--durability", paramLabel = "TARGET=WORDS",
      description = "What a target promises with a 201, in your words, for the report.") private Map<String, String> durability =
          new LinkedHashMap<>();

  @Option(names = "--pid", paramLabel = "TARGET=PID",
      description = "A target's process on this machine, to report its processor time and peak memory.") private Map<String, Long> pids =
          new LinkedHashMap<>();

  @Option(names = "--repository", paramLabel = "PREFIX", defaultValue = "berth-bench",
      description = "Prefix of all repositories it makes (default: ${DEFAULT-VALUE}).") private String repository = "berth-bench";

  @Option(names = "--keep", description = "Leave what was pushed.") private boolean keep;

  @Option(names = "--json", paramLabel = "FILE",
      description = "Write the report as JSON too; '-' prints it instead of the table.") private @Nullable String json;

  @Option(names = "--allow-remote",
      description = "Allow targets that are not this machine. They must be yours: this is made to bring a server to its limits.") private boolean allowRemote;

  @Override
  public Integer call() throws IOException {
    List<Target> targets = targets();
    BenchOptions options = options();
    options.problem().ifPresent(problem -> {
      throw usage(problem);
    });
    PrintWriter err = spec().commandLine().getErr();
    var stop = new Stop();
    var done = new CountDownLatch(1);
    Thread hook = Thread.ofPlatform().name("berth-bench-end").unstarted(() -> end(stop, done));
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      Report report = new Bench(options, targets, prefix(), stop, words -> {
        err.println(words);
        err.flush();
      }).run();
      print(report);
      return report.isClean() ? 0 : 1;
    } finally {
      done.countDown();
      forget(hook);
    }
  }

  /** Ctrl-C: what is under way ends, what was measured is printed, then the process ends. */
  private static void end(Stop stop, CountDownLatch done) {
    stop.ask();
    try {
      boolean _ = done.await(LONGEST_END.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // it is running
    }
  }

  private void print(Report report) throws IOException {
    PrintWriter out = spec().commandLine().getOut();
    if ("-".equals(json)) {
      out.println(report.json());
    } else {
      if (json != null) {
        Files.writeString(Path.of(json), report.json() + "\n");
      }
      out.print(report.table());
    }
    out.flush();
  }

  private List<Target> targets() {
    var targets = new ArrayList<Target>();
    for (String url : urls) {
      targets.add(target(url));
    }
    if (targets.stream().map(Target::name).distinct().count() < targets.size()) {
      throw usage("two targets have the same name: name them, as in a=" + urls.getFirst());
    }
    durability.forEach((key, words) -> targets.replaceAll(t -> t.isCalled(key) ? t.promising(words) : t));
    pids.forEach((key, pid) -> targets.replaceAll(t -> t.isCalled(key) ? t.running(pid) : t));
    requireKnown("--durability", durability, targets);
    requireKnown("--pid", pids, targets);
    targets.stream().filter(t -> !t.loopback() && !allowRemote).findFirst().ifPresent(t -> {
      throw new Refusal(t.authority() + " is not this machine, and this command would put it under heavy load. "
          + "If it is yours to load, say so: --allow-remote");
    });
    return targets;
  }

  private void requireKnown(String option, Map<String, ?> keys, List<Target> targets) {
    for (String key : keys.keySet()) {
      if (targets.stream().noneMatch(t -> t.isCalled(key))) {
        throw usage(option + ": no target is called '" + key + "'");
      }
    }
  }

  private Target target(String url) {
    try {
      return Target.parse(url);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private BenchOptions options() {
    String length = duration == null ? requests == null ? "5s" : "10m" : duration;
    return new BenchOptions(chosen(), connections, time("--duration", length), requests == null ? Long.MAX_VALUE : requests, rate,
        time("--warm-up", warmUp), rounds, bytes("--size", size), chunk == null ? 0 : bytes("--chunk", chunk), tags, oneRepository,
        bytes("--most-pushed", mostPushed), time("--timeout", timeout), keep);
  }

  private List<Workload> chosen() {
    if (workloads.isEmpty()) {
      return List.of(Workload.values());
    }
    return workloads.stream()
        .map(word -> Workload.find(word).orElseThrow(() -> usage("no workload is called '" + word + "': choose among " + Workload.words())))
        .distinct()
        .toList();
  }

  private Duration time(String option, String text) {
    try {
      return Amounts.time(text);
    } catch (IllegalArgumentException e) {
      throw usage(option + ": " + e.getMessage());
    }
  }

  private long bytes(String option, String text) {
    try {
      return Amounts.bytes(text);
    } catch (IllegalArgumentException e) {
      throw usage(option + ": " + e.getMessage());
    }
  }

  private String prefix() {
    try {
      return RepositoryName.parse(repository).toString();
    } catch (RegistryException e) {
      throw usage("--repository: " + e.getMessage());
    }
  }

  private ParameterException usage(@Nullable String message) {
    return new ParameterException(spec().commandLine(), String.valueOf(message));
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the specification before the command runs");
    }
    return spec;
  }
}
