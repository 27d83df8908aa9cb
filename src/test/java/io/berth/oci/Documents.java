package io.berth.oci;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/** Manifests to test with, as text. */
public final class Documents {

  public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  public static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
  public static final String FOREIGN_LAYER = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";

  private Documents() {}

  /** The bytes of a text. */
  public static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** The sha256 digest of a text. */
  public static Digest digest(String text) {
    return Digest.Algorithm.SHA256.of(bytes(text));
  }

  /** A descriptor of a text. */
  public static String descriptor(String mediaType, String content) {
    return descriptor(mediaType, content, "");
  }

  /** A descriptor of a text, with more fields, each with a leading comma. */
  public static String descriptor(String mediaType, String content, String more) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d%s}".formatted(mediaType, digest(content), bytes(content).length, more);
  }

  /** An image manifest over a configuration and layers. */
  public static String image(String config, String... layers) {
    return imageWith("", config, layers);
  }

  /** An image manifest with more fields, each with a leading comma. */
  public static String imageWith(String more, String config, String... layers) {
    var all = List.of(layers).stream().map(layer -> descriptor(LAYER, layer)).toList();
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]%s}".formatted(MANIFEST, descriptor(CONFIG, config),
        String.join(",", all), more);
  }

  /** An index over image manifests. */
  public static String index(String... images) {
    var all = List.of(images).stream().map(image -> descriptor(MANIFEST, image)).toList();
    return indexOf(String.join(",", all), "");
  }

  /** An index over descriptors, with more fields, each with a leading comma. */
  public static String indexOf(String entries, String more) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]%s}".formatted(INDEX, entries, more);
  }

  /** An image manifest that is about another document. */
  public static String about(String subject, String artifactType, String config) {
    return imageWith(",\"artifactType\":\"%s\",\"subject\":%s".formatted(artifactType, descriptor(MANIFEST, subject)), config);
  }
}
