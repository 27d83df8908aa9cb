package io.berth.bench;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/** What one worker has seen. For one thread, and for another one after that has ended. */
final class Tally {

  private static final int DIGITS = 3; // of each latency are kept
  private static final int MOST_KINDS_OF_ERRORS = 20;

  private final List<Histogram> latencies;
  private final Map<String, Long> errors = new TreeMap<>();
  private long lastEnd;

  Tally(int kinds) {
    latencies = IntStream.range(0, kinds).mapToObj(_ -> new Histogram(DIGITS)).toList();
  }

  void succeeded(int kind, long begun, long ended) {
    latencies.get(kind).recordValue(Math.max(0, ended - begun));
    lastEnd = ended;
  }

  void failed(Exception e) {
    failed(switch (e) {
      case UnexpectedAnswer answer -> answer.kind();
      case ClosedChannelException _ -> "no answer in time";
      case IOException io when io.getMessage() != null -> io.getMessage();
      default -> e.toString();
    }, 1);
  }

  void failed(String kind, long times) {
    errors.merge(errors.size() < MOST_KINDS_OF_ERRORS || errors.containsKey(kind) ? kind : "others", times, Long::sum);
  }

  /** Takes over what another one has seen. */
  void add(Tally other) {
    for (int i = 0; i < latencies.size(); i++) {
      latencies.get(i).add(other.latencies.get(i));
    }
    other.errors.forEach(this::failed);
    lastEnd = isEmpty(other) ? lastEnd : Math.max(lastEnd, other.lastEnd);
  }

  private static boolean isEmpty(Tally tally) {
    return tally.latencies.stream().allMatch(latency -> latency.getTotalCount() == 0);
  }

  List<Histogram> latencies() {
    return latencies;
  }

  /** Of all kinds together. */
  Histogram allLatencies() {
    var all = new Histogram(DIGITS);
    latencies.forEach(all::add);
    return all;
  }

  Map<String, Long> errors() {
    return errors;
  }

  /** When the last success ended, if there was one. */
  long lastEndOr(long otherwise) {
    return isEmpty(this) ? otherwise : lastEnd;
  }
}
