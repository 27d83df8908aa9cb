package io.berth.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.Upload;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.BlobContent;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.registry.Lives.Live;
import io.berth.registry.OpenUploads.Owner;
import io.berth.registry.Uploads.Progress;
import io.berth.storage.BlobStore;
import io.berth.storage.BlobStore.Trace;
import io.berth.storage.Staged;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * How an upload ends: as a blob of its repository, or as nothing. Bytes come into their place first and get their name then; what failed in between,
 * or was cut off, is taken up when the client closes the upload again. For whoever has the upload ({@link Lives}).
 */
final class UploadEnds {

  /** How long a finished upload is remembered, for clients that did not get the answer and close it again. */
  private static final Duration REMEMBERED = Duration.ofMinutes(10);

  private static final int REMEMBERED_COUNT = 10_000;

  private final MetadataStore metadata;
  private final BlobStore storage;
  private final Leases leases;
  private final Leftovers leftovers;
  private final DigestLocks digests;
  private final InstantSource clock;
  private final OpenUploads open;
  private final Cache<Finished, Digest> finished =
      Caffeine.newBuilder().maximumSize(REMEMBERED_COUNT).expireAfterWrite(REMEMBERED).build();

  /** An upload that has become a blob, and whose it was. */
  private record Finished(String id, RepositoryName repository, String principal) {}

  UploadEnds(MetadataStore metadata, BlobStore storage, Leases leases, Leftovers leftovers, DigestLocks digests, InstantSource clock,
      OpenUploads open) {
    this.metadata = metadata;
    this.storage = storage;
    this.leases = leases;
    this.leftovers = leftovers;
    this.digests = digests;
    this.clock = clock;
    this.open = open;
  }

  /** Whether the upload has become this blob, and the repository still holds it: it may have been deleted since. */
  boolean isFinished(Caller caller, RepositoryName repository, String id, Digest digest) {
    return digest.equals(finished.getIfPresent(new Finished(id, repository, caller.identity().name())))
        && leases.isPromised(repository, digest);
  }

  /** Makes a blob of staged bytes that are what the digest says. When it returns, that is durable. */
  void commit(Caller caller, Upload upload, Live live, Staged staged, Digest digest) throws IOException {
    long size = staged.size();
    try (DigestLocks.Held _ = digests.share(digest)) {
      try {
        storage.commit(staged, digest);
      } catch (IOException e) {
        // after a failed sync the next may succeed without reaching the disk: the bytes must be sent again, or at least be written again
        live.hash = null;
        end(upload, live);
        throw e;
      }
      name(caller, upload, live, digest, size);
    }
  }

  /** The last step. Should it fail, the trace tells what is left to be done; nobody knows then whether the row is still there. */
  private void name(Caller caller, Upload upload, Live live, Digest digest, long size) {
    // before its row goes, so that whoever misses that finds it here; it counts only where the repository holds the blob
    finished.put(new Finished(upload.id(), upload.repository(), upload.principal()), digest);
    writeAndForget(live, tx -> {
      tx.linkBlob(upload.repository(), digest, size, clock.instant(), leases.until());
      leases.own(tx, caller, upload.repository(), digest);
      tx.deleteUpload(upload.id());
    });
    open.end(Owner.of(upload));
    leftovers.eraseTrace(upload.id());
  }

  /** Whether the upload's bytes have come, or were about to come, into their place by a request that failed before its end, or was cut off. */
  boolean isCommitted(Upload upload, Digest digest) throws IOException {
    return storage.stagedSize(upload.id()) == 0
        && storage.committed(upload.id()).filter(trace -> trace.digest().equals(digest)).isPresent();
  }

  /** Does what is left to be done for such a one. Its bytes may be gone, since nothing named them: then it has ended. */
  Progress resume(Caller caller, Upload upload, Live live, Digest digest) throws IOException {
    try (DigestLocks.Held _ = digests.share(digest)) {
      OptionalLong size = storage.secure(digest) ? sound(upload, digest) : OptionalLong.empty();
      if (size.isPresent()) {
        name(caller, upload, live, digest, size.getAsLong());
        return new Progress.Taken(size.getAsLong());
      }
    }
    end(upload, live);
    throw Uploads.unknown(upload.id());
  }

  /**
   * The size of bytes that are in their place and what the digest says. Those that this upload brought are. Where there were some before, they may
   * be those: after a power failure the trace may be there, and the bytes of the upload gone.
   */
  private OptionalLong sound(Upload upload, Digest digest) throws IOException {
    Optional<BlobContent> found = storage.open(digest);
    if (found.isEmpty()) {
      return OptionalLong.empty();
    }
    try (BlobContent content = found.get()) {
      boolean isOurs = storage.committed(upload.id()).filter(Trace::isNew).isPresent();
      return isOurs || UploadHash.of(content, digest.algorithm()).equals(digest) ? OptionalLong.of(content.size()) : OptionalLong.empty();
    }
  }

  /** The row first: whatever fails behind it, nobody goes on with these bytes, and the sweep finds them. */
  void end(Upload upload, Live live) {
    writeAndForget(live, tx -> tx.deleteUpload(upload.id()));
    open.end(Owner.of(upload));
    leftovers.discard(upload.id());
  }

  /** Takes the row away. If that fails nobody knows whether it is gone, and whoever asks for the upload looks. */
  private void writeAndForget(Live live, Consumer<WriteTransaction> change) {
    try {
      metadata.write(tx -> {
        change.accept(tx);
        return live;
      });
    } finally {
      live.forget();
    }
  }
}
