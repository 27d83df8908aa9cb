package io.berth.http;

import io.berth.oci.Descriptor;
import io.berth.oci.ErrorCode;
import io.berth.oci.Limits;
import io.berth.oci.RegistryException;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import io.berth.registry.Caller;
import io.berth.registry.Manifests;
import io.berth.registry.Manifests.Pushed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Answers to calls about manifests. Those that arrive are in memory as a whole, and what they say takes many times as much: both are bounded over
 * all requests, apart from each other, so that who sends slowly holds up no one whose manifest is here. Safe for any thread.
 */
final class ManifestCalls {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** The bytes of a manifest have to be here in this time, since they hold memory meanwhile; a blob may take as long as it likes. */
  private static final Duration ARRIVAL = Duration.ofMinutes(2);

  /** What it takes to understand a manifest of the most costly kind, in its own size. */
  private static final int UNDERSTANDING = 10;

  private final Manifests manifests;
  private final Allowance arriving;
  private final Allowance understanding;

  ManifestCalls(Manifests manifests) {
    this(manifests, new Allowance(Runtime.getRuntime().maxMemory() / 16, PATIENCE),
        new Allowance(Runtime.getRuntime().maxMemory() / 5, PATIENCE));
  }

  ManifestCalls(Manifests manifests, Allowance arriving, Allowance understanding) {
    this.manifests = manifests;
    this.arriving = arriving;
    this.understanding = understanding;
  }

  Reply get(Call.GetManifest call, Request request) {
    return found(manifests.get(call.repository(), call.name()), request);
  }

  /** The answer if it is at hand without blocking. */
  @Nullable Reply getAtOnce(Call.GetManifest call, Request request) {
    StoredManifest manifest = manifests.cached(call.repository(), call.name());
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
    try (var _ = arriving.take(expected(request.body()), request.origin().network())) {
      byte[] bytes = read(request.body());
      try (var _ = understanding.take((long) UNDERSTANDING * bytes.length, request.origin().network())) {
        pushed = manifests.put(caller, call.repository(), call.name(), call.tags(), call.contentType(), bytes);
      }
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
    Warnings.add(headers, pushed.manifest().warnings());
    return new Reply.Empty(201, headers);
  }

  /** How many bytes may come; nobody is asked for more than a manifest may have. */
  private static long expected(RequestBody body) {
    long declared = body.declaredLength().orElse(Limits.MANIFEST_BYTES);
    if (declared > Limits.MANIFEST_BYTES) {
      throw tooLarge();
    }
    return declared;
  }

  private static byte[] read(RequestBody body) {
    long declared = body.declaredLength().orElse(0);
    long begun = System.nanoTime();
    var bytes = new ByteArrayOutputStream((int) Math.max(declared, 1024));
    try {
      for (ByteBuffer piece = body.next(); piece != null; piece = body.next()) {
        if (bytes.size() + piece.remaining() > Limits.MANIFEST_BYTES) {
          throw tooLarge();
        }
        byte[] part = new byte[piece.remaining()];
        piece.get(part);
        bytes.writeBytes(part);
        if (System.nanoTime() - begun > ARRIVAL.toNanos()) {
          throw new RegistryException(ErrorCode.MANIFEST_INVALID,
              "the manifest arrives too slowly: it may take " + ARRIVAL.toSeconds() + " s");
        }
      }
    } catch (IOException e) {
      throw new RegistryException(ErrorCode.MANIFEST_INVALID, "the body broke off: push the manifest again");
    }
    return bytes.toByteArray();
  }

  private static RegistryException tooLarge() {
    return new RegistryException(413, ErrorCode.SIZE_INVALID, "a manifest has at most " + Limits.MANIFEST_BYTES + " bytes");
  }

  Reply delete(Call.DeleteManifest call, Caller caller) {
    manifests.delete(caller, call.repository(), call.name());
    return new Reply.Empty(202, new Headers());
  }
}
