package io.berth.http;

import io.berth.oci.Json;
import io.berth.ops.Health;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Answers to those who ask how the registry is: an orchestrator, a load balancer, an operator. */
final class ProbeCalls {

  private final Health health;

  ProbeCalls(Health health) {
    this.health = health;
  }

  /** That there is an answer is the answer. */
  static Reply live() {
    return JsonReply.of(200, headers(), Json.MAPPER.createObjectNode().put("status", "ok"));
  }

  /** Whether requests are welcome: 200, with a word about those that are not, or 503 with what is wrong in the words of the specification's errors. */
  Reply ready() {
    Map<String, String> problems = health.problems();
    if (problems.isEmpty()) {
      ObjectNode body = Json.MAPPER.createObjectNode().put("status", "ok");
      health.warning().ifPresent(words -> body.put("warning", words));
      return JsonReply.of(200, headers(), body);
    }
    var errors = Json.MAPPER.createArrayNode();
    problems.values().forEach(words -> errors.addObject().put("code", Problems.FAULT).put("message", words));
    return JsonReply.of(503, headers(), Json.MAPPER.createObjectNode().set("errors", errors));
  }

  /** The same in the form of CNCF Distribution: an object with a member for each thing that is wrong. */
  Reply debug() {
    Map<String, String> problems = health.problems();
    ObjectNode body = Json.MAPPER.createObjectNode();
    problems.forEach(body::put);
    return JsonReply.of(problems.isEmpty() ? 200 : 503, headers(), body);
  }

  private static Headers headers() {
    return new Headers().add("Cache-Control", "no-store");
  }
}
