package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.Upload;
import io.berth.oci.BlobSource;
import io.berth.oci.ContentRange;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.registry.Lives.Live;
import io.berth.registry.OpenUploads.Owner;
import io.berth.storage.BlobStore;
import io.berth.storage.Staged;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Pushing a blob (distribution specification, end-4 to end-6, end-13, end-14).
 *
 * <p>An upload is a row in the metadata store, so that it outlives this process, and staged bytes in the blob store, which alone say how far it
 * has come. The hash is computed as bytes arrive and kept in memory; another process, or this one after a restart, reads the staged bytes once
 * to catch up, and writes them anew. Bytes that arrived before a connection broke stay. One request at a time works on an upload: another waits
 * a while and is then refused, so two writers never mix their bytes. An upload belongs to one repository and one principal; to all others it
 * does not exist. Safe for any thread.
 */
public final class Uploads {

  /** An upload's time of last use is renewed when it is older than this, not at each request. */
  private static final Duration TOUCH = Duration.ofMinutes(10);

  /** Uploads that are looked at when one has to give way. */
  private static final int CANDIDATES = 100;

  private final MetadataStore metadata;
  private final BlobStore storage;
  private final InstantSource clock;
  private final Supplier<String> ids;
  private final OpenUploads open;
  private final Lives lives;
  private final Leftovers leftovers;
  private final UploadEnds ends;

  /**
   * The verb over its two stores.
   *
   * @param digests where a push and the collector agree on who has a digest
   * @param ids makes unguessable identifiers of letters and digits
   * @param patience how a request waits for another one on the same upload
   */
  public Uploads(MetadataStore metadata, BlobStore storage, Leases leases, DigestLocks digests, InstantSource clock, Supplier<String> ids,
      UploadLimits limits, Patience patience) {
    this.metadata = metadata;
    this.storage = storage;
    this.clock = clock;
    this.ids = ids;
    this.open = new OpenUploads(metadata, clock, limits);
    this.lives = new Lives(patience);
    this.leftovers = new Leftovers(metadata, storage, leases, clock);
    this.ends = new UploadEnds(metadata, storage, leases, leftovers, digests, clock, open);
  }

  /** Other limits from now on. What has begun goes on. */
  public void limits(UploadLimits limits) {
    open.limits(limits);
  }

  /** How an upload stands after a request. */
  public sealed interface Progress {

    /** The number of bytes that have arrived. */
    long received();

    /** The chunk was taken. */
    record Taken(long received) implements Progress {}

    /** The chunk belongs elsewhere than behind what is there, and nothing of it was taken; the upload goes on. */
    record OutOfOrder(long received) implements Progress {}
  }

  /** What is done with an upload while its lock is held. */
  private interface Step<T> {
    T run(Upload upload, Live live) throws IOException;
  }

  /**
   * Begins an upload.
   *
   * @param algorithm the digest algorithm that the client will name in the end; another one then costs a second reading
   * @return the upload's identifier
   * @throws RegistryException {@code TOOMANYREQUESTS} (429)
   */
  public String start(Caller caller, RepositoryName repository, Digest.Algorithm algorithm) {
    Owner owner = Owner.of(caller);
    var upload = new Upload(ids.get(), repository, owner.principal(), owner.address(), algorithm, clock.instant());
    Optional<Owner> giving = open.begin(owner);
    boolean begun = false;
    try {
      giving.ifPresent(this::makeRoom);
      metadata.write(tx -> {
        tx.putUpload(upload);
        return upload;
      });
      begun = true;
      return upload.id();
    } finally {
      if (!begun) {
        open.end(owner);
      }
    }
  }

  /** Ends the upload that has rested longest, of those without bytes if there are such; one on which a request works is left alone. */
  private void makeRoom(Owner owner) {
    List<Upload> oldest = metadata.read(tx -> tx.uploadsOf(owner.principal(), owner.address(), CANDIDATES));
    if (oldest.stream().noneMatch(upload -> endIf(upload.id(), now -> now.equals(upload) && isEmpty(upload)))
        && oldest.stream().noneMatch(upload -> endIf(upload.id(), upload::equals))) {
      throw OpenUploads.full();
    }
  }

