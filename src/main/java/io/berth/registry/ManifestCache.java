package io.berth.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.TagOrDigest;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Manifests that are pulled often, by repository and tag or digest, so that a pull costs no question to the metadata store.
 *
 * <p>It can't disagree with the store once a change is acknowledged: whoever changes a name forgets it here after the transaction and before
 * the answer. A load that began before the change can't slip in after: Caffeine runs a load and a removal of one key one after the other,
 * so the removal waits for the load and takes its result away. Absence is never kept. Safe for any thread.
 */
public final class ManifestCache {

  /** Bytes of manifests kept at most, with an estimate of what an entry costs besides; less where the heap is small. */
  private static final long CAPACITY = Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 16);

  private static final int ENTRY_COST = 512;

  /** The epoch makes every entry unreachable at once, when a whole repository goes. */
  private record Key(long epoch, RepositoryName repository, TagOrDigest name) {}

  private final AtomicLong epoch = new AtomicLong();
  private final Cache<Key, StoredManifest> cache = Caffeine.newBuilder().maximumWeight(CAPACITY)
      .weigher((Key _, StoredManifest manifest) -> ENTRY_COST + manifest.bytes().length).recordStats().build();

  /** What is here, or {@code null}. Never blocks. */
  @Nullable StoredManifest peek(RepositoryName repository, TagOrDigest name) {
    return cache.getIfPresent(new Key(epoch.get(), repository, name));
  }

  /** What is here, or what {@code load} finds. */
  @Nullable StoredManifest get(RepositoryName repository, TagOrDigest name, Supplier<? extends @Nullable StoredManifest> load) {
    return cache.get(new Key(epoch.get(), repository, name), _ -> load.get());
  }

  /** How many pulls found their manifest here. */
  public long hits() {
    return cache.stats().hitCount();
  }

  /** How many had to ask the store. */
  public long misses() {
    return cache.stats().loadCount();
  }

  /** How many entries there are, about. */
  public long entries() {
    return cache.estimatedSize();
  }

  /** What they weigh in bytes, about. */
  public long bytes() {
    return cache.policy().eviction().orElseThrow().weightedSize().orElse(0);
  }

  /** To be called after a change of the name is durable, and before anybody is told. */
  void forget(RepositoryName repository, TagOrDigest name) {
    cache.invalidate(new Key(epoch.get(), repository, name));
  }

  /**
   * Runs a change of names; what it changes is the caller's to forget. If the store fails, nobody knows what has happened, so everything is
   * forgotten.
   */
  <T extends @Nullable Object> T whileChanging(Supplier<T> change) {
    try {
      return change.get();
    } catch (RegistryException refused) {
      throw refused; // and nothing is changed
    } catch (RuntimeException | Error failed) {
      forgetAll();
      throw failed;
    }
  }

  /** Forgets everything. */
  public void forgetAll() {
    epoch.incrementAndGet();
    cache.invalidateAll();
  }
}
