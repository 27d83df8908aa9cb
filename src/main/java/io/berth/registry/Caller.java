package io.berth.registry;

import io.berth.oci.Author;
import io.berth.policy.Identity;
import org.jspecify.annotations.Nullable;

/**
 * On whose behalf a verb acts.
 *
 * @param client the client program as it names itself, shortened and made printable
 * @param address where it comes from, as much of it as one subscriber has
 * @param reference what it says the request is about ({@code OCI-Ref}), shortened and made printable
 */
public record Caller(Identity identity, String client, String address, @Nullable String reference) {

  public Caller(Identity identity, String client, String address) {
    this(identity, client, address, null);
  }

  /** As history names it. */
  Author author() {
    return new Author(identity.name(), client, reference);
  }
}
