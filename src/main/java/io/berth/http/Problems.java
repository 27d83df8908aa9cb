package io.berth.http;

import io.berth.oci.ErrorCode;
import io.berth.oci.Json;
import io.berth.oci.RegistryException;
import io.berth.oci.RegistryException.Problem;
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

  private static final String RETRY_AFTER = "30";

  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

  private Problems() {}

  /** The reply that says what went wrong. */
  static Reply reply(RuntimeException e, Request request) {
    return switch (e) {
      case RegistryException expected -> reply(expected.status(), patience(expected.status()), expected.problems());
      case MethodNotAllowed other -> reply(405, new Headers().add("Allow", other.allowed()), ErrorCode.UNSUPPORTED, "this path answers to "
          + other.allowed());
      default -> {
        LOG.error("request {} {} failed", request.id(), request.method(), e);
        yield unexpected(request);
      }
    };
  }

  /** What may go better later says when. */
  private static Headers patience(int status) {
    return status == 429 || status == 503 ? new Headers().add("Retry-After", RETRY_AFTER) : new Headers();
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
    var errors = Json.MAPPER.createArrayNode();
    errors.addObject().put("code", FAULT).put("message", "the registry failed; its log tells more about request " + request.id());
    return JsonReply.of(500, new Headers(), Json.MAPPER.createObjectNode().set("errors", errors));
  }
}
