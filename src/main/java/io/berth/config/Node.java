package io.berth.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A piece of configuration as it was written, before anyone asks what it means; each piece knows where it stands. Immutable. */
sealed interface Node {

  Origin origin();

  /** A key without a value: as if nothing had been said. */
  record Empty(Origin origin) implements Node {}

  /** One value, as it was written but without its quotes. */
  record Scalar(String text, Origin origin) implements Node {}

  /** Values in order. */
  record Listing(List<Node> items, Origin origin) implements Node {

    public Listing {
      items = List.copyOf(items);
    }
  }

  /** Values by key, in the order in which they stand. */
  record Section(Map<String, Entry> entries, Origin origin) implements Node {

    public Section {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    Section with(String key, Entry entry) {
      var changed = new LinkedHashMap<>(entries);
      changed.put(key, entry);
      return new Section(changed, origin);
    }

    Section without(String key) {
      var changed = new LinkedHashMap<>(entries);
      changed.remove(key);
      return new Section(changed, origin);
    }
  }

  /** A value, and where its key stands. */
  record Entry(Origin key, Node value) {}

  /** Whether nothing is said here: no value, or only pieces in which nothing is said. */
  static boolean saysNothing(Node node) {
    return switch (node) {
      case Empty _ -> true;
      case Scalar scalar -> scalar.text().isEmpty();
      case Listing listing -> listing.items().isEmpty();
      case Section section -> section.entries().values().stream().allMatch(entry -> saysNothing(entry.value()));
    };
  }
}
