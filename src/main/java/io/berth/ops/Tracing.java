package io.berth.ops;

import io.berth.config.TracingConfig;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Spans of OpenTelemetry, sent by OTLP. What the configuration leaves open, the variables {@code OTEL_*} decide. Sending is done behind the
 * requests' backs, from a bounded queue. Safe for any thread.
 */
public final class Tracing implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 5;
  private static final String ATTRIBUTE_LENGTH = "512";
  private static final List<String> SENDING =
      List.of("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER");

  /** Asks the fields of a request. */
  private static final TextMapGetter<Function<String, Optional<String>>> FIELDS = new TextMapGetter<>() {

    @Override
    public @Nullable String get(@Nullable Function<String, Optional<String>> fields, String name) {
      return fields == null ? null : fields.apply(name).orElse(null);
    }
  };

  private final OpenTelemetrySdk sdk;
  private final Tracer tracer;
  private final TextMapPropagator propagator;

  private Tracing(OpenTelemetrySdk sdk) {
    this.sdk = sdk;
    this.tracer = sdk.getTracer("io.berth");
    this.propagator = ((OpenTelemetry) sdk).getPropagators().getTextMapPropagator();
  }

  /**
   * Starts it, if configuration or environment want it.
   *
   * @throws RuntimeException in words, if what they say is wrong
   */
  public static Optional<Tracing> start(TracingConfig config, Map<String, String> environment) {
    if (!isWanted(config, environment)) {
      return Optional.empty();
    }
    OpenTelemetrySdk sdk = AutoConfiguredOpenTelemetrySdk.builder().disableShutdownHook().addPropertiesSupplier(() -> defaults(config))
        .addPropertiesCustomizer(_ -> stated(config)).build().getOpenTelemetrySdk();
    return Optional.of(new Tracing(sdk));
  }

  private static boolean isWanted(TracingConfig config, Map<String, String> environment) {
    if ("true".equalsIgnoreCase(environment.get("OTEL_SDK_DISABLED"))) {
      return false;
    }
    return config.endpoint().isPresent()
        || !"none".equals(environment.get("OTEL_TRACES_EXPORTER")) && SENDING.stream().anyMatch(environment::containsKey);
  }

  /** What the environment may overrule. */
  private static Map<String, String> defaults(TracingConfig config) {
    var properties = new HashMap<>(choices(config));
    properties.put("otel.metrics.exporter", "none");
    properties.put("otel.logs.exporter", "none");
    properties.put("otel.propagators", "tracecontext");
    properties.put("otel.attribute.value.length.limit", ATTRIBUTE_LENGTH);
    return properties;
  }

  /** What it may not: where the configuration names a collector, it means what it says beside. */
  private static Map<String, String> stated(TracingConfig config) {
    if (config.endpoint().isEmpty()) {
      return Map.of();
    }
    var properties = new HashMap<>(choices(config));
    properties.put("otel.traces.exporter", "otlp");
    properties.put("otel.exporter.otlp.endpoint", config.endpoint().get().toString());
    return properties;
  }

  private static Map<String, String> choices(TracingConfig config) {
    return Map.of("otel.service.name", config.serviceName(), "otel.exporter.otlp.protocol", config.protocol().word(), "otel.traces.sampler",
        "parentbased_traceidratio", "otel.traces.sampler.arg", Double.toString(config.sampling()));
  }

  /**
   * A request begins; its trace is the caller's ({@code traceparent}, W3C Trace Context) or a new one.
   *
   * @param fields finds header fields of the request
   */
  public RequestSpan begin(String method, Function<String, Optional<String>> fields) {
    Context parent = propagator.extract(Context.root(), fields, FIELDS);
    boolean known = RequestMetrics.METHODS.contains(method);
    SpanBuilder span = tracer.spanBuilder(known ? method : "HTTP").setParent(parent).setSpanKind(SpanKind.SERVER)
        .setAttribute(RequestSpan.METHOD, known ? method : "_OTHER");
    if (!known) {
      var _ = span.setAttribute(RequestSpan.ORIGINAL_METHOD, method);
    }
    return new RequestSpan(span.startSpan());
  }

  /** A span of what this thread's request asks of a store; {@code null} where no request is traced on this thread. */
  RequestSpan.@Nullable Child child(StoreOperation operation) {
    if (!Span.current().isRecording()) {
      return null;
    }
    return new RequestSpan.Child(
        tracer.spanBuilder(operation.store() + " " + operation.word()).setSpanKind(SpanKind.INTERNAL).startSpan());
  }

  /** Sends what is left, unless that takes long. */
  @Override
  public void close() {
    var _ = sdk.shutdown().join(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
