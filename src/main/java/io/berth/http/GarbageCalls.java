package io.berth.http;

import io.berth.oci.Backlog;
import io.berth.oci.Departing;
import io.berth.oci.Json;
import io.berth.registry.Garbage;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Answers to calls about what nobody needs any more. */
final class GarbageCalls {

  private final Garbage garbage;

  GarbageCalls(Garbage garbage) {
    this.garbage = garbage;
  }

  Reply backlog() {
    Backlog backlog = garbage.backlog();
    ObjectNode body = Json.MAPPER.createObjectNode().put("graceSeconds", garbage.grace().toSeconds()).put("restSeconds", rest());
    next(body.putObject("links").put("waiting", backlog.links()).put("due", backlog.dueLinks()), backlog.nextLink());
    next(body.putObject("blobs").put("waiting", backlog.blobs()).put("bytes", backlog.bytes()).put("due", backlog.dueBlobs())
        .put("dueBytes", backlog.dueBytes()), backlog.nextBlob());
    Departing departing = garbage.departing();
    next(body.putObject("referrers").put("subjects", departing.subjects()).put("dueSubjects", departing.dueSubjects())
        .put("waiting", departing.referrers()).put("due", departing.dueReferrers()), departing.next());
    return JsonReply.of(200, new Headers().add("Cache-Control", "no-store"), body);
  }

  private static void next(ObjectNode queue, @Nullable Instant next) {
    if (next != null) {
      queue.put("next", next.toString());
    }
  }

  Reply collect() {
    Garbage.Work done = garbage.step();
    return JsonReply.of(200, new Headers(),
        Json.MAPPER.createObjectNode().put("referrers", done.referrers()).put("kept", done.kept()).put("expired", done.expired())
            .put("blobs", done.blobs()).put("bytes", done.bytes()).put("failed", done.failed()).put("more", done.more())
            .put("restSeconds", rest()));
  }

  private long rest() {
    return garbage.rest().map(Duration::toSeconds).orElse(0L);
  }
}
