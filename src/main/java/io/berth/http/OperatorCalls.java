package io.berth.http;

import io.berth.oci.ErrorCode;
import io.berth.ops.Health;
import io.berth.ops.Metrics;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the second listener answers, for operators and their machines: metrics and probes. It asks nobody who they are, and none of its
 * answers depends on a secret or names a path, a repository or a user. Safe for any thread.
 */
public final class OperatorCalls implements RequestHandler {

  private final Metrics metrics;
  private final Optional<String> metricsPath;
  private final ProbeCalls probes;

  /**
   * The answers.
   *
   * @param metricsPath where the metrics are read; absent: nowhere
   */
  public OperatorCalls(Metrics metrics, Optional<String> metricsPath, Health health) {
    this.metrics = metrics;
    this.metricsPath = metricsPath;
    this.probes = new ProbeCalls(health);
  }

  @Override
  public @Nullable Reply immediate(Request request) {
    return null;
  }

  @Override
  public Reply handle(Request request) {
    try {
      Reply reply = answer(request);
      return reply instanceof Reply.Bytes(int status, Headers headers, byte[] body) && request.method().equals("HEAD")
          ? new Reply.Head(status, headers, body.length)
          : reply;
    } catch (RuntimeException e) {
      return Problems.reply(e, request);
    }
  }

  private Reply answer(Request request) {
    String path = request.rawPath();
    boolean known = metricsPath.filter(path::equals).isPresent() || path.equals("/livez") || path.equals("/readyz")
        || path.equals("/debug/health");
    if (!known) {
      return Problems.reply(404, new Headers(), ErrorCode.UNSUPPORTED, "there is no such endpoint");
    }
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      throw new MethodNotAllowed("GET, HEAD");
    }
    return switch (path) {
      case "/livez" -> ProbeCalls.live();
      case "/readyz" -> probes.ready();
      case "/debug/health" -> probes.debug();
      default -> scrape(request);
    };
  }

  private Reply scrape(Request request) {
    Metrics.Scrape scrape = metrics.scrape(request.header("Accept").orElse(null));
    return new Reply.Bytes(200, new Headers().add("Content-Type", scrape.contentType()).add("Cache-Control", "no-store"), scrape.text());
  }
}
