package io.berth.registry;

import java.time.Instant;

/** When in the life of a repository. */
public sealed interface Moment {

  /** After the change with this number. */
  record Sequence(long number) implements Moment {}

  /** At an instant. */
  record Time(Instant instant) implements Moment {}
}
