package io.berth.metadata;

import java.time.Instant;
import java.util.Optional;

/** The public halves of the keys with which the nodes of a registry sign tokens, so that each of them can verify what another one has signed. */
public interface TokenKeys {

  /** A key that is still published, as a JSON Web Key. */
  Optional<String> find(String id, Instant now);

  /** Those that can publish keys. */
  interface Changes extends TokenKeys {

    /** Publishes a key until then, or for longer than it was; forgets those whose time is over. */
    void put(String id, String jwk, Instant until, Instant now);
  }
}
