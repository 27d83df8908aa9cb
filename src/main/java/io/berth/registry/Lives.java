package io.berth.registry;

import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows of unfinished uploads, and whose turn it is at each: one request at a time works on an upload. What is forgotten is
 * made anew when somebody asks, and who waited for what was forgotten then waits for the new one. Safe for any thread.
 */
final class Lives {

  private final Patience patience;
  private final Map<String, Live> lives = new ConcurrentHashMap<>();

  /** An upload, for whoever has it until he closes this. */
  final class Live implements AutoCloseable {

    private final String id;
    private final ReentrantLock lock = new ReentrantLock();

    /** The hash of what is staged; {@code null} where it has to be read first. */
    @Nullable UploadHash hash;

    private Live(String id) {
      this.id = id;
    }

    /** Forgets the upload, which may have ended. From then on others may have it. */
    void forget() {
      lives.remove(id, this);
    }

    private boolean isForgotten() {
      return lives.get(id) != this;
    }

    @Override
    public void close() {
      lock.unlock();
    }
  }

  /**
   * None at first.
   *
   * @param patience how a request waits for another one on the same upload
   */
  Lives(Patience patience) {
    this.patience = patience;
  }

  /**
   * Waits for an upload.
   *
   * @throws RegistryException (409) {@code BLOB_UPLOAD_INVALID} if another request has it for too long
   */
  Live take(String id) {
    while (true) {
      Live live = lives.computeIfAbsent(id, Live::new);
      lock(live);
      if (!live.isForgotten()) {
        return live;
      }
      live.close();
    }
  }

  /** An upload at which nobody is. */
  Optional<Live> takeIfIdle(String id) {
    Live live = lives.computeIfAbsent(id, Live::new);
    if (!live.lock.tryLock()) {
      return Optional.empty();
    }
    if (live.isForgotten()) {
      live.close();
      return Optional.empty();
    }
    return Optional.of(live);
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

  /** How many are known. */
  int size() {
    return lives.size();
  }
}
