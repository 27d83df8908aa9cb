package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.policy.Action;
import java.time.InstantSource;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Mounting a blob from another repository (distribution specification, end-11). Safe for any thread. */
public final class Mounts {

  private final MetadataStore metadata;
  private final Leases leases;
  private final InstantSource clock;

  public Mounts(MetadataStore metadata, Leases leases, InstantSource clock) {
    this.metadata = metadata;
    this.leases = leases;
    this.clock = clock;
  }

  /**
   * Lets a repository hold a blob that another one holds, if the caller may pull it from there. Whether it is not there or not his to read can't
   * be told from the answer; the right is looked at first.
   *
   * @param from the origin; {@code null} where none was named that could exist
   * @return whether the repository holds the blob now, durably
   */
  public boolean mount(Caller caller, RepositoryName repository, Digest blob, @Nullable RepositoryName from) {
    if (from == null || !caller.access(from).may(Action.PULL)) {
      return false;
    }
    if (metadata.read(tx -> size(tx, caller, from, blob)).isEmpty()) {
      return false;
    }
    return metadata.write(tx -> {
      OptionalLong size = size(tx, caller, from, blob);
      size.ifPresent(bytes -> {
        tx.linkBlob(repository, blob, bytes, clock.instant(), leases.until());
        leases.own(tx, caller, repository, blob);
      });
      return size.isPresent();
    });
  }

  private static OptionalLong size(ReadTransaction tx, Caller caller, RepositoryName from, Digest blob) {
    return Reach.of(tx, caller, from).shows(blob) ? tx.blobSize(from, blob) : OptionalLong.empty();
  }
}
