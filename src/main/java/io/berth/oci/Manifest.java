package io.berth.oci;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a registry understands of a manifest. The bytes themselves are stored and served untouched; this is read from them once, when they
 * arrive.
 */
public sealed interface Manifest {

  /** The media type under which it is stored and served. */
  MediaType mediaType();

  /**
   * The type shown in lists of referrers: the manifest's own {@code artifactType}; for an image manifest without one, the media type of its
   * configuration (distribution specification, "Listing Referrers").
   */
  @Nullable MediaType artifactType();

  /** The manifest's annotations. */
  Map<String, String> annotations();

  /** Every reference out of it, in document order. */
  List<Edge> edges();

  /** What is legal but probably not meant, in words for the person who pushes. */
  List<String> warnings();

  /** What it is about, if it says so. */
  default @Nullable Descriptor subject() {
    return edges().stream().filter(e -> e.kind() == Edge.Kind.SUBJECT).map(Edge::target).findFirst().orElse(null);
  }

  /** An OCI image manifest or Docker schema 2 manifest. */
  record Image(MediaType mediaType, @Nullable MediaType artifactType, Map<String, String> annotations, List<Edge> edges,
      List<String> warnings) implements Manifest {}

  /** An OCI image index or Docker manifest list. */
  record Index(MediaType mediaType, @Nullable MediaType artifactType, Map<String, String> annotations, List<Edge> edges,
      List<String> warnings) implements Manifest {}

  /** JSON of a media type that the specification does not know: kept as it is; only {@code subject} and {@code reference} are read. */
  record Other(MediaType mediaType, @Nullable MediaType artifactType, Map<String, String> annotations, List<Edge> edges,
      List<String> warnings) implements Manifest {}

  /**
   * Reads a manifest.
   *
   * @param contentType the media type that the client stated; {@code null} if it stated none, then the document's own counts
   * @throws RegistryException {@code MANIFEST_INVALID}, saying what is wrong and where
   */
  static Manifest parse(@Nullable MediaType contentType, byte[] bytes) {
    return ManifestParser.parse(contentType, bytes);
  }
}
