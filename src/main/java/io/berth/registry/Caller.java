package io.berth.registry;

import io.berth.oci.Author;
import io.berth.oci.ImageRefs;
import io.berth.oci.RepositoryName;
import io.berth.policy.Access;
import io.berth.policy.Identity;
import io.berth.policy.Rights;

/**
 * On whose behalf a verb acts.
 *
 * @param rights who it is, and what they may do
 * @param client the client program as it names itself, shortened and made printable
 * @param address where it comes from, as much of it as one subscriber has
 * @param refs what it says the request is about, which nobody has verified
 */
public record Caller(Rights rights, String client, String address, ImageRefs refs) {

  public Caller(Rights rights, String client, String address) {
    this(rights, client, address, ImageRefs.NONE);
  }

  public Identity identity() {
    return rights.identity();
  }

  /** What the caller may do in a repository. */
  public Access access(RepositoryName repository) {
    return rights.access(repository);
  }

  /** Whose pushes count together: the identity or, of those without credentials, where they come from. */
  String principal() {
    return switch (identity()) {
      case Identity.Anonymous anonymous -> anonymous.name() + " " + address;
      case Identity.User _, Identity.Robot _, Identity.Workload _, Identity.Bearer _, Identity.Registry _ -> identity().name();
    };
  }

  /** As history names it. */
  Author author() {
    return new Author(identity().name(), client, refs.text());
  }
}
