package io.berth.cli.tag;

import io.berth.client.RegistryFailure;
import io.berth.client.RegistrySession.Answer;
import io.berth.client.TagClient;
import io.berth.oci.Digest;
import io.berth.oci.Json;
import io.berth.oci.RegistryException;
import io.berth.oci.Tag;
import io.berth.oci.TagObject;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a tag is to say beside its target, and where tags point. */
final class Statement {

  @Option(names = "--description", paramLabel = "TEXT",
      description = "One line about what the tag is.") private @Nullable String description;

  @Option(names = "--meta", paramLabel = "KEY=VALUE", description = "More that the tag says; can be repeated.") private Map<String,
      String> meta = new LinkedHashMap<>();

  /** Whether nothing was said. */
  boolean isEmpty() {
    return description == null && meta.isEmpty();
  }

  @Nullable String description() {
    return description;
  }

  @Nullable String meta() {
    return meta.isEmpty() ? null : Json.write(meta);
  }

  /** The object, with a target and what was said. */
  ObjectNode object(JsonNode target) {
    ObjectNode object = Json.MAPPER.createObjectNode();
    object.set("target", target);
    if (description != null) {
      object.put("description", description);
    }
    if (!meta.isEmpty()) {
      meta.forEach(object.putObject("meta")::put);
    }
    return object;
  }

  /** The target that is meant by a digest, or by another tag of the repository, as it is now. */
  static JsonNode target(TagClient client, String digestOrTag) {
    if (digestOrTag.indexOf(':') >= 0) {
      return Json.MAPPER.createObjectNode().put("digest", Digest.parse(digestOrTag).toString());
    }
    return client.get(Tag.parse(digestOrTag), "").json().path("target");
  }

  /** The object that an answer holds, or a failure in words: it is not to be signed or believed if it says more than is understood. */
  static TagObject object(Answer answer) {
    try {
      return TagObject.parse(answer.body());
    } catch (RegistryException e) {
      throw new RegistryFailure("the registry's answer is no tag object: " + e.getMessage());
    }
  }

  static byte[] bytes(JsonNode object) {
    return Json.write(object).getBytes(StandardCharsets.UTF_8);
  }
}
