package io.berth.ops;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of one registry, in the text formats of Prometheus. No label ever carries what a stranger can choose, so that the number of
 * series is bounded by the program. Safe for any thread.
 */
public final class Metrics {

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ExpositionFormats formats = ExpositionFormats.init();

  /** Numbers, of the program itself so far. */
  public Metrics() {
    Info.builder().name("berth_build_info").help("Which Berth this is.").labelNames("version", "java").register(registry)
        .setLabelValues(version(), Runtime.version().toString());
  }

  /** Adds those of the Java machine and the process. They cost a few hundred classes, which who reads no numbers is spared. */
  public void watchProcess() {
    JvmMetrics.builder().register(registry);
  }

  /** The version of the program; {@code development} where it does not run from its jar. */
  public static String version() {
    return Optional.ofNullable(Metrics.class.getPackage().getImplementationVersion()).orElse("development");
  }

  /** What can go up and down, asked for when the numbers are read. */
  public void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder().name(name).help(help).callback(sample -> sample.call(value.getAsDouble())).register(registry);
  }

  /** What only goes up, asked for when the numbers are read. The name ends in {@code _total}. */
  public void counter(String name, String help, LongSupplier value) {
    CounterWithCallback.builder().name(name).help(help).callback(sample -> sample.call((double) value.getAsLong())).register(registry);
  }

  PrometheusRegistry registry() {
    return registry;
  }

  /**
   * The numbers at this moment.
   *
   * @param contentType in which format {@code text} is
   */
  public record Scrape(String contentType, byte[] text) {}

  /**
   * Reads all numbers.
   *
   * @param accept what the reader says it can read; {@code null} where it says nothing
   */
  public Scrape scrape(@Nullable String accept) {
    // the binary format, which Prometheus asks for first, is not on board
    ExpositionFormatWriter openMetrics = formats.getOpenMetricsTextFormatWriter();
    ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : formats.getPrometheusTextFormatWriter();
    var out = new ByteArrayOutputStream(32 * 1024);
    try {
      writer.write(out, registry.scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Scrape(writer.getContentType(), out.toByteArray());
  }
}
