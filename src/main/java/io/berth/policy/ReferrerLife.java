package io.berth.policy;

import java.time.Duration;

/** What becomes of manifests when the one that they are about is deleted. */
public sealed interface ReferrerLife {

  /** They stay. */
  record Keep() implements ReferrerLife {}

  /** They go, too, so long after it. */
  record WithSubject(Duration grace) implements ReferrerLife {

    public WithSubject {
      if (grace.isNegative() || grace.compareTo(Expiry.LONGEST) > 0) {
        throw new IllegalArgumentException("a grace is at most " + Expiry.LONGEST.toDays() + " days");
      }
    }
  }
}
