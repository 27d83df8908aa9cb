package io.berth.policy;

import java.time.Duration;

/** When a rule lets tags expire, counted from the moment when they are set. */
public sealed interface Expiry {

  /** The longest time after which something may expire: a hundred years. Whoever wants more wants none. */
  Duration LONGEST = Duration.ofDays(36_525);

  /** The rule says nothing of it. */
  record Never() implements Expiry {}

  /** After a fixed time. */
  record After(Duration time) implements Expiry {

    public After {
      if (!time.isPositive() || time.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException("a tag expires after more than nothing and " + LONGEST.toDays() + " days at most");
      }
    }
  }

  /** After the time that the label {@link ExpiryLabel#NAME} of the image names, if it names one. */
  record ByLabel() implements Expiry {}
}
