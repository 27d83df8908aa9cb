package io.berth.registry;

import io.berth.oci.BlobSource;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.Limits;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets what a repository lacks from its upstream, and stores it as a push would: bytes first, then names. What has another size or digest than what
 * was asked for is thrown away. Those who want the same thing at the same time wait for one request, and what becomes of it becomes of all of them; others do not wait for them, and there are {@link #AT_ONCE} at most.
 * Who may have it was decided before. Nothing is fetched while nothing may be changed. Safe for any thread.
 */
public final class Fetches {

  /** Requests to upstreams at a time. */
  static final int AT_ONCE = 64;

  /** As whom the registry stores what it has fetched. */
  static final Caller SELF = new Caller(Rights.open(new Identity.Registry()), "berth", "");

  /** None. */
  public static final Fetches NONE = new Fetches(Upstream.NONE, new Mode(true));

  private static final Logger LOG = LoggerFactory.getLogger(Fetches.class);

  private final Upstream upstream;
  private final Mode mode;
  private final Semaphore free = new Semaphore(AT_ONCE);
  private final Map<Wanted, CompletableFuture<Boolean>> running = new ConcurrentHashMap<>();

  private record Wanted(RepositoryName repository, Digest digest, boolean manifest) {}

  public Fetches(Upstream upstream, Mode mode) {
    this.upstream = upstream;
    this.mode = mode;
  }

  /** Whether it is worth to ask. */
  boolean serves(RepositoryName repository) {
    return !mode.isReadOnly() && upstream.serves(repository);
  }

  /**
   * Fetches a manifest.
   *
   * @param store stores its bytes, which are those that were wanted
   * @return whether it is stored now
   * @throws RegistryException {@code TOOMANYREQUESTS} (503)
   */
  boolean manifest(RepositoryName repository, Descriptor wanted, Predicate<byte[]> store) {
    return wanted.size() <= Limits.MANIFEST_BYTES && once(new Wanted(repository, wanted.digest(), true), () -> {
      Optional<Upstream.Body> found = upstream.manifest(repository, wanted);
      if (found.isEmpty()) {
        return false;
      }
      byte[] bytes;
      try (Upstream.Body body = found.get()) {
        bytes = bytes(new Exactly(body, wanted.size()));
      }
      if (!wanted.digest().algorithm().of(bytes).equals(wanted.digest())) {
        LOG.warn("the upstream of {} sent something else for {}", repository, wanted.digest());
        return false;
      }
      return store.test(bytes);
    });
  }

  /** Fetches a blob; {@code uploads} compares its digest. */
  boolean blob(RepositoryName repository, Descriptor wanted, Uploads uploads) {
    return once(new Wanted(repository, wanted.digest(), false), () -> {
      Optional<Upstream.Body> found = upstream.blob(repository, wanted);
      if (found.isEmpty()) {
        return false;
      }
      try (Upstream.Body body = found.get()) {
        uploads.push(SELF, repository, wanted.digest(), new Exactly(body, wanted.size()));
        return true;
      }
    });
  }

  private interface Request {
    boolean run() throws IOException;
  }

  private boolean once(Wanted wanted, Request request) {
    var mine = new CompletableFuture<Boolean>();
    CompletableFuture<Boolean> first = running.putIfAbsent(wanted, mine);
    if (first != null) {
      return outcome(first);
    }
    try {
      if (!free.tryAcquire()) {
        throw new RegistryException(503, ErrorCode.TOOMANYREQUESTS,
            "too much is being fetched from other registries: ask again in a moment");
      }
      try {
        mine.complete(run(wanted, request));
      } finally {
        free.release();
      }
    } catch (RuntimeException | Error e) {
      mine.completeExceptionally(e);
    } finally {
      running.remove(wanted, mine);
    }
    return outcome(mine);
  }

  /** What became of a request, which ends, since the upstream bounds its time. */
  private static boolean outcome(CompletableFuture<Boolean> request) {
    try {
      return request.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failed) {
        throw failed;
      }
      if (e.getCause() instanceof Error failed) {
        throw failed;
      }
      throw e;
    }
  }

  /** An upstream that fails is one that has nothing. What is wrong with our own stores is told. */
  private static boolean run(Wanted wanted, Request request) {
    try {
      return request.run();
    } catch (IOException e) {
      LOG.warn("{} of {} can't be fetched from its upstream: {}", wanted.digest, wanted.repository, e.toString());
    } catch (RegistryException e) {
      LOG.warn("{} of {} was fetched from its upstream and not taken: {}", wanted.digest, wanted.repository, e.getMessage());
    }
    return false;
  }

  private static byte[] bytes(BlobSource source) throws IOException {
    var bytes = new ByteArrayOutputStream();
    for (ByteBuffer piece = source.next(); piece != null; piece = source.next()) {
      byte[] part = new byte[piece.remaining()];
      piece.get(part);
      bytes.write(part);
    }
    return bytes.toByteArray();
  }

  /** A body that fails where it is longer than it should be, or shorter. */
  private static final class Exactly implements BlobSource {

    private final BlobSource source;
    private long left;

    Exactly(BlobSource source, long size) {
      this.source = source;
      this.left = size;
    }

    @Override
    public @Nullable ByteBuffer next() throws IOException {
      ByteBuffer piece = source.next();
      left -= piece == null ? 0 : piece.remaining();
      if (left < 0 || piece == null && left > 0) {
        throw new IOException(left < 0 ? "it is longer than what is wanted" : "it ends " + left + " bytes early");
      }
      return piece;
    }
  }
}
