package io.berth.config;

import io.berth.config.Key.Setting;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What was said for each setting, and where. Filled by one thread, then only read. */
final class Values {

  /** A value and where it comes from: several places, if a list or a map was put together. */
  record Value<T>(T value, List<Origin> origins) {

    Origin origin() {
      return origins.getFirst();
    }
  }

  private final Map<Setting<?>, Value<?>> said = new HashMap<>();

  <T> void put(Setting<T> setting, T value, Node node) {
    Set<Origin> origins = new LinkedHashSet<>();
    origins.add(node.origin());
    collect(node, origins);
    said.put(setting, new Value<>(value, List.copyOf(origins)));
  }

  /** Lines of a file are told apart for single values only; variables and flags always are. */
  private static void collect(Node node, Set<Origin> origins) {
    if (!(node.origin() instanceof Origin.File)) {
      origins.add(node.origin());
    }
    switch (node) {
      case Node.Empty _, Node.Scalar _ -> {
        // nothing below
      }
      case Node.Listing listing -> listing.items().forEach(item -> collect(item, origins));
      case Node.Section section -> section.entries().values().forEach(entry -> collect(entry.value(), origins));
    }
  }

  /** What was said or else holds by default; absent if neither. */
  @SuppressWarnings("unchecked") // put() takes a setting together with a value of its own type
  <T> Optional<Value<T>> find(Setting<T> setting) {
    Value<T> value = (Value<T>) said.get(setting);
    if (value != null) {
      return Optional.of(value);
    }
    T byDefault = setting.byDefault();
    return byDefault == null ? Optional.empty() : Optional.of(new Value<>(byDefault, List.of(new Origin.Default())));
  }

  /** The value; absent if nothing was said and nothing holds by default. */
  <T> Optional<T> optional(Setting<T> setting) {
    return find(setting).map(Value::value);
  }

  /** The value of a setting that has a default. */
  <T> T get(Setting<T> setting) {
    return optional(setting).orElseThrow(() -> new IllegalStateException(setting.path() + " has no default"));
  }

  boolean isSaid(Setting<?> setting) {
    return said.containsKey(setting);
  }

  Origin origin(Setting<?> setting) {
    return find(setting).map(Value::origin).orElseGet(Origin.Default::new);
  }

  /** All places the value comes from, as text. */
  String origins(Setting<?> setting) {
    Value<?> value = said.get(setting);
    return value == null ? new Origin.Default().toString()
        : value.origins().stream().map(Origin::toString).collect(Collectors.joining(", "));
  }
}
