package io.berth.config;

import io.berth.config.Key.Setting;
import io.berth.oci.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The JSON Schema (2020-12) of a configuration file, for editors. */
public final class JsonSchema {

  private JsonSchema() {}

  /** The schema, indented. */
  public static String text() {
    var root = new LinkedHashMap<String, Object>();
    root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    root.put("title", "Configuration of Berth");
    root.putAll(section(""));
    return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root);
  }

  private static Map<String, Object> section(String path) {
    var properties = new LinkedHashMap<String, Object>();
    for (String name : Keys.below(path)) {
      String child = Keys.join(path, name);
      properties.put(name, switch (Keys.at(child)) {
        case null -> path.isEmpty() && (name.equals("storage") || name.equals("auth")) ? shortForm(child) : section(child);
        case Setting<?> setting -> setting(setting);
        case Key.Ignored ignored -> said("Ignored: " + ignored.reason() + ".");
        case Key.Refused refused -> refused(refused);
      });
    }
    var schema = new LinkedHashMap<String, Object>();
    schema.put("type", List.of("object", "null"));
    schema.put("properties", properties);
    schema.put("additionalProperties", false);
    return schema;
  }

  /** {@code storage: filesystem}, {@code auth: none}. */
  private static Map<String, Object> shortForm(String path) {
    return Map.of("anyOf", List.of(Map.of("const", path.equals("auth") ? "none" : "filesystem"), section(path)));
  }

  private static <T> Map<String, Object> setting(Setting<T> setting) {
    var schema = new LinkedHashMap<>(setting.kind().schema());
    schema.put("description", setting.doc());
    Optional.ofNullable(setting.byDefault()).ifPresent(value -> schema.put("default", setting.kind().plain().apply(value)));
    return schema;
  }

  private static Map<String, Object> refused(Key.Refused refused) {
    Map<String, Object> schema = said("Refused: " + refused.reason() + "; " + refused.remedy() + "."
        + refused.allowed().map(words -> " Allowed where it asks for nothing: " + words + ".").orElse(""));
    if (refused.allowed().isEmpty()) {
      schema.put("not", Map.of());
    }
    return schema;
  }

  private static Map<String, Object> said(String description) {
    var schema = new LinkedHashMap<String, Object>();
    schema.put("description", description);
    schema.put("deprecated", true);
    return schema;
  }
}
