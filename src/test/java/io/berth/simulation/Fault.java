package io.berth.simulation;

import java.util.Arrays;
import java.util.List;

/** What goes wrong with a call of a store. */
enum Fault {
  NONE,
  /** It fails, and nothing has happened. */
  ERROR,
  /** It fails for lack of space, and nothing has happened. */
  NO_SPACE,
  /** Some of the bytes are written, then it fails. */
  PARTLY,
  /** Some of the bytes are written, and it says so, as it may. */
  SHORT_WRITE,
  /** It happens, and fails nevertheless. */
  IN_DOUBT,
  /** Others go on for a good while first. */
  DELAY,
  /** The process dies before anything happens. */
  CRASH_BEFORE,
  /** The process dies after it happened. */
  CRASH_AFTER,
  /** The power fails before anything happens. */
  POWER_BEFORE,
  /** The power fails after it happened. */
  POWER_AFTER;

  boolean strikes(StoreCall call) {
    return switch (this) {
      case NONE -> false;
      case ERROR, DELAY, CRASH_BEFORE, POWER_BEFORE -> true;
      case NO_SPACE -> !call.isMetadata() && call.changes();
      case PARTLY, SHORT_WRITE -> call == StoreCall.WRITE;
      case IN_DOUBT, CRASH_AFTER, POWER_AFTER -> call.changes();
    };
  }

  boolean kills() {
    return switch (this) {
      case CRASH_BEFORE, CRASH_AFTER, POWER_BEFORE, POWER_AFTER -> true;
      case NONE, ERROR, NO_SPACE, PARTLY, SHORT_WRITE, IN_DOUBT, DELAY -> false;
    };
  }

  /** All that can go wrong with a call. */
  static List<Fault> of(StoreCall call) {
    return Arrays.stream(values()).filter(fault -> fault.strikes(call)).toList();
  }
}
