package io.berth.ops;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Times what the stores are asked to do, and has it appear in the trace of the request that asks. Safe for any thread. */
public final class StoreWatch {

  private static final double[] SECONDS = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10};

  private record Series(DistributionDataPoint seconds, CounterDataPoint errors) {}

  private final Map<StoreOperation, Series> series = new EnumMap<>(StoreOperation.class);
  private final LongAdder uploads = new LongAdder();
  private final @Nullable Tracing tracing;

  /** A watch; {@code tracing} is {@code null} where nothing is traced. */
  public StoreWatch(Metrics metrics, @Nullable Tracing tracing) {
    this.tracing = tracing;
    Histogram seconds = Histogram.builder().name("berth_store_operation_duration_seconds").help("What the stores take, waiting included.")
        .labelNames("store", "operation").classicOnly().classicUpperBounds(SECONDS).withoutExemplars().register(metrics.registry());
    Counter errors = Counter.builder().name("berth_store_errors_total").help("Operations of the stores that failed.")
        .labelNames("store", "operation").withoutExemplars().register(metrics.registry());
    for (StoreOperation operation : StoreOperation.values()) {
      series.put(operation, new Series(seconds.labelValues(operation.store(), operation.word()),
          errors.labelValues(operation.store(), operation.word())));
    }
    metrics.gauge("berth_uploads_in_flight", "Uploads to which a request is writing.", uploads::sum);
  }

  /** An operation under way. To be closed by the thread that began it; it failed unless {@link #succeeded} says otherwise before. */
  public static final class Timing implements AutoCloseable {

    private final Series of;
    private final RequestSpan.@Nullable Child span;
    private final long begun = System.nanoTime();
    private boolean succeeded;

    private Timing(Series of, RequestSpan.@Nullable Child span) {
      this.of = of;
      this.span = span;
    }

    /** It did what it should. */
    public void succeeded() {
      succeeded = true;
    }

    @Override
    public void close() {
      of.seconds.observe((System.nanoTime() - begun) / 1e9);
      if (!succeeded) {
        of.errors.inc();
      }
      if (span != null) {
        span.end(succeeded);
      }
    }
  }

  /** An operation begins. */
  public Timing begin(StoreOperation operation) {
    return new Timing(of(operation), tracing == null ? null : tracing.child(operation));
  }

  /** One of many parts of something begins, too small to appear in a trace. */
  public Timing beginPart(StoreOperation operation) {
    return new Timing(of(operation), null);
  }

  private Series of(StoreOperation operation) {
    return Objects.requireNonNull(series.get(operation));
  }

  /** A request begins to write to an upload. */
  public void uploadBegan() {
    uploads.increment();
  }

  /** It has ended. */
  public void uploadEnded() {
    uploads.decrement();
  }
}
