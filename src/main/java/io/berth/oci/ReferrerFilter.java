package io.berth.oci;

import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Which referrers a list is to have: one of the kinds and, where there are any, one of the types of each sort, and all of the annotations.
 *
 * @param kinds at least one of {@link #KINDS}
 */
public record ReferrerFilter(Set<Edge.Kind> kinds, Set<MediaType> artifactTypes, Set<MediaType> mediaTypes, List<Annotation> annotations) {

  /** The kinds by which a manifest points at another one. */
  public static final Set<Edge.Kind> KINDS = Set.of(Edge.Kind.SUBJECT, Edge.Kind.REFERENCE, Edge.Kind.CHILD);

  /** What the specification calls referrers. */
  public static final ReferrerFilter SUBJECT = of(Set.of(Edge.Kind.SUBJECT));

  /** Copies what it is given. */
  public ReferrerFilter {
    kinds = Set.copyOf(kinds);
    artifactTypes = Set.copyOf(artifactTypes);
    mediaTypes = Set.copyOf(mediaTypes);
    annotations = List.copyOf(annotations);
    if (kinds.isEmpty() || !KINDS.containsAll(kinds)) {
      throw new IllegalArgumentException("no such list: " + kinds);
    }
  }

  /** An annotation that must be there with this value. */
  public record Annotation(String key, String value) {}

  /** All of some kinds. */
  public static ReferrerFilter of(Set<Edge.Kind> kinds) {
    return new ReferrerFilter(kinds, Set.of(), Set.of(), List.of());
  }

  /** The same for some artifact types only. */
  public ReferrerFilter withArtifactTypes(Set<MediaType> types) {
    return new ReferrerFilter(kinds, types, mediaTypes, annotations);
  }

  /** Whether a referrer must be looked at to tell whether it is wanted: no index leads to those that are. */
  public boolean looks() {
    return !mediaTypes.isEmpty() || !annotations.isEmpty();
  }

  /** Whether a referrer is wanted which has one of the kinds and artifact types. */
  public boolean wants(Referrer referrer) {
    return (mediaTypes.isEmpty() || mediaTypes.contains(referrer.descriptor().mediaType()))
        && (annotations.isEmpty() || has(referrer.annotations()));
  }

  private boolean has(String json) {
    if (json.equals("{}")) {
      return false;
    }
    JsonNode stated = Json.MAPPER.readTree(json);
    return annotations.stream().allMatch(wanted -> {
      JsonNode value = stated.get(wanted.key());
      return value != null && value.isString() && value.asString().equals(wanted.value());
    });
  }
}
