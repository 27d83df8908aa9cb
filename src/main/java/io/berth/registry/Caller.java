package io.berth.registry;

import io.berth.oci.Author;
import io.berth.oci.RepositoryName;
import io.berth.policy.Access;
import io.berth.policy.Identity;
import io.berth.policy.Rights;
import org.jspecify.annotations.Nullable;

/**
 * On whose behalf a verb acts.
 *
 * @param rights who it is, and what they may do
 * @param client the client program as it names itself, shortened and made printable
 * @param address where it comes from, as much of it as one subscriber has
 * @param reference what it says the request is about ({@code OCI-Ref}), shortened and made printable
 */
public record Caller(Rights rights, String client, String address, @Nullable String reference) {

  public Caller(Rights rights, String client, String address) {
    this(rights, client, address, null);
  }

  public Identity identity() {
    return rights.identity();
  }

  /** What the caller may do in a repository. */
  public Access access(RepositoryName repository) {
    return rights.access(repository);
  }

  /** As history names it. */
  Author author() {
    return new Author(identity().name(), client, reference);
  }
}
