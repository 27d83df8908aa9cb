package io.berth.config;

import io.berth.config.Kind.BadValue;
import io.berth.config.Kind.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The keys of one entry of a list whose entries are sections. Collects all that is wrong with it instead of stopping at the first mistake. Unlike
 * elsewhere, a key here has a value: a demand that is dropped since its line was left empty is none that anybody would miss in time. For one use.
 */
final class Fields {

  /** The most entries of such a list. */
  private static final int MOST = 1_000;

  private final String what;
  private final Node.Section section;
  private final List<BadValue> bad = new ArrayList<>();

  /** Makes a value of an entry; what it says is wrong counts, whatever it returns. */
  @FunctionalInterface
  interface Entry<T> {
    Optional<T> read(Fields fields);
  }

  private Fields(String what, Node.Section section) {
    this.what = what;
    this.section = section;
  }

  /**
   * A list whose entries are sections.
   *
   * @param what an entry is called, with its article: {@code a rule}
   * @param keys what may stand in one
   * @param required which of them must
   * @param name what an entry is known by, which no other may be
   */
  static <T> Kind<List<T>> list(String what, Map<String, Kind<?>> keys, List<String> required, Entry<T> entry, Function<T, String> name,
      Function<T, Map<String, Object>> plain) {
    var properties = new LinkedHashMap<String, Object>();
    keys.forEach((key, kind) -> properties.put(key, kind.schema()));
    Map<String, Object> schema = Map.of("type", "array", "maxItems", MOST, "items",
        Map.of("type", "object", "properties", properties, "required", required, "additionalProperties", false));
    String words = "a list, each entry " + what + ": " + Words.either(keys.keySet()).replace(" or ", " and ");
    return new Kind<>(words, Shape.SECTIONS, false, node -> entries(node, what, List.copyOf(keys.keySet()), entry, name),
        values -> values.stream().map(plain).toList(), schema);
  }

  private static <T> List<T> entries(Node node, String what, List<String> keys, Entry<T> entry, Function<T, String> name)
      throws BadValue {
    if (!(node instanceof Node.Listing(List<Node> items, Origin place))) {
      throw Kinds.bad(node, "expected a list, each entry beginning with '- '",
          node instanceof Node.Scalar(String text, Origin _) ? text : "");
    }
    if (items.size() > MOST) {
      throw new BadValue(place, "a list of more than " + MOST + " entries: join some");
    }
    var bad = new ArrayList<BadValue>();
    var values = new LinkedHashMap<String, T>();
    var places = new LinkedHashMap<String, Origin>();
    for (Node item : items) {
      if (!(item instanceof Node.Section section)) {
        bad.add(Kinds.bad(item, "expected " + what + " with keys (" + Words.either(keys).replace(" or ", " and ") + ")",
            item instanceof Node.Scalar(String text, Origin _) ? text : ""));
        continue;
      }
      var fields = new Fields(what, section);
      fields.refuseOthersThan(keys);
      Optional<T> value = entry.read(fields);
      bad.addAll(fields.bad);
      value.ifPresent(made -> {
        Origin first = places.putIfAbsent(name.apply(made), fields.origin("name"));
        if (first != null) {
          bad.add(new BadValue(fields.origin("name"), "the name '" + name.apply(made) + "' stands twice, first at " + first
              + ": give each its own"));
        }
        values.put(name.apply(made), made);
      });
    }
    if (!bad.isEmpty()) {
      throw BadValue.together(bad);
    }
    return List.copyOf(values.values());
  }

  private void refuseOthersThan(List<String> keys) {
    section.entries().forEach((key, entry) -> {
      if (!keys.contains(key)) {
        String hint = Words.nearest(key, keys).map(near -> "did you mean '" + near + "'?")
            .orElse("known here are " + Words.either(keys).replace(" or ", " and "));
        bad.add(new BadValue(entry.key(), what + " has no key '" + Words.shown(key) + "'; " + hint));
      }
    });
  }

  /** The value of a key, if the key stands there and its value can be. */
  <T> Optional<T> read(String key, Kind<T> kind) {
    Node.Entry entry = section.entries().get(key);
    if (entry == null) {
      return Optional.empty();
    }
    if (Node.saysNothing(entry.value())) {
      refuse(key, "'" + key + "' has no value: give " + kind.words() + ", or remove it");
      return Optional.empty();
    }
    try {
      return Optional.of(kind.read().read(entry.value()));
    } catch (BadValue e) {
      bad.add(e);
      return Optional.empty();
    }
  }

  /** The value of a key that has to stand there. */
  <T> Optional<T> require(String key, Kind<T> kind) {
    if (!section.entries().containsKey(key)) {
      refuse(key, what + " has a " + key + ": give " + kind.words());
    }
    return read(key, kind);
  }

  /** Whether the key stands there. */
  boolean has(String key) {
    return section.entries().containsKey(key);
  }

  /** Whether something is wrong with it. */
  boolean areBad() {
    return !bad.isEmpty();
  }

  void refuse(String key, String message) {
    bad.add(new BadValue(origin(key), message));
  }

  /** Where the key stands, or else the whole. */
  Origin origin(String key) {
    Node.Entry entry = section.entries().get(key);
    return entry == null ? section.origin() : entry.key();
  }
}
