package io.berth.http;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The header fields of a reply, in order. A name may stand several times. Values come out as visible ASCII: anything else that reaches here
 * (it may be echoed from a stranger) is replaced, so that no value can end a line. Not safe for several threads while it is being filled.
 */
public final class Headers {

  private final List<Map.Entry<String, String>> fields = new ArrayList<>();

  /** Adds a field. */
  public Headers add(String name, String value) {
    fields.add(Map.entry(name, visible(value)));
    return this;
  }

  /** Adds all fields of the other. */
  public Headers addAll(Headers others) {
    fields.addAll(others.fields);
    return this;
  }

  /** Changes the values of a field. */
  Headers change(String name, UnaryOperator<String> change) {
    fields.replaceAll(f -> f.getKey().equalsIgnoreCase(name) ? Map.entry(f.getKey(), visible(change.apply(f.getValue()))) : f);
    return this;
  }

  /** The first value of a field; names compare without case. */
  public Optional<String> first(String name) {
    return fields.stream().filter(f -> f.getKey().equalsIgnoreCase(name)).map(Map.Entry::getValue).findFirst();
  }

  /** All fields in order. */
  public List<Map.Entry<String, String>> fields() {
    return Collections.unmodifiableList(fields);
  }

  private static String visible(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < 0x20 || c > 0x7e) {
        return value.replaceAll("[^\\x20-\\x7e]", "?");
      }
    }
    return value;
  }
}
