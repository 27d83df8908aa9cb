package io.berth.oci;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The configuration of an image (image specification, "OCI Image Configuration"), as far as a registry looks into it. */
public final class ImageConfig {

  private ImageConfig() {}

  /** A label of the image; absent if there is none, or the bytes are no configuration. */
  public static Optional<String> label(byte[] config, String name) {
    try {
      JsonNode label = Json.parse(config).path("config").path("Labels").path(name);
      return label.isString() ? Optional.of(label.asString()) : Optional.empty();
    } catch (Json.InvalidJson e) {
      return Optional.empty();
    }
  }
}