  private boolean isEmpty(Upload upload) {
    try {
      return storage.stagedSize(upload.id()) == 0;
    } catch (IOException e) {
      return false; // and it may end as one that is not
    }
  }

  /**
   * The number of bytes that have arrived.
   *
   * @throws RegistryException {@code BLOB_UPLOAD_UNKNOWN}
   */
  public long status(Caller caller, RepositoryName repository, String id) {
    find(caller, repository, id);
    try {
      return storage.stagedSize(id);
    } catch (IOException e) {
      throw new StorageException("an upload can't be read", e);
    }
  }

  /**
   * Appends a chunk, or a whole stream.
   *
   * @param range where the chunk belongs; {@code null} means behind what is there
   * @throws RegistryException {@code BLOB_UPLOAD_UNKNOWN}; {@code SIZE_INVALID} if the body is not as long as its range;
   *     {@code BLOB_UPLOAD_INVALID} if the body breaks off, or (409) another request is writing
   */
  public Progress append(Caller caller, RepositoryName repository, String id, @Nullable ContentRange range, BlobSource body) {
    return locked(caller, repository, id, (upload, live) -> {
      try (Staged staged = storage.stage(id)) {
        if (!follows(range, staged)) {
          return new Progress.OutOfOrder(staged.size());
        }
        receive(upload, live, staged, range, body);
        return new Progress.Taken(staged.size());
      }
    });
  }

  /**
   * Appends what the closing request carries, verifies the digest, and lets the repository hold the blob. When it returns, the blob is durable.
   * A wrong digest ends the upload. To close it again in the same way is fine, also after a failure.
   *
   * @throws RegistryException as {@link #append}; {@code DIGEST_INVALID}
   */
  public Progress finish(Caller caller, RepositoryName repository, String id, Digest digest, @Nullable ContentRange range,
      BlobSource body) {
    if (ends.isFinished(caller, repository, id, digest)) {
      return new Progress.Taken(0);
    }
    try {
      return close(caller, repository, id, digest, range, body);
    } catch (RegistryException e) {
      // another request may have closed it in the same way, while this one waited for it
      if (ends.isFinished(caller, repository, id, digest)) {
        return new Progress.Taken(0);
      }
      throw e;
    }
  }

  private Progress close(Caller caller, RepositoryName repository, String id, Digest digest, @Nullable ContentRange range,
      BlobSource body) {
    return locked(caller, repository, id, (upload, live) -> {
      if (ends.isCommitted(upload, digest)) {
        return ends.resume(caller, upload, live, digest);
      }
      try (Staged staged = storage.stage(id)) {
        if (!follows(range, staged)) {
          return new Progress.OutOfOrder(staged.size());
        }
        UploadHash hash = receive(upload, live, staged, range, body);
        Digest actual = hash.digest(digest.algorithm(), staged);
        if (!actual.equals(digest)) {
          ends.end(upload, live);
          throw new RegistryException(ErrorCode.DIGEST_INVALID,
              "the bytes that arrived have the digest " + actual + ": push the blob again",
              digest.toString());
        }
        long size = staged.size();
        ends.commit(caller, upload, live, staged, digest);
        return new Progress.Taken(size);
      }
    });
  }

  /**
   * Pushes a blob in one request.
   *
   * @throws RegistryException as {@link #finish}
   */
  public void push(Caller caller, RepositoryName repository, Digest digest, BlobSource body) {
    String id = start(caller, repository, digest.algorithm());
    boolean done = false;
    try {
      finish(caller, repository, id, digest, null, body);
      done = true;
    } finally {
      if (!done) {
        var _ = endIf(id, _ -> true);
      }
    }
  }

