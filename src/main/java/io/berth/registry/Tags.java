package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.TagEvent;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.DeletionRules;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tags: the list (distribution specification, end-8), removal, and the one door through which a tag changes. Safe for any thread. */
public final class Tags {

  private final MetadataStore metadata;
  private final ManifestCache cache;
  private final DeletionRules deletion;
  private final InstantSource clock;

  public Tags(MetadataStore metadata, ManifestCache cache, DeletionRules deletion, InstantSource clock) {
    this.metadata = metadata;
    this.cache = cache;
    this.deletion = deletion;
    this.clock = clock;
  }

  /**
   * A page of tags in byte order.
   *
   * @param after a position, exclusive; it need not be a tag
   * @throws RegistryException {@code NAME_UNKNOWN}
   */
  public List<Tag> list(RepositoryName repository, String after, int limit) {
    return metadata.read(tx -> {
      if (!tx.repositoryExists(repository)) {
        throw new RegistryException(ErrorCode.NAME_UNKNOWN, "there is no such repository", repository.value());
      }
      return tx.tags(repository, after, limit);
    });
  }

  /**
   * Removes a tag; what it points at stays.
   *
   * @throws RegistryException {@code MANIFEST_UNKNOWN}; {@code UNSUPPORTED} (405) if deletion is off
   */
  public void delete(Caller caller, RepositoryName repository, Tag tag) {
    Deletions.requireEnabled(deletion);
    cache.whileChanging(() -> metadata.write(tx -> {
      if (tx.tag(repository, tag).isEmpty()) {
        throw new RegistryException(ErrorCode.MANIFEST_UNKNOWN, "there is no such tag", tag.value());
      }
      return move(tx, caller, repository, tag, null);
    }));
    cache.forget(repository, tag);
  }

  /**
   * The one door: every change of a tag, by whatever route or job, comes through here, inside the transaction that has decided it. Whoever
   * calls makes the cache {@linkplain ManifestCache#forget forget} the tag once the transaction is durable.
   *
   * @param to the new target; {@code null} removes the tag
   */
  @Nullable TagEvent move(WriteTransaction tx, Caller caller, RepositoryName repository, Tag tag, @Nullable Digest to) {
    return tx.changeTag(repository, tag, to, caller.identity().name(), caller.client(), clock.instant());
  }
}
