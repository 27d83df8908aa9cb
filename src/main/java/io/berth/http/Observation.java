package io.berth.http;

import io.berth.oci.RepositoryName;
import io.berth.ops.AccessEntry;
import io.berth.ops.AccessLog;
import io.berth.ops.RequestMetrics;
import io.berth.ops.RequestSpan;
import io.berth.ops.Tracing;
import io.berth.policy.Identity;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Watches what another handler does: each request is counted, timed, written into the access log and traced, once, when it is over. It changes
 * no answer and never blocks. Safe for any thread.
 */
public final class Observation implements RequestHandler {

  private final RequestHandler handler;
  private final RequestMetrics metrics;
  private final @Nullable AccessLog log;
  private final @Nullable Tracing tracing;
  private final InstantSource clock;

  /**
   * Watches {@code handler}.
   *
   * @param log {@code null} where no line is wanted
   * @param tracing {@code null} where nothing is traced
   */
  public Observation(RequestHandler handler, RequestMetrics metrics, @Nullable AccessLog log, @Nullable Tracing tracing,
      InstantSource clock) {
    this.handler = handler;
    this.metrics = metrics;
    this.log = log;
    this.tracing = tracing;
    this.clock = clock;
  }

  @Override
  public @Nullable Reply immediate(Request request) {
    metrics.began();
    request.trail().seen(tracing == null ? null : tracing.begin(request.method(), request::header));
    return handler.immediate(request);
  }

  @Override
  public Reply handle(Request request) {
    RequestSpan span = request.trail().span();
    return span == null ? handler.handle(request) : span.during(() -> handler.handle(request));
  }

  @Override
  public void complete(Headers fields) {
    handler.complete(fields);
  }

  @Override
  public void ended(Request request, Ending ending) {
    Trail trail = request.trail();
    if (trail.isSeen()) {
      metrics.left();
    }
    Call call = trail.call();
    String route = Routes.name(call);
    metrics.ended(route, request.method(), ending.status(), ending.bytesReceived(), ending.bytesSent(), ending.nanos(), ending.whole(),
        ending.followed());
    RequestSpan span = trail.span();
    if (log != null || span != null) {
      AccessEntry entry = entry(request, ending, route);
      if (log != null) {
        log.write(entry);
      }
      if (span != null) {
        end(span, entry, request.origin().scheme(), call);
      }
    }
    handler.ended(request, ending);
  }

  private AccessEntry entry(Request request, Ending ending, String route) {
    Identity identity = request.trail().identity();
    RequestSpan span = request.trail().span();
    String reference = request.trail().refs().text();
    return new AccessEntry(clock.millis(), request.id(), request.client(), identity == null ? "" : identity.name(), request.method(),
        request.rawPath(), request.rawQuery(), request.protocol(), ending.status(), ending.bytesReceived(), ending.bytesSent(),
        ending.nanos(),
        ending.whole(), request.header("User-Agent").orElse(""), request.header("Referer").orElse(""), route,
        span == null ? "" : span.trace(), reference == null ? "" : reference);
  }

  private static void end(RequestSpan span, AccessEntry entry, String scheme, @Nullable Call call) {
    RepositoryName repository = call == null ? null : Routes.repository(call);
    span.end(entry, scheme, call == null ? null : Routes.template(call), repository == null ? null : repository.toString());
  }
}
