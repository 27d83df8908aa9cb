package io.berth.registry;

import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.util.Collection;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells those who must know that tags have changed, once it is durable and before the caller is answered: the cache of manifests, and who follows
 * the repository. Safe for any thread.
 */
public final class TagNews {

  private final ManifestCache cache;
  private final Consumer<RepositoryName> followers;

  /**
   * News.
   *
   * @param followers is told which repository's tags have changed; must not block
   */
  public TagNews(ManifestCache cache, Consumer<RepositoryName> followers) {
    this.cache = cache;
    this.followers = followers;
  }

  /** Runs a transaction that changes these tags, and tells. */
  <T extends @Nullable Object> T of(RepositoryName repository, Collection<Tag> tags, Supplier<T> transaction) {
    T result = cache.whileChanging(repository, tags, transaction);
    followers.accept(repository);
    return result;
  }

  /** Tells of changes that are durable. */
  void tell(RepositoryName repository, Collection<Tag> tags) {
    tags.forEach(tag -> cache.forget(repository, tag));
    followers.accept(repository);
  }
}
