package io.berth.bench;

import io.berth.bench.Outcome.Failed;
import io.berth.bench.Outcome.Measured;
import io.berth.bench.Outcome.NotSupported;
import io.berth.bench.Outcome.Round;
import io.berth.bench.Outcome.Skipped;
import io.berth.oci.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A report for programs. Times are in microseconds; a figure that there is none of is absent. */
final class JsonReport {

  private JsonReport() {}

  static String of(Report report) {
    var root = new LinkedHashMap<String, Object>();
    root.put("begun", report.begun().toString());
    root.put("processors", Runtime.getRuntime().availableProcessors());
    root.put("options", options(report.options()));
    root.put("targets", report.targets().stream().map(JsonReport::target).toList());
    root.put("results", report.options().workloads().stream().flatMap(w -> report.summaries(w).stream()).map(JsonReport::result).toList());
    root.put("notes", report.notes());
    root.put("clean", report.isClean());
    return Json.write(root);
  }

  private static Map<String, Object> options(BenchOptions options) {
    var map = new LinkedHashMap<String, Object>();
    map.put("connections", options.connections());
    map.put("durationSeconds", options.duration().toMillis() / 1e3);
    if (options.requests() < Long.MAX_VALUE) {
      map.put("requests", options.requests());
    }
    if (options.rate() > 0) {
      map.put("rate", options.rate());
    }
    map.put("warmUpSeconds", options.warmUp().toMillis() / 1e3);
    map.put("rounds", options.rounds());
    map.put("size", options.size());
    map.put("chunk", options.chunk());
    map.put("tags", options.tags());
    map.put("oneRepository", options.oneRepository());
    return map;
  }

  private static Map<String, Object> target(Target target) {
    var map = new LinkedHashMap<String, Object>();
    map.put("name", target.name());
    map.put("url", "http://" + target.authority());
    map.put("durability", target.durability());
    target.pid().ifPresent(pid -> map.put("pid", pid));
    return map;
  }

  private static Map<String, Object> result(Summary summary) {
    Outcome outcome = summary.outcome();
    var map = new LinkedHashMap<String, Object>();
    map.put("workload", outcome.workload().toString());
    map.put("target", outcome.target().name());
    map.put("durability", outcome.target().durability());
    switch (outcome.result()) {
      case Measured measured -> {
        map.put("status", measured.errors().isEmpty() ? "measured" : "errors");
        measured(map, summary, measured);
      }
      case NotSupported unsupported -> {
        map.put("status", "not supported");
        map.put("why", unsupported.why());
      }
      case Failed failed -> {
        map.put("status", "failed");
        map.put("why", failed.why());
      }
      case Skipped _ -> map.put("status", "not measured");
    }
    return map;
  }

  private static void measured(Map<String, Object> map, Summary summary, Measured measured) {
    for (Summary.Line line : summary.lines()) {
      Map<String, Object> into = map;
      if (!line.kind().isEmpty()) {
        into = new LinkedHashMap<>();
        map.put(line.kind(), into);
      }
      put(into, "operationsPerSecond", line.operationsPerSecond());
      if (line.bytesPerSecond() > 0) {
        put(into, "bytesPerSecond", line.bytesPerSecond());
      }
      into.put("latency", latency(line.latency()));
    }
    put(map, "ratio", summary.ratio());
    put(map, "cpuMicrosPerOperation", summary.cpuNanos() / 1e3);
    put(map, "peakMemoryBytes", summary.peakBytes());
    if (!measured.remark().isEmpty()) {
      map.put("remark", measured.remark());
    }
    map.put("errors", measured.errors());
    map.put("rounds", measured.rounds().stream().map(round -> round(measured, round)).toList());
  }

  private static Map<String, Object> round(Measured measured, Round round) {
    var map = new LinkedHashMap<String, Object>();
    put(map, "seconds", round.seconds());
    map.put("operations", round.operationsInAll());
    for (int i = 0; i < measured.kinds().size() && measured.kinds().size() > 1; i++) {
      map.put(measured.kinds().get(i).name(),
          Map.of("operations", round.operations().get(i), "latency", latency(round.latencies().get(i))));
    }
    put(map, "bytes", round.bytes());
    map.put("latency", latency(round.all()));
    map.put("errors", round.errors());
    round.usage().ifPresent(usage -> {
      put(map, "cpuSeconds", usage.cpuSeconds());
      map.put("peakMemoryBytes", usage.peakBytes());
      map.put("peakSinceStart", usage.peakSinceStart());
    });
    map.put("interrupted", round.interrupted());
    return map;
  }

  private static Map<String, Object> latency(Percentiles nanos) {
    var map = new LinkedHashMap<String, Object>();
    List.of(Map.entry("p50", nanos.p50()), Map.entry("p90", nanos.p90()), Map.entry("p99", nanos.p99()), Map.entry("p99.9", nanos.p999()),
        Map.entry("max", nanos.max())).forEach(e -> put(map, e.getKey(), e.getValue() / 1e3));
    return map;
  }

  /** A number with as many digits as it deserves, unless it is none. */
  private static void put(Map<String, Object> map, String name, double value) {
    if (Double.isFinite(value)) {
      map.put(name, Math.rint(value * 1e3) / 1e3);
    }
  }
}
