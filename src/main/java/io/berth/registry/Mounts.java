package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.Origins;
import io.berth.metadata.ReadTransaction;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.policy.Action;
import io.berth.policy.Discovery;
import io.berth.policy.ReadableSet;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Mounting a blob from another repository (distribution specification, end-11), which the client names or leaves to be found. First is asked what the
 * caller may read, and then only there for the blob: that somebody else holds it changes neither the answer nor the work. Safe for any thread.
 */
public final class Mounts {

  private final MetadataStore metadata;
  private final Leases leases;
  private final InstantSource clock;
  private final Discovery discovery;

  /**
   * The verb.
   *
   * @param discovery from where blobs may be mounted
   */
  public Mounts(MetadataStore metadata, Leases leases, InstantSource clock, Discovery discovery) {
    this.metadata = metadata;
    this.leases = leases;
    this.clock = clock;
    this.discovery = discovery;
  }

  /**
   * Lets a repository hold a blob that another one holds, if the caller may pull it from there, and blobs may be mounted from there. Whether it is
   * not there or not his to read can't be told from the answer; the right is looked at first.
   *
   * @param from the origin; {@code null} where none was named that could exist
   * @return whether the repository holds the blob now, durably
   */
  public boolean mount(Caller caller, RepositoryName repository, Digest blob, @Nullable RepositoryName from) {
    if (from == null || !isOrigin(caller, from)) {
      return false;
    }
    Optional<Ways> ways = metadata.read(tx -> {
      var reach = Reach.of(tx, caller, from);
      return size(tx, reach, from, blob).isPresent() ? Optional.of(reach.ways(Set.of())) : Optional.empty();
    });
    return ways.isPresent() && metadata.<Boolean>write(tx -> {
      OptionalLong size = size(tx, Reach.again(tx, caller, from, ways.get()), from, blob);
      size.ifPresent(bytes -> {
        tx.linkBlob(repository, blob, bytes, clock.instant(), leases.until());
        leases.own(tx, caller, repository, blob);
      });
      return size.isPresent();
    });
  }

  /**
   * The same where the client does not say from where: the blob is looked for in the repository itself, and in those of which it follows from their
   * names alone that the caller may read them whole ({@link ReadableSet}).
   *
   * @return the origin; absent if there is none, or it has lost the blob meanwhile
   */
  public Optional<RepositoryName> discover(Caller caller, RepositoryName repository, Digest blob) {
    if (discovery == Discovery.OFF) {
      return Optional.empty();
    }
    var readable = ReadableSet.of(caller.rights(), discovery);
    return metadata.<Optional<RepositoryName>>read(tx -> origin(tx, readable, caller, repository, blob))
        .filter(origin -> mount(caller, repository, blob, origin));
  }

  /** Where it is; each question is asked whatever there is elsewhere. */
  private Optional<RepositoryName> origin(ReadTransaction tx, ReadableSet readable, Caller caller, RepositoryName repository,
      Digest blob) {
    Origins origins = tx.origins();
    if (isOrigin(caller, repository) && size(tx, Reach.of(tx, caller, repository), repository, blob).isPresent()) {
      return Optional.of(repository);
    }
    return readable.everything() ? origins.anywhere(blob)
        : origins.among(readable.named(), blob).or(() -> origins.matching(readable.patterns(), blob));
  }

  /** Before anything is looked up. */
  private boolean isOrigin(Caller caller, RepositoryName from) {
    return caller.access(from).may(Action.PULL) && discovery.allows(caller.rights(), from);
  }

  private static OptionalLong size(ReadTransaction tx, Reach reach, RepositoryName from, Digest blob) {
    return reach.shows(blob) ? tx.blobSize(from, blob) : OptionalLong.empty();
  }
}
