package io.berth.oci;

import org.jspecify.annotations.Nullable;

/**
 * Who changed a tag.
 *
 * @param actor the name of the identity
 * @param client the client program, as it names itself
 * @param reference what the client said it was about ({@code OCI-Ref}), if it did
 */
public record Author(String actor, String client, @Nullable String reference) {

  public Author(String actor, String client) {
    this(actor, client, null);
  }
}
