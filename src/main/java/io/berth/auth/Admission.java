package io.berth.auth;

import io.berth.policy.Identity;
import io.berth.policy.Rights;
import java.time.Duration;
import java.util.Optional;

/** What the gate says to a request. */
public sealed interface Admission {

  /** Come in. */
  record Admitted(Rights rights, String rule) implements Admission {}

  /**
   * Say who you are: 401.
   *
   * @param identity who it is, where the credentials are somebody's and not good for this
   */
  record Challenged(Challenge challenge, String reason, Optional<Identity> identity) implements Admission {}

  /**
   * Wrong passwords were tried, too many of them: 429.
   *
   * @param after when to try again
   */
  record Throttled(Duration after) implements Admission {}

  /** We know who you are, and the answer is no: 403. */
  record Refused(Identity identity, String rule) implements Admission {}
}
