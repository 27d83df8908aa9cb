package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The JSON Schema has every key, closes every section, and tells nothing that the table does not. */
final class JsonSchemaTest {

  @Test
  void everyKeyIsInIt() throws Json.InvalidJson {
    JsonNode schema = Json.parse(JsonSchema.text().getBytes(StandardCharsets.UTF_8));

    assertThat(schema.path("$schema").asString()).isEqualTo("https://json-schema.org/draft/2020-12/schema");
    for (Key key : Keys.ALL) {
      JsonNode found = at(schema, List.of(key.path().split("\\.", -1)));
      assertThat(found.path("description").asString("")).as(key.path()).isNotEmpty();
      switch (key) {
        case Key.Setting<?> setting -> {
          assertThat(found.has("type") || found.has("enum")).as(key.path()).isTrue();
          assertThat(found.has("default")).as(key.path()).isEqualTo(setting.byDefault() != null);
          assertThat(found.has("deprecated")).as(key.path()).isFalse();
        }
        case Key.Ignored _ -> assertThat(found.path("deprecated").asBoolean()).as(key.path()).isTrue();
        case Key.Refused refused -> assertThat(found.has("not")).as(key.path()).isEqualTo(refused.allowed().isEmpty());
      }
    }
  }

  private static JsonNode at(JsonNode schema, List<String> path) {
    JsonNode found = schema;
    for (String name : path) {
      JsonNode section = found.has("anyOf") ? found.path("anyOf").get(1) : found;
      assertThat(section.path("additionalProperties").asBoolean(true)).as(path.toString()).isFalse();
      found = section.path("properties").path(name);
    }
    return found;
  }
}
