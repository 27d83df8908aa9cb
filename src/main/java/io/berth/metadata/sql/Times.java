package io.berth.metadata.sql;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Instants as the database keeps them: microseconds since 1970 UTC. */
final class Times {

  private Times() {}

  static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  /** The same for any instant that somebody may name: the first or last there is where it is beyond those. */
  static long nearest(Instant instant) {
    if (instant.isBefore(instant(Long.MIN_VALUE))) {
      return Long.MIN_VALUE;
    }
    return instant.isAfter(instant(Long.MAX_VALUE)) ? Long.MAX_VALUE : micros(instant);
  }

  static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
