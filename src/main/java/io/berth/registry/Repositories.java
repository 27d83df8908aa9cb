package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.RepositoryUsage;
import io.berth.oci.Tag;
import io.berth.policy.Action;
import io.berth.policy.Scope;
import io.berth.policy.TagChange;
import io.berth.policy.TagTerms;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The repositories themselves: a repository exists from its first committed link until it is deleted. Safe for any thread. */
public final class Repositories {

  /** Tags that are looked at together. */
  private static final int PAGE = 1_000;
  /** Names that are looked at for one page of the list. */
  private static final int WORK = 10_000;

  private final MetadataStore metadata;
  private final ManifestCache cache;
  private final TagTerms terms;
  private final Leases leases;
  private final Consumer<RepositoryName> gone;

  public Repositories(MetadataStore metadata, ManifestCache cache, TagTerms terms, Leases leases, Consumer<RepositoryName> gone) {
    this.metadata = metadata;
    this.cache = cache;
    this.terms = terms;
    this.leases = leases;
    this.gone = gone;
  }

  /**
   * Some repositories.
   *
   * @param next the position behind which there may be more; {@code null} if there are no more. It may be one that the caller may not pull from
   */
  public record Listed(List<RepositoryName> repositories, @Nullable RepositoryName next) {}

  /**
   * A page of the repositories from which the caller may pull anything, in byte order, behind the position {@code after}. It may have fewer
   * although more follow.
   */
  public Listed list(Caller caller, String after, int limit) {
    return metadata.read(tx -> {
      var readable = new ArrayList<RepositoryName>();
      RepositoryName last = null;
      for (int looked = 0; looked < WORK;) {
        int batch = looked == 0 ? limit + 1 : PAGE;
        List<RepositoryName> some = tx.repositories(last == null ? after : last.value(), batch);
        for (RepositoryName name : some) {
          boolean shown = caller.access(name).may(Action.PULL);
          if (shown && readable.size() == limit) {
            return new Listed(readable, readable.isEmpty() ? null : readable.getLast());
          } else if (shown) {
            readable.add(name);
          }
          last = name;
        }
        looked += some.size();
        if (some.size() < batch) {
          return new Listed(readable, null);
        }
      }
      return new Listed(readable, last);
    });
  }

  /**
   * What a repository holds; what of that no other one holds is told and looked for only if the caller administers the registry, since it
   * tells of all the others.
   *
   * @throws RegistryException {@code NAME_UNKNOWN}
   */
  public RepositoryUsage usage(Caller caller, RepositoryName repository) {
    requireAdministrator(caller, repository);
    return metadata.read(tx -> usage(tx, caller, repository)).orElseThrow(() -> unknown(repository));
  }

  static Optional<RepositoryUsage> usage(ReadTransaction tx, Caller caller, RepositoryName repository) {
    Optional<RepositoryUsage> usage = tx.usage(repository);
    boolean isTold = caller.rights().decide(new Scope.Administration()).allowed();
    return isTold ? usage.map(own -> own.withUnshared(tx.unsharedBytes(repository))) : usage;
  }

  /**
   * Removes a repository with all that it holds, its history included.
   *
   * @throws RegistryException {@code NAME_UNKNOWN}; {@code DENIED} (409 or 403) if a rule is against the removal of a tag that it has;
   *     {@code UNSUPPORTED} (405) if deletion is off
   */
  public void delete(Caller caller, RepositoryName repository) {
    boolean existed = cache.whileChanging(() -> metadata.write(tx -> {
      requireRemovable(tx, caller, repository);
      return tx.deleteRepository(repository, leases.until());
    }));
    cache.forgetAll();
    gone.accept(repository);
    if (!existed) {
      throw unknown(repository);
    }
  }

  private static void requireAdministrator(Caller caller, RepositoryName repository) {
    if (!caller.access(repository).mayEverywhere(Action.ADMIN)) {
      throw new RegistryException(ErrorCode.DENIED, "this takes the right to administer the whole repository");
    }
  }

  /** Every tag goes with it, so each is asked for. */
  void requireRemovable(ReadTransaction tx, Caller caller, RepositoryName repository) {
    requireAdministrator(caller, repository);
    Deletions.requireEnabled(terms.deletion());
    if (!terms.rules().mayForbidRemoval(repository)) {
      return;
    }
    List<Tag> page = tx.tags(repository, "", PAGE);
    while (!page.isEmpty()) {
      page.forEach(tag -> Tags.require(terms.rules(), new TagChange(repository, tag, true, true, false, caller.identity(), Set.of())));
      page = tx.tags(repository, page.getLast().value(), PAGE);
    }
  }

  static RegistryException unknown(RepositoryName repository) {
    return new RegistryException(ErrorCode.NAME_UNKNOWN, "there is no such repository", repository.value());
  }
}
