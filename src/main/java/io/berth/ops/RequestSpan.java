package io.berth.ops;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The span of one request, with the attributes that the semantic conventions of OpenTelemetry name. Safe for any thread. */
public final class RequestSpan {

  static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
  static final AttributeKey<String> ORIGINAL_METHOD = AttributeKey.stringKey("http.request.method_original");
  private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
  private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
  private static final AttributeKey<String> QUERY = AttributeKey.stringKey("url.query");
  private static final AttributeKey<String> SCHEME = AttributeKey.stringKey("url.scheme");
  private static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");
  private static final AttributeKey<Long> RECEIVED = AttributeKey.longKey("http.request.body.size");
  private static final AttributeKey<Long> SENT = AttributeKey.longKey("http.response.body.size");
  private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
  private static final AttributeKey<String> USER_AGENT = AttributeKey.stringKey("user_agent.original");
  private static final AttributeKey<String> CLIENT = AttributeKey.stringKey("client.address");
  private static final AttributeKey<String> PROTOCOL = AttributeKey.stringKey("network.protocol.version");
  private static final AttributeKey<String> REQUEST = AttributeKey.stringKey("berth.request.id");
  private static final AttributeKey<String> REPOSITORY = AttributeKey.stringKey("berth.repository");
  private static final AttributeKey<String> REFERENCE = AttributeKey.stringKey("berth.reference");

  private final Span span;

  RequestSpan(Span span) {
    this.span = span;
  }

  /** The span of one operation within. */
  record Child(Span span) {

    void end(boolean succeeded) {
      if (!succeeded) {
        span.setStatus(StatusCode.ERROR);
      }
      span.end();
    }
  }

  /** Does work for the request on this thread. */
  public <T> T during(Supplier<T> work) {
    try (Scope _ = Context.root().with(span).makeCurrent()) {
      return work.get();
    }
  }

  /** The identifier of the trace, 32 hexadecimal digits. */
  public String trace() {
    return span.getSpanContext().getTraceId();
  }

  /**
   * The request is over.
   *
   * @param template the path with placeholders; {@code null} where the request is no call
   * @param repository the repository that it names
   */
  public void end(AccessEntry entry, String scheme, @Nullable String template, @Nullable String repository) {
    if (span.isRecording()) {
      describe(entry, scheme, template, repository);
    }
    span.end();
  }

  private void describe(AccessEntry entry, String scheme, @Nullable String template, @Nullable String repository) {
    if (template != null) {
      span.updateName(entry.method() + " " + template);
      span.setAttribute(ROUTE, template);
    }
    if (repository != null) {
      span.setAttribute(REPOSITORY, repository);
    }
    span.setAttribute(PATH, entry.path());
    if (!entry.query().isEmpty()) {
      span.setAttribute(QUERY, entry.query());
    }
    span.setAttribute(SCHEME, scheme);
    span.setAttribute(STATUS, (long) entry.status());
    span.setAttribute(RECEIVED, entry.received());
    span.setAttribute(SENT, entry.sent());
    span.setAttribute(PROTOCOL, entry.protocol().replace("HTTP/", "").replace("2.0", "2"));
    span.setAttribute(REQUEST, entry.id());
    span.setAttribute(CLIENT, entry.client());
    if (!entry.reference().isEmpty()) {
      span.setAttribute(REFERENCE, entry.reference());
    }
    if (!entry.userAgent().isEmpty()) {
      span.setAttribute(USER_AGENT, entry.userAgent());
    }
    if (entry.status() >= 500) {
      span.setAttribute(ERROR, Integer.toString(entry.status()));
      span.setStatus(StatusCode.ERROR);
    } else if (!entry.whole()) {
      span.setAttribute(ERROR, "unfinished");
      span.setStatus(StatusCode.ERROR);
    }
  }
}
