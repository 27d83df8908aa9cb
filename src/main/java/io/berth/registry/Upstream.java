package io.berth.registry;

import io.berth.oci.BlobSource;
import io.berth.oci.Descriptor;
import io.berth.oci.RepositoryName;
import java.io.IOException;
import java.util.Optional;

/**
 * Another registry that has what repositories of this one lack. It is asked only for what a manifest here needs and the caller may read, and nothing
 * that it answers is believed: {@link Fetches} compares sizes and digests. It bounds the time that it takes. Safe for any thread.
 */
public interface Upstream {

  /** There is none. */
  Upstream NONE = new Upstream() {
    @Override
    public boolean serves(RepositoryName repository) {
      return false;
    }

    @Override
    public Optional<Body> manifest(RepositoryName repository, Descriptor wanted) {
      return Optional.empty();
    }

    @Override
    public Optional<Body> blob(RepositoryName repository, Descriptor wanted) {
      return Optional.empty();
    }
  };

  /** What arrives, until this is closed. */
  interface Body extends BlobSource, AutoCloseable {
    @Override
    void close();
  }

  /** Whether it may have what the repository lacks. Quick, without asking anybody. */
  boolean serves(RepositoryName repository);

  /**
   * A manifest; empty if it has none.
   *
   * @throws IOException if it can't be asked
   */
  Optional<Body> manifest(RepositoryName repository, Descriptor wanted) throws IOException;

  /**
   * A blob; empty if it has none.
   *
   * @throws IOException if it can't be asked
   */
  Optional<Body> blob(RepositoryName repository, Descriptor wanted) throws IOException;
}
