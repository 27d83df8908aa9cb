package io.berth.metadata;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A secret that the registry has made for someone.
 *
 * @param id what lists call it by
 * @param owner the name of the identity whose it is, {@code user:alice}; it need not have an account
 * @param hash of the secret
 * @param ceiling what it is good for at most, as whoever stores it writes that; {@code null}: for all that the owner may do
 * @param groups those of the owner when it was made
 * @param expires when it ends; {@code null}: it does not
 */
public record StoredKey(String id, String owner, String hash, String description, @Nullable String ceiling, List<String> groups,
    Instant created, @Nullable Instant expires) {

  public StoredKey {
    groups = List.copyOf(groups);
  }

  /** Without the hash. */
  @Override
  public String toString() {
    return "StoredKey[" + id + " of " + owner + "]";
  }
}
