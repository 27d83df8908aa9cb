package io.berth.config;

import io.berth.oci.Text;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How an operator's own words are said back to them. */
final class Words {

  private static final int SHOWN = 80;

  private Words() {}

  /** Short, and with nothing that could act on a terminal. */
  static String shown(String text) {
    return Text.visible(text, SHOWN);
  }

  /** {@code a, b or c}. */
  static String either(Collection<String> words) {
    List<String> all = List.copyOf(words);
    return all.size() < 2 ? String.join("", all) : String.join(", ", all.subList(0, all.size() - 1)) + " or " + all.getLast();
  }

  /** The one that was probably meant: at most a third of its letters wrong, case not counted. */
  static Optional<String> nearest(String typed, Collection<String> known) {
    String wanted = typed.toLowerCase(Locale.ROOT).replaceAll("[_-]", "");
    if (wanted.length() > 64) {
      return Optional.empty();
    }
    return known.stream().filter(word -> distance(wanted, word) <= Math.max(1, Math.max(word.length(), wanted.length()) / 3))
        .min(Comparator.comparingInt(word -> distance(wanted, word)));
  }

  /** How many letters have to be added, left out, changed or swapped with their neighbour. */
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        cost[i][j] = Math.min(Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1), cost[i - 1][j - 1] + change);
        if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[a.length()][b.length()];
  }
}
