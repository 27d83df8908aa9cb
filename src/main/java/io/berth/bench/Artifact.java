package io.berth.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** A small image: config, layers, and the manifest that lists them (image specification). */
record Artifact(Blob config, List<Blob> layers, Blob manifest) {

  static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

  private static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";

  /** The image whose layers have the numbers from {@code number} on, and whose config is as unique as they are. */
  static Artifact of(Contents contents, long number, int layers, long layerSize) {
    return of(LongStream.range(0, layers).mapToObj(i -> contents.blob(layerSize, number + i)).toList());
  }

  private static Artifact of(List<Blob> layers) {
    Blob config = Blob.of("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
        + layers.getFirst().digest() + "\"]},\"history\":[{\"created_by\":\"berth bench\"}]}");
    return new Artifact(config, layers, manifest(config, layers, ""));
  }

  /** The same content under a manifest with a digest of its own. */
  Artifact called(String title) {
    return new Artifact(config, layers,
        manifest(config, layers, ",\"annotations\":{\"org.opencontainers.image.title\":\"" + title + "\"}"));
  }

  private static Blob manifest(Blob config, List<Blob> layers, String more) {
    var text = new StringBuilder(400).append("{\"schemaVersion\":2,\"mediaType\":\"").append(MANIFEST_TYPE).append("\",\"config\":");
    append(text, CONFIG_TYPE, config);
    text.append(",\"layers\":[");
    for (int i = 0; i < layers.size(); i++) {
      append(i == 0 ? text : text.append(','), LAYER_TYPE, layers.get(i));
    }
    return Blob.of(text.append(']').append(more).append('}').toString());
  }

  private static void append(StringBuilder text, String type, Blob blob) {
    text.append("{\"mediaType\":\"").append(type).append("\",\"digest\":\"").append(blob.digest()).append("\",\"size\":")
        .append(blob.size())
        .append('}');
  }

  /** The paths to delete, in an order that every registry can follow. */
  List<String> paths(String repository) {
    var paths = new ArrayList<String>();
    paths.add(Paths.manifest(repository, manifest.digest().toString()));
    paths.add(Paths.blob(repository, config));
    layers.forEach(layer -> paths.add(Paths.blob(repository, layer)));
    return paths;
  }
}
