package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.RepositoryUsage;
import io.berth.oci.Tag;
import io.berth.policy.Action;
import io.berth.policy.TagChange;
import io.berth.policy.TagTerms;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The repositories themselves: a repository exists from its first committed link until it is deleted. Safe for any thread. */
public final class Repositories {

  /** Tags that are looked at together. */
  private static final int PAGE = 1_000;

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

  /** A page of the repositories from which the caller may pull anything, in byte order, behind the position {@code after}. */
  public List<RepositoryName> list(Caller caller, String after, int limit) {
    return metadata.read(tx -> {
      var readable = new ArrayList<RepositoryName>();
      List<RepositoryName> page = tx.repositories(after, limit);
      while (!page.isEmpty() && readable.size() < limit) {
        page.stream().filter(name -> caller.access(name).may(Action.PULL)).limit(limit - readable.size()).forEach(readable::add);
        page = page.size() < limit ? List.of() : tx.repositories(page.getLast().value(), limit);
      }
      return readable;
    });
  }

  /**
   * What a repository holds.
   *
   * @throws RegistryException {@code NAME_UNKNOWN}
   */
  public RepositoryUsage usage(RepositoryName repository) {
    return metadata.read(tx -> tx.usage(repository)).orElseThrow(() -> unknown(repository));
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

  /** Every tag goes with it, so each is asked for. */
  void requireRemovable(ReadTransaction tx, Caller caller, RepositoryName repository) {
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
