package io.berth.config;

import io.berth.oci.RepositoryName;
import io.berth.policy.DeletionRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an operator chose for {@code berth serve}.
 *
 * @param data the folder that holds everything
 * @param listen where to accept connections
 * @param authentication who is let in
 * @param deletion what clients may delete
 * @param uploadIdle how long an unfinished upload may rest
 * @param chunkMinLength bytes that clients are asked to put into a chunk at least
 * @param namespaces from the host of another registry to the prefix of its repositories here
 */
public record ServeConfig(Path data, ListenAddress listen, Authentication authentication, DeletionRules deletion, Duration uploadIdle,
    OptionalLong chunkMinLength, Map<String, RepositoryName> namespaces) {

  /** Who is let in. */
  public sealed interface Authentication {

    /** Nothing was said: everyone, from this machine only. */
    record Unstated() implements Authentication {}

    /** Everyone, from everywhere, as the operator said in words. */
    record None() implements Authentication {}

    /** The users of a password file. */
    record PasswordFile(Path file) implements Authentication {}
  }

  /**
   * What is wrong with it as a whole, in words, with the remedy.
   *
   * @param loopback whether the address to listen on can be reached from this machine only
   */
  public Optional<String> problem(boolean loopback) {
    if (authentication instanceof Authentication.Unstated && !loopback) {
      return Optional.of("without authentication Berth listens on this machine only, and " + listen + " can be reached from others. "
          + "Give a password file (--htpasswd FILE), or say that everyone may push and delete (--auth none)");
    }
    return Optional.empty();
  }
}
