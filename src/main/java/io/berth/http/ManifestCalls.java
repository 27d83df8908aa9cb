package io.berth.http;

import io.berth.oci.Descriptor;
import io.berth.oci.Limits;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import io.berth.policy.Access;
import io.berth.registry.Caller;
import io.berth.registry.Manifests;
import io.berth.registry.Manifests.Pushed;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Answers to calls about manifests. They are in memory as a whole, and what they say takes many times as much: both are bounded over all
 * requests, and are taken when the peer has nothing more to do, so that who sends slowly holds up no one. Safe for any thread.
 */
final class ManifestCalls {

  /** What it takes to understand a manifest of the most costly kind, in its own size. */
  private static final int UNDERSTANDING = 10;

  private final Manifests manifests;
  private final Bodies bodies;
  private final Allowance understanding;

  ManifestCalls(Manifests manifests, Bodies bodies, Allowance understanding) {
    this.manifests = manifests;
    this.bodies = bodies;
    this.understanding = understanding;
  }

  Reply get(Call.GetManifest call, Caller caller, Request request) {
    return found(manifests.get(caller, call.repository(), call.name()), request);
  }

  /** The answer if it is at hand without blocking. */
  @Nullable Reply getAtOnce(Call.GetManifest call, Access access, Request request) {
    StoredManifest manifest = manifests.cached(access, call.repository(), call.name());
    return manifest == null ? null : found(manifest, request);
  }

  private static Reply found(StoredManifest manifest, Request request) {
    String etag = Conditions.etag(manifest.digest());
    Headers headers = BlobCalls.inert(new Headers().add("Content-Type", manifest.mediaType().value())
        .add("Docker-Content-Digest", manifest.digest().toString()).add("ETag", etag));
    return Conditions.isKnown(request, etag) ? new Reply.Empty(304, headers) : new Reply.Bytes(200, headers, manifest.bytes());
  }

  Reply put(Call.PutManifest call, Caller caller, Request request) {
    UploadCalls.requirePlain(request);
    Pushed pushed;
    try (var document = bodies.read(request, Limits.MANIFEST_BYTES, "a manifest");
        var _ = understanding.take((long) UNDERSTANDING * document.bytes().length, request.origin().network())) {
      pushed = manifests.put(caller, call.repository(), call.name(), call.tags(), call.contentType(), Conditions.onManifest(request),
          document.bytes());
    }
    Headers headers = new Headers().add("Location", "/v2/" + call.repository() + "/manifests/" + pushed.digest())
        .add("Docker-Content-Digest", pushed.digest().toString());
    Descriptor subject = pushed.manifest().subject();
    if (subject != null) {
      headers.add("OCI-Subject", subject.digest().toString());
    }
    if (!call.tags().isEmpty()) {
      headers.add("OCI-Tag", call.tags().stream().map(Tag::value).distinct().collect(Collectors.joining(", ")));
    }
    Warnings.add(headers, Stream.concat(Absences.warning(pushed.absent()).stream(), pushed.manifest().warnings().stream()).toList());
    return new Reply.Empty(201, headers);
  }

  Reply delete(Call.DeleteManifest call, Caller caller, Request request) {
    Optional<Duration> grace = manifests.delete(caller, call.repository(), call.name(), Conditions.onManifest(request));
    var headers = new Headers();
    grace.ifPresent(time -> Warnings.add(headers, List.of("what is about this manifest goes, too, " + time.toSeconds()
        + " seconds from now, unless it is tagged or listed, or this manifest is pushed again")));
    return new Reply.Empty(202, headers);
  }
}
