package io.berth.registry;

import io.berth.storage.BlobStore;
import io.berth.storage.Staged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The staging area as a place where documents wait until they are here, however long their senders take: they hold no memory there. What a process
 * that ended left of them is cleared with what unfinished uploads leave. Safe for any thread.
 */
public final class Arrivals {

  private static final Logger LOG = LoggerFactory.getLogger(Arrivals.class);

  private final BlobStore storage;
  private final Supplier<String> identifiers;

  /** Stages in {@code storage} under names that nobody else has. */
  public Arrivals(BlobStore storage, Supplier<String> identifiers) {
    this.storage = storage;
    this.identifiers = identifiers;
  }

  /** A document begins to arrive. */
  public Arrival begin() {
    String name = identifiers.get();
    try {
      return new Arrival(storage.stage(name));
    } catch (IOException e) {
      throw new StorageException("a document can't be staged", e);
    }
  }

  /** What has come of one document. Closing forgets it. For one thread. */
  public final class Arrival implements AutoCloseable {

    private final Staged staged;
    private int size;

    private Arrival(Staged staged) {
      this.staged = staged;
    }

    /** How many bytes have come. */
    public int size() {
      return size;
    }

    /** The next bytes have come. */
    public void append(ByteBuffer bytes) {
      int more = bytes.remaining();
      try {
        staged.append(bytes);
        size += more;
      } catch (IOException e) {
        throw new StorageException("a document can't be staged", e);
      }
    }

    /** All that has come. */
    public byte[] bytes() {
      ByteBuffer bytes = ByteBuffer.allocate(size);
      try {
        while (bytes.hasRemaining()) {
          if (staged.read(bytes, bytes.position()) < 0) {
            throw new IOException("it ends after " + bytes.position() + " of " + size + " bytes");
          }
        }
      } catch (IOException e) {
        throw new StorageException("a staged document can't be read", e);
      }
      return bytes.array();
    }

    @Override
    public void close() {
      try (staged) {
        storage.discard(staged.upload());
      } catch (IOException e) {
        LOG.warn("a staged document can't be removed; that is tried again later", e);
      }
    }
  }
}
