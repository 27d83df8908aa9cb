package io.berth.ops.audit;

import java.util.HashMap;
import java.util.Map;

/**
 * Keeps those who are refused from filling the audit: of what one address is refused in a minute, a hundred have lines of their own, of all addresses
 * together a thousand; of the others one line tells how many they were. What is allowed always has its line. For one thread.
 */
final class Repetitions {

  static final int PER_ADDRESS = 100;
  static final int IN_ALL = 1_000;

  /** Where those are counted who are too many to be counted alone. */
  static final String OTHERS = "others";

  private static final long MINUTE = 60_000;

  private final Map<String, Integer> seen = new HashMap<>();
  private final Map<String, Integer> left = new HashMap<>();
  private int all;
  private long began;

  /** Whether what happens now has a line of its own. */
  boolean isWorthALine(String address) {
    int mine = seen.merge(address, 1, Integer::sum);
    if (mine <= PER_ADDRESS && ++all <= IN_ALL) {
      return true;
    }
    String key = left.containsKey(address) || left.size() < IN_ALL ? address : OTHERS;
    left.merge(key, 1, Integer::sum);
    if (seen.size() > 2 * IN_ALL) {
      seen.remove(address); // it has no line in this minute anyhow
    }
    return false;
  }

  /** Whether nothing is to be summed up. */
  boolean isEmpty() {
    return left.isEmpty();
  }

  /** What had no lines of its own, by address, if a minute is over; then another begins. */
  Map<String, Integer> over(long millis) {
    if (millis - began < MINUTE && millis >= began) {
      return Map.of();
    }
    return rest(millis);
  }

  /** The same, though it is not over. */
  Map<String, Integer> rest(long millis) {
    var counted = Map.copyOf(left);
    seen.clear();
    left.clear();
    all = 0;
    began = millis;
    return counted;
  }
}
