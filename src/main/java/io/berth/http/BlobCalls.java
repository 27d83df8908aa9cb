package io.berth.http;

import io.berth.oci.BlobContent;
import io.berth.oci.ByteRange;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.registry.Blobs;
import io.berth.registry.Caller;

/** Answers to calls about blobs. */
final class BlobCalls {

  private final Blobs blobs;

  BlobCalls(Blobs blobs) {
    this.blobs = blobs;
  }

  Reply get(Call.GetBlob call, Caller caller, Request request) {
    String etag = Conditions.etag(call.digest());
    Headers headers = headers(call.digest(), etag);
    if (request.method().equals("HEAD") || Conditions.isKnown(request, etag)) {
      long size = blobs.size(caller, call.repository(), call.digest());
      return Conditions.isKnown(request, etag) ? new Reply.Empty(304, headers) : new Reply.Head(200, headers, size);
    }
    BlobContent content = blobs.open(caller, call.repository(), call.digest());
    long size = content.size();
    String range = Conditions.rangeApplies(request, etag) ? request.header("Range").orElse(null) : null;
    return switch (ByteRange.of(range, size)) {
      case ByteRange.Whole _ -> new Reply.Blob(200, headers, content, 0, size);
      case ByteRange.Part part -> new Reply.Blob(206,
          headers.add("Content-Range", "bytes " + part.first() + "-" + part.last() + "/" + size), content, part.first(), part.length());
      case ByteRange.Unsatisfiable _ -> unsatisfiable(content, size);
    };
  }

  private static Headers headers(Digest digest, String etag) {
    return inert(
        new Headers().add("Content-Type", "application/octet-stream").add("Docker-Content-Digest", digest.toString()).add("ETag", etag)
            .add("Accept-Ranges", "bytes").add("Cache-Control", "private, max-age=31536000, immutable")
            .add("Content-Disposition", "attachment"));
  }

  /** Content is a stranger's bytes: no browser may take it for a page or a script of this host, whatever an operator adds to answers. */
  static Headers inert(Headers headers) {
    return headers.add("Content-Security-Policy", "sandbox; default-src 'none'").add("X-Content-Type-Options", "nosniff");
  }

  private static Reply unsatisfiable(BlobContent content, long size) {
    Closing.quietly(content);
    return Problems.reply(416, new Headers().add("Content-Range", "bytes */" + size), ErrorCode.SIZE_INVALID,
        "the range lies outside of the blob, which has " + size + " bytes");
  }

  Reply delete(Call.DeleteBlob call, Caller caller) {
    blobs.delete(caller, call.repository(), call.digest());
    return new Reply.Empty(202, new Headers());
  }
}
