package io.berth.metadata.sql;

import io.berth.oci.RepositoryName;
import io.berth.oci.TagOrDigest;

/**
 * What a transaction takes before it asks or changes something, so that transactions which run side by side come out as if they had run one
 * after the other. Everything is held until the transaction ends.
 */
interface Locks {

  /** Nothing to take: the transaction runs alone, or only reads from one consistent state. */
  Locks NONE = new Locks() {
    @Override
    public void share(RepositoryName repository) {}

    @Override
    public void own(RepositoryName repository) {}

    @Override
    public void name(RepositoryName repository, TagOrDigest name) {}

    @Override
    public void absent(RepositoryName repository) {}

    @Override
    public void allRepositories() {}

    @Override
    public void allUploads() {}

    @Override
    public void allAccounts() {}

    @Override
    public void allClasses() {}
  };

  /** Others may add to the repository and move its tags, but no blob and no manifest goes. */
  void share(RepositoryName repository);

  /** Nobody else touches the repository: for removing from it, and for questions whose answer others could change by adding. */
  void own(RepositoryName repository);

  /** Shares the repository, and nobody else touches this tag or this manifest of it. */
  void name(RepositoryName repository, TagOrDigest name);

  /** Something was looked for in the repository and not found, and others might be adding it. */
  void absent(RepositoryName repository);

  /** The same if it was not found. */
  default void absentUnless(boolean found, RepositoryName repository) {
    if (!found) {
      absent(repository);
    }
  }

  /** Nobody else makes, changes or removes any repository. */
  void allRepositories();

  /** Nobody else touches any upload. */
  void allUploads();

  /** Nobody else touches any account, key or epoch. */
  void allAccounts();

  /** Nobody else puts repositories into classes. */
  void allClasses();
}
