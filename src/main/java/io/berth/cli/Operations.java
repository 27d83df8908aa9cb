package io.berth.cli;

import io.berth.config.DebugConfig;
import io.berth.config.ServeConfig;
import io.berth.http.Observation;
import io.berth.http.OperatorCalls;
import io.berth.http.RequestHandler;
import io.berth.http.Routes;
import io.berth.http.engine.EngineOptions;
import io.berth.http.engine.HttpServer;
import io.berth.job.Collector;
import io.berth.job.PullWriter;
import io.berth.metadata.MetadataStore;
import io.berth.ops.AccessLog;
import io.berth.ops.Health;
import io.berth.ops.Metrics;
import io.berth.ops.RequestMetrics;
import io.berth.ops.StoreWatch;
import io.berth.ops.Tracing;
import io.berth.registry.Garbage;
import io.berth.registry.Headroom;
import io.berth.registry.ManifestCache;
import io.berth.registry.MeasuredBlobStore;
import io.berth.registry.MeasuredMetadataStore;
import io.berth.registry.Mode;
import io.berth.registry.Pulls;
import io.berth.storage.BlobStore;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** The parts that watch the others: metrics, access log, traces. To be closed after all that they watch. */
final class Operations implements AutoCloseable {

  private static final Duration DRAIN = Duration.ofSeconds(1);

  private final Metrics metrics = new Metrics();
  private final RequestMetrics requests = new RequestMetrics(metrics, Routes.names());
  private final @Nullable AccessLog log;
  private final @Nullable Tracing tracing;
  private final StoreWatch stores;

  /**
   * Starts them.
   *
   * @param out where the access log goes
   */
  Operations(ServeConfig config, OutputStream out) {
    this.tracing = tracing(config);
    this.stores = new StoreWatch(metrics, tracing);
    this.log = config.log().access().map(format -> new AccessLog(out, format, config.log().fields())).orElse(null);
    if (log != null) {
      metrics.counter("berth_access_log_dropped_lines_total", "Lines of the access log that were dropped, since it is read too slowly.",
          log::dropped);
    }
  }

  private static @Nullable Tracing tracing(ServeConfig config) {
    try {
      return Tracing.start(config.tracing(), System.getenv()).orElse(null);
    } catch (RuntimeException e) {
      throw new Refusal("traces can't be sent: " + e.getMessage() + ". Correct what the configuration or the variables OTEL_* say", e);
    }
  }

  MetadataStore watched(MetadataStore store) {
    return new MeasuredMetadataStore(store, stores);
  }

  BlobStore watched(BlobStore store) {
    return new MeasuredBlobStore(store, stores);
  }

  RequestHandler watched(RequestHandler handler, InstantSource clock) {
    return new Observation(handler, requests, log, tracing, clock);
  }

  void watch(ManifestCache cache) {
    metrics.counter("berth_manifest_cache_hits_total", "Manifests that were found in memory.", cache::hits);
    metrics.counter("berth_manifest_cache_misses_total", "Manifests that the metadata store was asked for.", cache::misses);
    metrics.gauge("berth_manifest_cache_entries", "Manifests in memory.", cache::entries);
    metrics.gauge("berth_manifest_cache_bytes", "What they take, about.", cache::bytes);
  }

  void watch(Garbage garbage) {
    metrics.counter("berth_gc_links_expired_total", "Links that were taken away, since no manifest needed the blob in time.",
        () -> garbage.total().expired());
    metrics.counter("berth_gc_blobs_collected_total", "Blobs whose bytes were removed.", () -> garbage.total().blobs());
    metrics.counter("berth_gc_bytes_freed_total", "How much that was.", () -> garbage.total().bytes());
    metrics.counter("berth_gc_referrers_removed_total", "Manifests that were removed since their subject had been deleted.",
        () -> garbage.total().referrers());
    metrics.counter("berth_gc_failures_total", "What could not be collected, and was put off.", () -> garbage.total().failed());
  }

  /** The background thread that collects. */
  Collector watch(Collector collector) {
    collector.watch(metrics);
    return collector;
  }

  /** What is pulled, and the background thread that writes it down. */
  PullWriter watch(Pulls pulls, PullWriter writer) {
    metrics.gauge("berth_statistics_waiting", "Different things that were pulled and are not in the statistics yet.", pulls::waiting);
    metrics.counter("berth_statistics_dropped_total", "What was left out of the statistics, since it was too much.", pulls::dropped);
    metrics.counter("berth_statistics_failures_total", "How often the statistics could not be written.", writer::failures);
    return writer;
  }

  void watch(HttpServer server, long bodyBudget, long answerBudget) {
    metrics.gauge("berth_http_connections", "Connections that are open.", server::connections);
    metrics.counter("berth_http_refused_connections_total", "Connections that were closed at once, because there were too many.",
        server::refusedConnections);
    metrics.counter("berth_http_refused_requests_total", "Requests that were answered 503, because there were too many.",
        server::refusedRequests);
    metrics.gauge("berth_http_followers", "Streams of events that are open.", server::followers);
    metrics.counter("berth_http_refused_followers_total", "Streams of events that were answered 503 or 429, because there were too many.",
        server::refusedFollowers);
    metrics.gauge("berth_http_body_bytes", "Bytes of bodies of requests in memory, or asked for.", server::bodyBytes);
    metrics.gauge("berth_http_body_budget_bytes", "How many there may be.", () -> bodyBudget);
    metrics.gauge("berth_http_answer_bytes", "Bytes of answers in memory.", server::answerBytes);
    metrics.gauge("berth_http_answer_budget_bytes", "How many there may be.", () -> answerBudget);
  }

  void watch(Headroom headroom) {
    metrics.gauge("berth_data_reserve_bytes", "What is kept back of that; below it pushes are refused.", headroom::reserve);
  }

  void watch(Mode mode, Health health, Path folder) {
    metrics.gauge("berth_read_only", "1 while nothing can be changed.", () -> mode.isReadOnly() ? 1 : 0);
    metrics.gauge("berth_ready", "1 while requests are welcome.", () -> health.problems().isEmpty() ? 1 : 0);
    metrics.gauge("berth_data_free_bytes", "What is free where the data folder is.", () -> free(folder));
  }

  private static double free(Path folder) {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  /** The second listener. */
  HttpServer listen(DebugConfig config, Health health) {
    if (config.metricsPath().isPresent()) {
      metrics.watchProcess();
    }
    try {
      return HttpServer.start(EngineOptions.defaults(EngineSettings.place(config.listen())).withEventLoops(1).withDrainTimeout(DRAIN),
          new OperatorCalls(metrics, config.metricsPath(), health));
    } catch (IOException e) {
      throw new Refusal("can't listen on " + config.listen() + ": " + e.getMessage()
          + ". Free the port, or give another one (--debug-listen HOST:PORT, or http.debug.addr)", e);
    }
  }

  @Override
  public void close() {
    if (log != null) {
      log.close();
    }
    if (tracing != null) {
      tracing.close();
    }
  }
}
