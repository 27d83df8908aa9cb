package io.berth.ops;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts and times requests. Routes come from a fixed set, methods too, and statuses are those that Berth answers with: hostile names make no
 * series. Never blocks; safe for any thread.
 */
public final class RequestMetrics {

  /** What is no call of Berth's. */
  public static final String NO_ROUTE = "none";

  static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
  private static final String OTHER = "other";
  private static final double[] SECONDS = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300};

  private record Key(String route, String method, int status) {}

  /** The series of a route. */
  private record Route(DistributionDataPoint seconds, CounterDataPoint received, CounterDataPoint sent, CounterDataPoint unfinished) {}

  private final Set<String> known;
  private final Map<Key, CounterDataPoint> requests = new ConcurrentHashMap<>();
  private final Map<String, Route> routes = new ConcurrentHashMap<>();
  private final LongAdder inFlight = new LongAdder();
  private final Counter count;
  private final Histogram seconds;
  private final Counter received;
  private final Counter sent;
  private final Counter unfinished;

  /** Counts requests of so many routes; any other counts as {@link #NO_ROUTE}. */
  public RequestMetrics(Metrics metrics, Set<String> routes) {
    this.known = Set.copyOf(routes);
    this.count =
        Counter.builder().name("berth_http_requests_total").help("Requests that have been answered, or whose client went away (499).")
            .labelNames("route", "method", "class", "code").withoutExemplars().register(metrics.registry());
    this.seconds =
        Histogram.builder().name("berth_http_request_duration_seconds").help("From the head of a request to the end of its answer.")
            .labelNames("route").classicOnly().classicUpperBounds(SECONDS).withoutExemplars().register(metrics.registry());
    this.received = Counter.builder().name("berth_http_received_bytes_total").help("Bytes of the bodies of requests.").labelNames("route")
        .withoutExemplars().register(metrics.registry());
    this.sent = Counter.builder().name("berth_http_sent_bytes_total").help("Bytes of the bodies of answers.").labelNames("route")
        .withoutExemplars().register(metrics.registry());
    this.unfinished = Counter.builder().name("berth_http_unfinished_requests_total").help("Requests whose answer was not sent to its end.")
        .labelNames("route").withoutExemplars().register(metrics.registry());
    metrics.gauge("berth_http_requests_in_flight", "Requests that are being answered.", inFlight::sum);
  }

  /** A request has begun. */
  public void began() {
    inFlight.increment();
  }

  /** A request that {@link #began} is over. */
  public void left() {
    inFlight.decrement();
  }

  /** What became of a request. One that {@code followed} events lasted as long as its client liked, and is not timed. */
  public void ended(String route, String method, int status, long bytesReceived, long bytesSent, long nanos, boolean whole,
      boolean followed) {
    String name = known.contains(route) ? route : NO_ROUTE;
    requests.computeIfAbsent(new Key(name, METHODS.contains(method) ? method : OTHER, status),
        key -> count.labelValues(key.route, key.method, status / 100 + "xx", Integer.toString(status))).inc();
    Route series = routes.computeIfAbsent(name,
        key -> new Route(seconds.labelValues(key), received.labelValues(key), sent.labelValues(key), unfinished.labelValues(key)));
    if (!followed) {
      series.seconds.observe(nanos / 1e9);
    }
    if (bytesReceived > 0) {
      series.received.inc(bytesReceived);
    }
    if (bytesSent > 0) {
      series.sent.inc(bytesSent);
    }
    if (!whole) {
      series.unfinished.inc();
    }
  }
}
