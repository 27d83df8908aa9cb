package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.RepositoryName;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A metadata store that tells where something came or went that a manifest needs, whoever wrote it, once it is durable and before the writer goes on.
 * Safe for any thread.
 */
public final class TellingMetadataStore implements MetadataStore {

  private final MetadataStore store;
  private final Consumer<RepositoryName> followers;

  private record Written<T extends @Nullable Object>(T result, Set<RepositoryName> changed) {}

  /**
   * Tells of what is written to {@code store}, and closes it when it is closed.
   *
   * @param followers must not block
   */
  public TellingMetadataStore(MetadataStore store, Consumer<RepositoryName> followers) {
    this.store = store;
    this.followers = followers;
  }

  @Override
  public <T extends @Nullable Object> T read(Function<? super ReadTransaction, T> work) {
    return store.read(work);
  }

  @Override
  public <T extends @Nullable Object> T write(Function<? super WriteTransaction, T> work) {
    Written<T> written = store.write(tx -> new Written<>(work.apply(tx), tx.presence().changed()));
    written.changed.forEach(followers);
    return written.result;
  }

  @Override
  public void close() {
    store.close();
  }
}
