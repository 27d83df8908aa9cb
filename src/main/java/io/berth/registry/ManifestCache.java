package io.berth.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.TagOrDigest;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
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

  private record Name(RepositoryName repository, TagOrDigest name) {}

  private final AtomicLong epoch = new AtomicLong();
  private final Map<Name, Integer> changing = new ConcurrentHashMap<>();
  private final Map<RepositoryName, Integer> changingWhole = new ConcurrentHashMap<>();
  private final Cache<Key, StoredManifest> cache = Caffeine.newBuilder().maximumWeight(CAPACITY)
      .weigher((Key _, StoredManifest manifest) -> ENTRY_COST + manifest.bytes().length).recordStats().build();

  /** What is here, or {@code null}. Never blocks. */
  @Nullable StoredManifest peek(RepositoryName repository, TagOrDigest name) {
    if (isChanging(repository, name)) {
      return null;
    }
    return cache.getIfPresent(new Key(epoch.get(), repository, name));
  }

  /** What is here, or what {@code load} finds. */
  @Nullable StoredManifest get(RepositoryName repository, TagOrDigest name, Supplier<? extends @Nullable StoredManifest> load) {
    if (isChanging(repository, name)) {
      return load.get();
    }
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

  /**
   * The same for names of one repository that change together, and are forgotten here. From before the change until all are forgotten, each of them
   * is looked up in the store: otherwise somebody could see one as it is now and then another as it was.
   */
  <T extends @Nullable Object> T whileChanging(RepositoryName repository, Collection<? extends TagOrDigest> names, Supplier<T> change) {
    names.forEach(name -> changing.merge(new Name(repository, name), 1, Integer::sum));
    try {
      T result = whileChanging(change);
      names.forEach(name -> forget(repository, name));
      return result;
    } finally {
      names.forEach(name -> changing.computeIfPresent(new Name(repository, name), (_, count) -> count == 1 ? null : count - 1));
    }
  }

  /**
   * The same where only the change tells which names they are.
   *
   * @param forgetting forgets what the change has told
   */
  <T extends @Nullable Object> T whileChangingAll(RepositoryName repository, Supplier<T> change, Consumer<T> forgetting) {
    changingWhole.merge(repository, 1, Integer::sum);
    try {
      T result = whileChanging(change);
      forgetting.accept(result);
      return result;
    } finally {
      changingWhole.computeIfPresent(repository, (_, count) -> count == 1 ? null : count - 1);
    }
  }

  private boolean isChanging(RepositoryName repository, TagOrDigest name) {
    return !changing.isEmpty() && changing.containsKey(new Name(repository, name))
        || !changingWhole.isEmpty() && changingWhole.containsKey(repository);
  }

  /** Forgets everything. */
  public void forgetAll() {
    epoch.incrementAndGet();
    cache.invalidateAll();
  }
}
