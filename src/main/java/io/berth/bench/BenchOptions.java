package io.berth.bench;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What to measure, and how.
 *
 * @param workloads in this order
 * @param connections of each run
 * @param duration of each run, at the longest
 * @param requests of each run, at most
 * @param rate operations a second to begin, whatever the answers do; 0 begins one when the one before has ended
 * @param warmUp before each run, not measured
 * @param rounds in which the targets take turns
 * @param size of a large blob
 * @param chunk of a large push; 0 for none
 * @param tags in the lists of tags
 * @param oneRepository whether small pushes all go to one
 * @param mostPushed bytes after which a run of pushes ends
 * @param timeout of a request, and of what is still under way when a run ends
 * @param keep whether to leave what was pushed
 */
public record BenchOptions(List<Workload> workloads, int connections, Duration duration, long requests, double rate, Duration warmUp,
    int rounds,
    long size, long chunk, int tags, boolean oneRepository, long mostPushed, Duration timeout, boolean keep) {

  private static final int MOST_CONNECTIONS = 1_024;
  private static final int MOST_ROUNDS = 100;
  private static final int MOST_TAGS = 1_000_000;
  private static final Duration LONGEST = Duration.ofHours(1);

  /** What is wrong with them, in words. */
  public Optional<String> problem() {
    if (workloads.isEmpty()) {
      return Optional.of("no workload: choose among " + Workload.words());
    }
    if (connections < 1 || connections > MOST_CONNECTIONS) {
      return Optional.of("connections: 1 to " + MOST_CONNECTIONS);
    }
    if (!duration.isPositive() || duration.compareTo(LONGEST) > 0 || warmUp.isNegative() || warmUp.compareTo(LONGEST) > 0) {
      return Optional.of("duration and warm-up: at most " + LONGEST.toHours() + " hour");
    }
    if (requests < 1) {
      return Optional.of("requests: at least 1");
    }
    if (rounds < 1 || rounds > MOST_ROUNDS) {
      return Optional.of("rounds: 1 to " + MOST_ROUNDS);
    }
    if (rate < 0 || rate > 10_000_000 || Double.isNaN(rate)) {
      return Optional.of("rate: operations a second, at most ten million");
    }
    if (size < Contents.SMALLEST || chunk < 0 || mostPushed < 1) {
      return Optional.of("size and chunk: a blob has at least " + Contents.SMALLEST + " bytes, a chunk at least 1");
    }
    if (tags < 1 || tags > MOST_TAGS) {
      return Optional.of("tags: 1 to " + MOST_TAGS);
    }
    return timeout.isPositive() ? Optional.empty() : Optional.of("timeout: more than nothing");
  }
}
