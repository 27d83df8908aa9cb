package io.berth.auth;

import io.berth.policy.Grant;
import io.berth.policy.Identity;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A place that knows names and passwords: a password file, the accounts of the registry, a directory. All of them together are asked in a fixed order, and a
 * name that one of them knows is not looked up in the next. Safe for any thread.
 */
public interface Passwords {

  /**
   * Looks at a name and a password. May take long on purpose, and takes as long for a name that nobody has.
   *
   * @throws UnavailableException if nothing can be said at this time, since a server does not answer
   */
  Found find(Credentials.Basic credentials);

  /**
   * What can be said of them at once, without anything slow: that they were right a moment ago, or that the name is not known here. {@code null} if that
   * takes {@link #find}. Nobody learns from the time it takes what he does not know.
   */
  default @Nullable Found recall(Credentials.Basic credentials) {
    return null;
  }

  /** Takes as long as it takes to find that nobody has the name, where an earlier place has found the password to be wrong. */
  default void refuse(Credentials.Basic credentials) {
    // where that takes no time
  }

  /** What became of it. */
  sealed interface Found {

    /**
     * It is they.
     *
     * @param ceiling what this password is good for at most; absent: for all that they may do
     * @param epoch {@linkplain Epochs#epoch their epoch} as it was before the password was looked at, for a token that is made of it; absent where the
     *     place keeps none: then it is that of the moment
     * @param until when the password ends, and nothing that is made of it may last longer; absent: it does not
     * @param fleeting whether it may be otherwise in a moment without an epoch that tells, so that one has to ask again soon
     * @param key which key the password is, by its id; absent: none
     */
    record Good(Identity identity, Optional<List<Grant>> ceiling, OptionalLong epoch, Optional<Instant> until, boolean fleeting,
        Optional<String> key) implements Found {

      public Good {
        ceiling = ceiling.map(List::copyOf);
      }

      /** Which holds as long as its epoch does, if there is one. */
      public Good(Identity identity, Optional<List<Grant>> ceiling, OptionalLong epoch, Optional<Instant> until) {
        this(identity, ceiling, epoch, until, false);
      }

      /** With a password that is no key. */
      public Good(Identity identity, Optional<List<Grant>> ceiling, OptionalLong epoch, Optional<Instant> until, boolean fleeting) {
        this(identity, ceiling, epoch, until, fleeting, Optional.empty());
      }

      /** With a password that has no limits, of a place that keeps no epochs. */
      public Good(Identity identity) {
        this(identity, Optional.empty(), OptionalLong.empty(), Optional.empty());
      }
    }

    /** The name is known here, and that is not its password, or no longer. */
    record Wrong() implements Found {}

    /** The name is not known here. */
    record Unknown() implements Found {}
  }

  /** Whom one has to ask does not answer. The message is for the log. */
  final class UnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public UnavailableException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
