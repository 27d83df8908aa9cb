package io.berth.http;

import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.registry.Caller;
import io.berth.registry.Mounts;
import io.berth.registry.Uploads;
import io.berth.registry.Uploads.Progress;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** Answers to calls about uploads, mounts among them. */
final class UploadCalls {

  private final Uploads uploads;
  private final Mounts mounts;
  private final OptionalLong chunkMinLength;

  UploadCalls(Uploads uploads, Mounts mounts, OptionalLong chunkMinLength) {
    this.uploads = uploads;
    this.mounts = mounts;
    this.chunkMinLength = chunkMinLength;
  }

  Reply start(Call.StartUpload call, Caller caller) {
    return started(caller, call.repository(), call.algorithm());
  }

  private Reply started(Caller caller, RepositoryName repository, Digest.Algorithm algorithm) {
    Headers headers = progress(repository, uploads.start(caller, repository, algorithm), 0);
    chunkMinLength.ifPresent(bytes -> headers.add("OCI-Chunk-Min-Length", Long.toString(bytes)));
    return new Reply.Empty(202, headers);
  }

  /** A mount that can't be is an upload like any other: the client then sends the bytes. */
  Reply mount(Call.MountBlob call, Caller caller, Request request) {
    Optional<RepositoryName> origin = origin(call, caller);
    origin.ifPresent(from -> request.trail().from(from.value()));
    return origin.isPresent() ? created(call.repository(), call.digest())
        : started(caller, call.repository(), call.digest().algorithm());
  }

  private Optional<RepositoryName> origin(Call.MountBlob call, Caller caller) {
    return call.find() ? mounts.discover(caller, call.repository(), call.digest())
        : Optional.ofNullable(call.from()).filter(from -> mounts.mount(caller, call.repository(), call.digest(), from));
  }

  Reply push(Call.PushBlob call, Caller caller, Request request) {
    requirePlain(request);
    uploads.push(caller, call.repository(), call.digest(), request.body());
    return created(call.repository(), call.digest());
  }

  Reply status(Call.UploadStatus call, Caller caller) {
    return new Reply.Empty(204, progress(call.repository(), call.upload(), uploads.status(caller, call.repository(), call.upload())));
  }

  Reply append(Call.AppendUpload call, Caller caller, Request request) {
    requirePlain(request);
    Progress progress = uploads.append(caller, call.repository(), call.upload(), call.range(), request.body());
    return switch (progress) {
      case Progress.Taken(long received) -> new Reply.Empty(202, progress(call.repository(), call.upload(), received));
      case Progress.OutOfOrder(long received) -> outOfOrder(call.repository(), call.upload(), received);
    };
  }

  Reply finish(Call.FinishUpload call, Caller caller, Request request) {
    requirePlain(request);
    Progress progress = uploads.finish(caller, call.repository(), call.upload(), call.digest(), call.range(), request.body());
    return switch (progress) {
      case Progress.Taken _ -> created(call.repository(), call.digest());
      case Progress.OutOfOrder(long received) -> outOfOrder(call.repository(), call.upload(), received);
    };
  }

  Reply cancel(Call.CancelUpload call, Caller caller) {
    uploads.cancel(caller, call.repository(), call.upload());
    return new Reply.Empty(204, new Headers());
  }

  private static Reply outOfOrder(RepositoryName repository, String upload, long received) {
    return Problems.reply(416, progress(repository, upload, received), ErrorCode.BLOB_UPLOAD_INVALID,
        "the chunk is out of order: the next one begins at " + received);
  }

  /** Bytes are named by the digest of what is sent, so a coding that has to be undone first is not taken. */
  static void requirePlain(Request request) {
    request.header("Content-Encoding").filter(coding -> !coding.toLowerCase(Locale.ROOT).equals("identity")).ifPresent(_ -> {
      throw new RegistryException(415, ErrorCode.UNSUPPORTED, "send the content as it is, without Content-Encoding");
    });
  }

  private static Headers progress(RepositoryName repository, String upload, long received) {
    return new Headers().add("Location", "/v2/" + repository + "/blobs/uploads/" + upload)
        .add("Range", "0-" + Math.max(0, received - 1)).add("Docker-Upload-UUID", upload);
  }

  private static Reply created(RepositoryName repository, Digest digest) {
    return new Reply.Empty(201,
        new Headers().add("Location", "/v2/" + repository + "/blobs/" + digest).add("Docker-Content-Digest", digest.toString()));
  }
}
