package io.berth.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * How the value of a setting is written, and what it becomes.
 *
 * @param words what an operator is told to write
 * @param shape one value, or several
 * @param secret whether nobody may read it in any output
 * @param read makes a value of what was written; refuses it in words, without repeating a secret
 * @param plain the value as a text, number, truth value, list or map that reads back as the same
 * @param schema what JSON Schema says about it
 */
record Kind<T>(String words, Shape shape, boolean secret, Read<T> read, Function<T, Object> plain, Map<String, Object> schema) {

  /** One value, or several. */
  enum Shape {
    ONE, LIST, MAP,
    /** A list whose entries are sections with keys of their own. */
    SECTIONS
  }

  /** Makes a value of what was written. */
  @FunctionalInterface
  interface Read<T> {
    T read(Node node) throws BadValue;
  }

  /** A value that can't be, in words. */
  static final class BadValue extends Exception {

    private static final long serialVersionUID = 1;

    private final transient Origin origin;
    private final transient List<BadValue> others;

    BadValue(Origin origin, String message) {
      this(origin, message, List.of());
    }

    private BadValue(Origin origin, String message, List<BadValue> others) {
      super(message, null, false, false);
      this.origin = origin;
      this.others = others;
    }

    /** Several at once; there is one at least. */
    static BadValue together(List<BadValue> all) {
      BadValue first = all.getFirst();
      return new BadValue(first.origin(), first.words(), List.copyOf(all.subList(1, all.size())));
    }

    /** This one, and those that were found together with it. */
    List<BadValue> all() {
      var all = new ArrayList<BadValue>();
      all.add(this);
      others.forEach(other -> all.addAll(other.all()));
      return all;
    }

    Origin origin() {
      return origin;
    }

    String words() {
      return String.valueOf(getMessage());
    }
  }
}
