package io.berth.simulation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Which call of the stores goes wrong, and how. */
interface Faults {

  /**
   * What happens to a call.
   *
   * @param number counts the calls of a run from 0
   */
  Fault at(int number, StoreCall call);

  static Faults none() {
    return (_, _) -> Fault.NONE;
  }

  /** A single one. */
  static Faults one(int number, Fault fault) {
    return (at, call) -> at == number && fault.strikes(call) ? fault : Fault.NONE;
  }

  /** Calls of one kind take long, where their number can be divided so. */
  static Faults slow(StoreCall kind, int divisor) {
    return (number, call) -> call == kind && number % divisor == 0 ? Fault.DELAY : Fault.NONE;
  }

  /** Several, at calls before a last one; some of them last for a few calls. */
  static Faults random(RandomGenerator random, int count, int last) {
    Map<Integer, Integer> choices = new HashMap<>();
    for (int i = 0; i < count; i++) {
      int first = random.nextInt(last);
      int choice = random.nextInt(Integer.MAX_VALUE);
      int length = random.nextInt(4) == 0 ? random.nextInt(2, 8) : 1;
      for (int at = first; at < first + length; at++) {
        choices.put(at, choice);
      }
    }
    return (number, call) -> {
      Integer choice = choices.get(number);
      if (choice == null) {
        return Fault.NONE;
      }
      boolean mayKill = choice % 3 == 0;
      List<Fault> possible = Fault.of(call).stream().filter(fault -> mayKill || !fault.kills()).toList();
      return possible.get(choice / 3 % possible.size());
    };
  }
}
