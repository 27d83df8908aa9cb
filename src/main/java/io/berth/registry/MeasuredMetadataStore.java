package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.RegistryException;
import io.berth.ops.StoreOperation;
import io.berth.ops.StoreWatch;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A metadata store whose operations are timed. What the work itself refuses is no failure of the store. */
public final class MeasuredMetadataStore implements MetadataStore {

  private final MetadataStore store;
  private final StoreWatch watch;

  /** Times {@code store}, and closes it when it is closed. */
  public MeasuredMetadataStore(MetadataStore store, StoreWatch watch) {
    this.store = store;
    this.watch = watch;
  }

  @Override
  public <T extends @Nullable Object> T read(Function<? super ReadTransaction, T> work) {
    try (StoreWatch.Timing timing = watch.begin(StoreOperation.METADATA_READ)) {
      try {
        T result = store.read(work);
        timing.succeeded();
        return result;
      } catch (RegistryException e) {
        timing.succeeded();
        throw e;
      }
    }
  }

  @Override
  public <T extends @Nullable Object> T write(Function<? super WriteTransaction, T> work) {
    try (StoreWatch.Timing timing = watch.begin(StoreOperation.METADATA_WRITE)) {
      try {
        T result = store.write(work);
        timing.succeeded();
        return result;
      } catch (RegistryException e) {
        timing.succeeded();
        throw e;
      }
    }
  }

  @Override
  public void close() {
    store.close();
  }
}
