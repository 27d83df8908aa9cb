package io.berth.http;

import io.berth.ops.AuditLog;

/** Writes down what became of requests. */
record Audit(AuditLog log) {

  void write(Request request, String identity, String decision, String rule, Reply reply) {
    log.write(new AuditLog.Entry(request.id(), identity, request.client(), request.method(), request.rawPath(), decision, rule,
        reply.status(), request.trail().refs().text()));
  }
}
