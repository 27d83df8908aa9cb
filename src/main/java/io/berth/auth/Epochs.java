package io.berth.auth;

import io.berth.policy.Identity;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * When all that someone was given before is worth nothing any more. Each identity has a number that only grows: when its password is changed,
 * when its account is disabled, changed, removed or made anew, and when an administrator revokes what it has. A token carries the number of its
 * identity, and is good for as long as that is still the same. Safe for any thread; cheap enough to be asked with each request.
 */
public interface Epochs {

  /** Where nothing is ever revoked. */
  Epochs NEVER = _ -> 0;

  /**
   * The number of an identity now, or what it was at most five seconds ago; 0 for one that nothing was ever revoked of.
   *
   * @throws Passwords.UnavailableException if nothing can be said at this time
   */
  long epoch(Identity identity);

  /**
   * When a key ends, as it is at this moment; {@link Instant#MAX} if it does not. Empty: there is none by this id, or not any more.
   *
   * @throws Passwords.UnavailableException if nothing can be said at this time
   */
  default Optional<Instant> end(String key) {
    return Optional.empty();
  }

  /** The epoch if it is at hand without blocking. */
  default OptionalLong recall(Identity identity) {
    return OptionalLong.of(epoch(identity));
  }
}
