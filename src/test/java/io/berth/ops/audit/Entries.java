package io.berth.ops.audit;

import io.berth.ops.AuditLog.Decision;
import io.berth.ops.AuditLog.Deed;
import io.berth.ops.AuditLog.Entry;
import io.berth.ops.AuditLog.Source;
import java.util.List;

/** What is to be written down. */
final class Entries {

  private Entries() {}

  static Entry push(String tag) {
    return new Entry(new Source("0123", "user:alice", "192.0.2.1", "PUT", "/v2/team/app/manifests/" + tag, "r.example/team/app:" + tag),
        new Deed("PutManifest", "team/app", List.of(tag), "sha256:0", "", ""), Decision.ALLOWED, "developers", 201);
  }

  static Entry refusal(String address) {
    return new Entry(new Source("0123", "unknown", address, "GET", "/v2/", null), new Deed("Ping"), Decision.REFUSED, "wrong", 401);
  }
}
