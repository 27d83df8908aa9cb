package io.berth.simulation;

import io.berth.storage.fs.ForgetfulDisk.DiskOperation;
import io.berth.storage.fs.Guard;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The machine that the registry runs on: at each call of a store it lets chance say which client goes on, and lets the call fail where the
 * faults want it so. It remembers what happened. Only who has the {@linkplain Turns turn} may use it.
 */
final class Machine implements Guard {

  private static final int DELAY = 30;

  /** How long names and failures are told of, in calls. */
  static final int SHOWN = 150;

  private final Turns turns;
  private final RandomGenerator random;
  private final Faults faults;
  private final List<String> trace = new ArrayList<>();
  private final List<StoreCall> calls = new ArrayList<>();
  private final Set<String> struck = new TreeSet<>();
  private Fault underWay = Fault.NONE;
  private boolean armed;
  private boolean dead;
  private boolean unpowered;
  private int strikes;
  private int allStrikes;
  private boolean holding;

  Machine(Turns turns, RandomGenerator random, Faults faults) {
    this.turns = turns;
    this.random = random;
    this.faults = faults;
  }

  /** From now on clients work, and things go wrong. */
  void begin() {
    armed = true;
    dead = false;
    unpowered = false;
    strikes = 0;
  }

  /** Nothing goes wrong any more, and everything answers again. */
  void rest() {
    armed = false;
    dead = false;
    strikes = 0;
  }

  boolean isDead() {
    return dead;
  }

  /** Whether the power has failed since the last begin. */
  boolean isUnpowered() {
    return unpowered;
  }

  /** How many faults have struck since the registry began to work. */
  int strikes() {
    return strikes;
  }

  /** How many have struck in all. */
  int allStrikes() {
    return allStrikes;
  }

  List<StoreCall> calls() {
    return calls;
  }

  List<String> trace() {
    return trace;
  }

  /** Where what has struck: the line of a verb, the call, the fault. */
  Set<String> struck() {
    return struck;
  }

  void note(String what) {
    trace.add(turns.name() + " " + what);
  }

  /** Whoever has the turn keeps it meanwhile: what holds a lock that is not ours must not wait for others. */
  <T> T hold(Supplier<T> work) {
    holding = true;
    try {
      return work.get();
    } finally {
      holding = false;
    }
  }

  /** The way to wait for a lock: to let others go on. */
  void await() {
    turns.passToAnother();
    requireAlive();
  }

  private void requireAlive() {
    if (dead || turns.hasFailed()) {
      throw new Death();
    }
  }

  /** A call of a store begins: says what goes wrong, and throws if that is the end of the process. */
  Fault arrive(StoreCall call) {
    requireAlive();
    if (!armed) {
      return Fault.NONE;
    }
    if (!holding) {
      turns.pass();
      requireAlive();
    }
    Fault fault = faults.at(calls.size(), call);
    trace.add(turns.name() + " " + calls.size() + " " + call + (fault == Fault.NONE ? "" : " " + fault));
    calls.add(call);
    if (fault != Fault.NONE) {
      strikes++;
      allStrikes++;
      struck.add(place() + " " + call + " " + fault);
    }
    if (fault == Fault.DELAY && !holding) {
      for (int i = 0; i < DELAY; i++) {
        turns.passToAnother();
      }
      requireAlive();
    }
    return fault;
  }

  private static String place() {
    return StackWalker.getInstance().walk(frames -> frames.filter(frame -> frame.getClassName().startsWith("io.berth.registry."))
        .findFirst().map(frame -> frame.getClassName().replaceAll(".*\\.", "") + ":" + frame.getLineNumber()).orElse("nowhere"));
  }

  /** What was asked for has happened; until the caller hears of it, others may go on, and the process may die. */
  void answer() {
    if (armed && !holding) {
      turns.pass();
    }
    requireAlive();
  }

  /** The process dies if the fault says so. */
  void dieBefore(Fault fault) {
    if (fault == Fault.CRASH_BEFORE || fault == Fault.POWER_BEFORE) {
      die(fault == Fault.POWER_BEFORE);
    }
  }

  /** The process dies if the fault says so. */
  void dieAfter(Fault fault) {
    if (fault == Fault.CRASH_AFTER || fault == Fault.POWER_AFTER) {
      die(fault == Fault.POWER_AFTER);
    }
  }

  private void die(boolean power) {
    dead = true;
    unpowered |= power;
    throw new Death();
  }

  @Override
  public int before(DiskOperation operation, int bytes) throws IOException {
    Fault fault = arrive(StoreCall.of(operation));
    underWay = fault;
    dieBefore(fault);
    return switch (fault) {
      case ERROR -> throw new IOException("Input/output error");
      case NO_SPACE -> throw new IOException("No space left on device");
      case PARTLY -> bytes == 0 ? 0 : random.nextInt(bytes);
      case SHORT_WRITE -> bytes < 2 ? bytes : random.nextInt(1, bytes);
      case NONE, IN_DOUBT, DELAY, CRASH_BEFORE, CRASH_AFTER, POWER_BEFORE, POWER_AFTER -> bytes;
    };
  }

  @Override
  public void after(DiskOperation operation) throws IOException {
    Fault fault = underWay;
    underWay = Fault.NONE;
    dieAfter(fault);
    if (fault == Fault.IN_DOUBT || fault == Fault.PARTLY) {
      throw new IOException("Input/output error");
    }
  }
}
