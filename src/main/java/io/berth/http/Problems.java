package io.berth.http;

import io.berth.auth.Passwords;
import io.berth.oci.ErrorCode;
import io.berth.oci.Json;
import io.berth.oci.RegistryException;
import io.berth.oci.RegistryException.Problem;
import io.berth.oci.StoreFailure;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The only place where an exception becomes a status (distribution specification, "Error Codes"). What nobody expected is logged with its cause;
 * the client learns the request's identifier, and nothing of the inside.
 */
final class Problems {

  /** The specification has no code for a fault of ours; this name is the one that clients know from other registries. */
  static final String FAULT = "UNKNOWN";

  /** Seconds, for those who are told that there is too much of something. */
  private static final String LATER = "30";

  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
  private static final FailureLog FAILURES = new FailureLog(LOG, System::nanoTime);

  /** Seconds, for those whom something hit that passes. */
  private static final String SOON = "5";

  private Problems() {}

  /** The reply that says what went wrong. */
  static Reply reply(RuntimeException e, Request request) {
    Reply reply = replyTo(e, request);
    request.trail().reason(e instanceof RegistryException expected ? expected.problems().getFirst().message() : "status " + reply.status());
    return reply;
  }

  private static Reply replyTo(RuntimeException e, Request request) {
    return switch (e) {
      case RegistryException expected -> reply(expected.status(), patience(expected.status()), expected.problems());
      case MethodNotAllowed other -> reply(405, new Headers().add("Allow", other.allowed()), ErrorCode.UNSUPPORTED, "this path answers to "
          + other.allowed());
      case Passwords.UnavailableException unavailable -> {
        LOG.warn("request {}: nobody could look at a password: {}", request.id(), unavailable.getMessage());
        yield fault(503, new Headers().add("Retry-After", SOON), "logins can't be looked at at the moment: try again");
      }
      case StoreFailure failure -> {
        FAILURES.failed(failure.kind(), e, request);
        yield failed(failure.kind(), request);
      }
      default -> {
        LOG.error("request {} {} failed", request.id(), request.method(), e);
        yield unexpected(request);
      }
    };
  }

  /** What may go better later says when. */
  private static Headers patience(int status) {
    return status == 429 || status == 503 ? new Headers().add("Retry-After", LATER) : new Headers();
  }

  /** What passes by itself is worth another try, and clients make one. What is full is not; they are told whom to ask. */
  private static Reply failed(StoreFailure.Kind kind, Request request) {
    return switch (kind) {
      case FULL -> reply(507, new Headers(), ErrorCode.DENIED,
          "the registry's disk is full, and this could not be written: try again when its operator has made room");
      case PASSING ->
          fault(503, new Headers().add("Retry-After", SOON), "the registry can't reach its data at the moment: try again");
      case LASTING -> unexpected(request);
    };
  }

  /** A reply with one error. */
  static Reply reply(int status, Headers headers, ErrorCode code, String message) {
    return reply(status, headers, List.of(new Problem(code, message, null)));
  }

  private static Reply reply(int status, Headers headers, List<Problem> problems) {
    var errors = Json.MAPPER.createArrayNode();
    for (Problem problem : problems) {
      ObjectNode error = errors.addObject().put("code", problem.code().name()).put("message", problem.message());
      if (problem.detail() != null) {
        error.put("detail", problem.detail());
      }
    }
    return JsonReply.of(status, headers, Json.MAPPER.createObjectNode().set("errors", errors));
  }

  private static Reply unexpected(Request request) {
    return fault(500, new Headers(), "the registry failed; its log tells more about request " + request.id());
  }

  private static Reply fault(int status, Headers headers, String message) {
    var errors = Json.MAPPER.createArrayNode();
    errors.addObject().put("code", FAULT).put("message", message);
    return JsonReply.of(status, headers, Json.MAPPER.createObjectNode().set("errors", errors));
  }
}
