package io.berth.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.Upload;
import io.berth.oci.BlobSource;
import io.berth.oci.ContentRange;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.storage.BlobStore;
import io.berth.storage.Staged;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
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

  /** How long a finished upload is remembered, for clients that did not get the answer and close it again. */
  private static final Duration REMEMBERED = Duration.ofMinutes(10);

  private static final int REMEMBERED_COUNT = 10_000;

  /** An upload's time of last use is renewed when it is older than this, not at each request. */
  private static final Duration TOUCH = Duration.ofMinutes(10);

  private final MetadataStore metadata;
  private final BlobStore storage;
  private final Leases leases;
  private final Leftovers leftovers;
  private final DigestLocks digests;
  private final InstantSource clock;
  private final Supplier<String> ids;
  private final OpenUploads open;
  private final Patience patience;
  private final Map<String, Live> lives = new ConcurrentHashMap<>();
  private final Cache<Finished, Digest> finished =
      Caffeine.newBuilder().maximumSize(REMEMBERED_COUNT).expireAfterWrite(REMEMBERED).build();

  /** What this process knows of an upload; guarded by its lock. */
  private static final class Live {
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable UploadHash hash;
  }

  /** An upload that has become a blob, and whose it was. */
  private record Finished(String id, RepositoryName repository, String principal) {}

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
    this.leases = leases;
    this.leftovers = new Leftovers(metadata, storage, leases, clock);
    this.digests = digests;
    this.clock = clock;
    this.ids = ids;
    this.open = new OpenUploads(metadata, clock, limits);
    this.patience = patience;
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
    var upload = new Upload(ids.get(), repository, caller.identity().name(), algorithm, clock.instant());
    open.begin(upload.principal());
    boolean begun = false;
    try {
      metadata.write(tx -> {
        tx.putUpload(upload);
        return upload;
      });
      begun = true;
      return upload.id();
    } finally {
      if (!begun) {
        open.end(upload.principal());
      }
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
   * A wrong digest ends the upload. To close it again in the same way is fine.
   *
   * @throws RegistryException as {@link #append}; {@code DIGEST_INVALID}
   */
  public Progress finish(Caller caller, RepositoryName repository, String id, Digest digest, @Nullable ContentRange range,
      BlobSource body) {
    if (isFinished(caller, repository, id, digest)) {
      return new Progress.Taken(0);
    }
    try {
      return close(caller, repository, id, digest, range, body);
    } catch (RegistryException e) {
      // another request may have closed it in the same way, while this one waited for it
      if (isFinished(caller, repository, id, digest)) {
        return new Progress.Taken(0);
      }
      throw e;
    }
  }

  private Progress close(Caller caller, RepositoryName repository, String id, Digest digest, @Nullable ContentRange range,
      BlobSource body) {
    return locked(caller, repository, id, (upload, live) -> {
      try (Staged staged = storage.stage(id)) {
        if (!follows(range, staged)) {
          return new Progress.OutOfOrder(staged.size());
        }
        UploadHash hash = receive(upload, live, staged, range, body);
        Digest actual = hash.digest(digest.algorithm(), staged);
        if (!actual.equals(digest)) {
          end(upload, live);
          throw new RegistryException(ErrorCode.DIGEST_INVALID,
              "the bytes that arrived have the digest " + actual + ": push the blob again",
              digest.toString());
        }
        long size = staged.size();
        commit(upload, live, staged, digest);
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
      end(upload, live);
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

  private void commit(Upload upload, Live live, Staged staged, Digest digest) throws IOException {
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
      // before its row goes, so that whoever misses that finds it here; it counts only where the repository holds the blob
      finished.put(new Finished(upload.id(), upload.repository(), upload.principal()), digest);
      metadata.write(tx -> {
        tx.linkBlob(upload.repository(), digest, size, clock.instant(), leases.until());
        tx.deleteUpload(upload.id());
        return digest;
      });
    }
    open.end(upload.principal());
    lives.remove(upload.id(), live);
    leftovers.eraseTrace(upload.id());
  }

  /** Whether the upload has become this blob, and the repository still holds it: it may have been deleted since. */
  private boolean isFinished(Caller caller, RepositoryName repository, String id, Digest digest) {
    return digest.equals(finished.getIfPresent(new Finished(id, repository, caller.identity().name())))
        && leases.isPromised(repository, digest);
  }

  /** The row first: whatever fails behind it, nobody goes on with these bytes, and the sweep finds them. */
  private void end(Upload upload, Live live) {
    metadata.write(tx -> {
      tx.deleteUpload(upload.id());
      return upload;
    });
    open.end(upload.principal());
    lives.remove(upload.id(), live);
    leftovers.discard(upload.id());
  }

  private boolean endIf(String id, Predicate<Upload> condition) {
    Live live = lives.computeIfAbsent(id, _ -> new Live());
    if (!live.lock.tryLock()) {
      return false;
    }
    try {
      var upload = metadata.read(tx -> tx.upload(id));
      if (upload.isEmpty()) {
        lives.remove(id, live);
      } else if (condition.test(upload.get())) {
        end(upload.get(), live);
        return true;
      }
      return false;
    } finally {
      live.lock.unlock();
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
        tx.putUpload(new Upload(upload.id(), upload.repository(), upload.principal(), upload.algorithm(), now));
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
      lives.remove(id, live);
      throw ended;
    }
  }

  private <T> T locked(Caller caller, RepositoryName repository, String id, Step<T> step) {
    find(caller, repository, id);
    Live live = lives.computeIfAbsent(id, _ -> new Live());
    lock(live);
    try {
      return step.run(findAgain(caller, repository, id, live), live);
    } catch (IOException e) {
      throw new StorageException("an upload can't be written", e);
    } finally {
      live.lock.unlock();
    }
  }

  private void lock(Live live) {
    try {
      if (patience.take(live.lock)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new RegistryException(409, ErrorCode.BLOB_UPLOAD_INVALID,
        "another request is writing to this upload: ask for its status, then go on");
  }

  private static RegistryException unknown(String id) {
    return new RegistryException(ErrorCode.BLOB_UPLOAD_UNKNOWN, "there is no such upload: begin a new one", id);
  }
}