  /**
   * Cancels an upload.
   *
   * @throws RegistryException {@code BLOB_UPLOAD_UNKNOWN}
   */
  public void cancel(Caller caller, RepositoryName repository, String id) {
    locked(caller, repository, id, (upload, live) -> {
      ends.end(upload, live);
      return id;
    });
  }

  /**
   * Ends uploads that nobody has touched since an instant; one on which a request works at the moment is left alone.
   *
   * @return how many were ended; fewer than {@code limit} means that no more can be for now
   */
  public int expire(Instant since, int limit) {
    List<Upload> idle = metadata.read(tx -> tx.idleUploads(since, limit));
    return (int) idle.stream().filter(upload -> endIf(upload.id(), found -> found.touchedAt().isBefore(since))).count();
  }

  /** Clears from the staging area what killed processes left there before an instant, and says of how many uploads that was. */
  public int sweep(Instant since) {
    return leftovers.sweep(since);
  }

  private boolean endIf(String id, Predicate<Upload> condition) {
    Optional<Live> idle = lives.takeIfIdle(id);
    if (idle.isEmpty()) {
      return false;
    }
    try (Live live = idle.get()) {
      Optional<Upload> upload = metadata.read(tx -> tx.upload(id));
      if (upload.isEmpty()) {
        live.forget();
      } else if (condition.test(upload.get())) {
        ends.end(upload.get(), live);
        return true;
      }
      return false;
    }
  }

  private static boolean follows(@Nullable ContentRange range, Staged staged) throws IOException {
    return range == null || range.first() == staged.size();
  }

  private UploadHash receive(Upload upload, Live live, Staged staged, @Nullable ContentRange range, BlobSource body) throws IOException {
    long start = staged.size();
    UploadHash hash = live.hash;
    if (hash == null || hash.length() != start) {
      hash = UploadHash.adopting(staged, upload.algorithm());
      live.hash = hash;
    }
    long limit = range == null ? Long.MAX_VALUE : range.length();
    UploadHash before = range == null ? hash : hash.copy();
    long received;
    try {
      received = hash.append(body, staged, limit);
    } finally {
      touch(upload);
    }
    if (range != null && received != limit) {
      staged.truncate(start);
      live.hash = before;
      throw new RegistryException(ErrorCode.SIZE_INVALID, "the body is not as long as its Content-Range; nothing of it was kept",
          range.first() + "-" + range.last());
    }
    return hash;
  }

  private void touch(Upload upload) {
    Instant now = clock.instant();
    if (upload.touchedAt().plus(TOUCH).isBefore(now)) {
      metadata.write(tx -> {
        tx.putUpload(new Upload(upload.id(), upload.repository(), upload.principal(), upload.address(), upload.algorithm(), now));
        return upload;
      });
    }
  }

  private Upload find(Caller caller, RepositoryName repository, String id) {
    return metadata.read(tx -> tx.upload(id))
        .filter(upload -> upload.repository().equals(repository) && upload.principal().equals(caller.identity().name()))
        .orElseThrow(() -> unknown(id));
  }

  /** Under the lock: the upload may have ended since it was found, and what is then staged for it would stay for ever. */
  private Upload findAgain(Caller caller, RepositoryName repository, String id, Live live) {
    try {
      return find(caller, repository, id);
    } catch (RegistryException ended) {
      live.forget();
      throw ended;
    }
  }

  private <T> T locked(Caller caller, RepositoryName repository, String id, Step<T> step) {
    find(caller, repository, id);
    try (Live live = lives.take(id)) {
      return step.run(findAgain(caller, repository, id, live), live);
    } catch (IOException e) {
      throw new StorageException("an upload can't be written", e);
    }
  }

  /** How many uploads this process has something in mind of. */
  int known() {
    return lives.size();
  }

  static RegistryException unknown(String id) {
    return new RegistryException(ErrorCode.BLOB_UPLOAD_UNKNOWN, "there is no such upload: begin a new one", id);
  }
}
