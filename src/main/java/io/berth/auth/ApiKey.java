package io.berth.auth;

import io.berth.metadata.StoredKey;
import io.berth.policy.Grant;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A key as lists show it: without its secret.
 *
 * @param owner the name of the identity whose it is
 * @param ceiling what it is good for at most; absent: for all that the owner may do
 * @param expires when it ends; {@code null}: it does not
 */
public record ApiKey(String id, String owner, String description, Optional<List<Grant>> ceiling, Instant created,
    @Nullable Instant expires) {

  /** One that was just made, with its secret, which is not kept. */
  public record Made(ApiKey key, KeySecret secret) {}

  static ApiKey of(StoredKey stored) {
    return new ApiKey(stored.id(), stored.owner(), stored.description(), Ceiling.read(stored.ceiling()), stored.created(),
        stored.expires());
  }
}
