package io.berth.oci;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads a {@link Manifest} from its bytes (image specification, "Image Manifest", "Image Index", "Descriptor"). Unknown fields are none of its
 * business; a known field of the wrong form is an error that names its JSON pointer. For one document, one thread.
 */
final class ManifestParser {

  /** Long enough for a reference of a reference, as deep as JSON may be. */
  private static final int LONGEST_POINTER = 1_100;

  private final JsonNode document;
  private final List<Edge> edges = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  private ManifestParser(JsonNode document) {
    this.document = document;
  }

  static Manifest parse(@Nullable MediaType contentType, byte[] bytes) {
    if (contentType != null && contentType.isSchema1()) {
      throw schema1();
    }
    JsonNode document;
    try {
      document = Json.parse(bytes);
    } catch (Json.InvalidJson e) {
      throw invalid("the manifest is not valid JSON: " + e.getMessage());
    }
    if (!document.isObject()) {
      throw invalid("a manifest is a JSON object");
    }
    return new ManifestParser(document).read(contentType);
  }

  private Manifest read(@Nullable MediaType contentType) {
    requireOneKind();
    MediaType mediaType = mediaType(contentType);
    if (mediaType.isImageManifest()) {
      return image(mediaType);
    }
    return mediaType.isIndex() ? index(mediaType) : other(mediaType);
  }

  /** A document that is both an image manifest and an index is read differently by different clients (GHSA-mc8v-mgrf-8f4m). */
  private void requireOneKind() {
    if (document.has("manifests") && (document.has("config") || document.has("layers"))) {
      throw invalid("the manifest has 'manifests' beside 'config' or 'layers': it must be either an index or an image manifest");
    }
    if (document.has("fsLayers")) {
      throw schema1();
    }
  }

  private MediaType mediaType(@Nullable MediaType contentType) {
    String stated = text(document, "", "mediaType");
    if (stated != null && contentType != null && !stated.equals(contentType.value())) {
      throw invalid("the Content-Type (" + contentType + ") is not the manifest's own mediaType (" + Text.visible(stated, 100) + ")");
    }
    MediaType mediaType = stated != null ? mediaTypeAt("/mediaType", stated) : contentType != null ? contentType : guessed();
    if (mediaType.isSchema1()) {
      throw schema1();
    }
    if (!mediaType.isJson()) {
      throw invalid("a manifest has a JSON media type, application/...+json, not " + mediaType);
    }
    return mediaType;
  }

  private MediaType guessed() {
    if (document.has("manifests")) {
      return MediaType.OCI_INDEX;
    }
    if (document.has("config")) {
      return MediaType.OCI_MANIFEST;
    }
    throw invalid("nothing says what this manifest is: send a Content-Type header or a mediaType field");
  }

  private Manifest image(MediaType mediaType) {
    requireSchemaVersion2();
    if (document.has("manifests")) {
      throw invalid("an image manifest has no 'manifests': is this an index?");
    }
    Descriptor config = edge(Edge.Kind.CONFIG, "/config", required("config"));
    each(Edge.Kind.LAYER, "layers");
    weakEdges();
    MediaType own = artifactType();
    if (own == null && config.mediaType().equals(MediaType.OCI_EMPTY)) {
      warnings.add("the config is empty, so artifactType should say what this is");
    }
    return new Manifest.Image(mediaType, own != null ? own : config.mediaType(), annotations(), List.copyOf(edges), List.copyOf(warnings));
  }

  private Manifest index(MediaType mediaType) {
    requireSchemaVersion2();
    if (document.has("config") || document.has("layers")) {
      throw invalid("an index has neither 'config' nor 'layers': is this an image manifest?");
    }
    required("manifests");
    each(Edge.Kind.CHILD, "manifests");
    weakEdges();
    return new Manifest.Index(mediaType, artifactType(), annotations(), List.copyOf(edges), List.copyOf(warnings));
  }

  private Manifest other(MediaType mediaType) {
    weakEdges();
    return new Manifest.Other(mediaType, artifactType(), annotations(), List.copyOf(edges), List.copyOf(warnings));
  }

  private void weakEdges() {
    JsonNode subject = document.get("subject");
    if (subject != null && !subject.isNull()) {
      edge(Edge.Kind.SUBJECT, "/subject", subject);
    }
    referenceOf(document, "");
    Set<String> known = edges.stream().map(Edge::pointer).collect(Collectors.toSet());
    mentions(document, "", known, new HashSet<>());
  }

  /**
   * Whatever else looks like a descriptor, each digest once. It is none of ours to judge, so what is missing in it is made up. As deep as JSON
   * may be. Names may be long, and many: where a pointer would be, the place has a number instead.
   */
  private void mentions(JsonNode node, @Nullable String pointer, Set<String> known, Set<Digest> mentioned) {
    if (node.isObject()) {
      Digest digest = pointer != null && known.contains(pointer) ? null : Digest.parseOrNull(node.path("digest").asString(""));
      if (digest != null && !"".equals(pointer) && mentioned.add(digest)) {
        String at = pointer == null ? "#" + mentioned.size() : pointer;
        edges.add(new Edge(Edge.Kind.MENTION, at, new Descriptor(MediaType.OCTET_STREAM, digest, 0, null)));
      }
      node.properties().forEach(field -> mentions(field.getValue(), below(pointer, field.getKey()), known, mentioned));
    } else if (node.isArray()) {
      int i = 0;
      for (JsonNode element : node) {
        mentions(element, below(pointer, Integer.toString(i++)), known, mentioned);
      }
    }
  }

  /** RFC 6901, section 3; {@code null} for what is too long or has other characters than visible ones. */
  private static @Nullable String below(@Nullable String pointer, String name) {
    if (pointer == null || pointer.length() + name.length() > LONGEST_POINTER || !name.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      return null;
    }
    return pointer + "/" + name.replace("~", "~0").replace("/", "~1");
  }

  private void requireSchemaVersion2() {
    JsonNode version = document.get("schemaVersion");
    if (version != null && version.isInt() && version.intValue() == 1) {
      throw schema1();
    }
    if (version == null || !version.isInt() || version.intValue() != 2) {
      throw invalid("schemaVersion must be 2");
    }
  }

  private JsonNode required(String name) {
    JsonNode value = document.get(name);
    if (value == null || value.isNull()) {
      throw invalid("'" + name + "' is missing");
    }
    return value;
  }

  private void each(Edge.Kind kind, String name) {
    JsonNode list = document.get(name);
    if (list == null) {
      return;
    }
    if (!list.isArray()) {
      throw invalid("'" + name + "' must be an array");
    }
    int i = 0;
    for (JsonNode element : list) {
      edge(kind, "/" + name + "/" + i++, element);
    }
  }

  private Descriptor edge(Edge.Kind kind, String pointer, JsonNode node) {
    Descriptor descriptor = descriptor(pointer, node);
    edges.add(new Edge(kind, pointer, descriptor));
    referenceOf(node, pointer);
    return descriptor;
  }

  /**
   * The {@code reference} field of the original proposal (image-spec #827), wherever it may stand. It is not in the specification, so one that
   * is no descriptor is an unknown field like any other.
   */
  private void referenceOf(JsonNode holder, String pointer) {
    JsonNode reference = holder.get("reference");
    if (reference == null || !reference.isObject()) {
      return;
    }
    String at = pointer + "/reference";
    Descriptor descriptor;
    try {
      descriptor = descriptor(at, reference);
    } catch (RegistryException notADescriptor) {
      return;
    }
    edges.add(new Edge(Edge.Kind.REFERENCE, at, descriptor));
    referenceOf(reference, at);
  }

  private Descriptor descriptor(String pointer, JsonNode node) {
    if (!node.isObject()) {
      throw invalid(pointer + " must be a descriptor, a JSON object");
    }
    MediaType mediaType = mediaTypeOfContent(pointer + "/mediaType", requiredText(node, pointer, "mediaType"));
    Digest digest = digestAt(pointer + "/digest", requiredText(node, pointer, "digest"));
    long size = size(pointer, node.get("size"));
    requireMatchingData(pointer, node, digest, size);
    return new Descriptor(mediaType, digest, size, platform(node.get("platform")));
  }

  private static long size(String pointer, @Nullable JsonNode size) {
    if (size == null || !size.isIntegralNumber() || !size.canConvertToLong() || size.asLong() < 0) {
      throw invalid(pointer + "/size must be a whole number of bytes, 0 or more");
    }
    return size.asLong();
  }

  /** Embedded content that is not what the descriptor names would let the registry serve a lie (image specification, "data"). */
  private static void requireMatchingData(String pointer, JsonNode node, Digest digest, long size) {
    String data = text(node, pointer, "data");
    if (data == null) {
      return;
    }
    byte[] content;
    try {
      content = Base64.getDecoder().decode(data);
    } catch (IllegalArgumentException e) {
      throw invalid(pointer + "/data is not base64");
    }
    if (content.length != size || !digest.algorithm().of(content).equals(digest)) {
      throw invalid(pointer + "/data is not the content that digest and size name");
    }
  }

  /** A platform that does not say both parts, or not in printable text without slashes, selects nothing, so it counts as absent. */
  private static @Nullable Platform platform(@Nullable JsonNode platform) {
    if (platform == null || !isPart(platform.path("os")) || !isPart(platform.path("architecture"))) {
      return null;
    }
    JsonNode variant = platform.path("variant");
    var stated = new Platform(platform.get("os").asString(), platform.get("architecture").asString(),
        variant.isString() && !variant.asString().isEmpty() ? variant.asString() : null);
    return stated.toString().chars().anyMatch(Character::isISOControl) ? null : stated;
  }

  private static boolean isPart(JsonNode part) {
    return part.isString() && !part.asString().isEmpty() && part.asString().indexOf('/') < 0;
  }

  private @Nullable MediaType artifactType() {
    String type = text(document, "", "artifactType");
    return type == null || type.isEmpty() ? null : mediaTypeAt("/artifactType", type);
  }

  private Map<String, String> annotations() {
    JsonNode node = document.get("annotations");
    if (node == null || node.isNull()) {
      return Map.of();
    }
    if (!node.isObject()) {
      throw invalid("'annotations' must be an object");
    }
    var annotations = new LinkedHashMap<String, String>();
    for (var field : node.properties()) {
      if (!field.getValue().isString()) {
        throw invalid("each annotation must be a string");
      }
      annotations.put(field.getKey(), field.getValue().asString());
    }
    return annotations;
  }

  private static String requiredText(JsonNode node, String pointer, String name) {
    String value = text(node, pointer, name);
    if (value == null) {
      throw invalid(pointer + "/" + name + " is missing");
    }
    return value;
  }

  private static @Nullable String text(JsonNode node, String pointer, String name) {
    JsonNode value = node.get(name);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isString()) {
      throw invalid(pointer + "/" + name + " must be a string");
    }
    return value.asString();
  }

  /** Podman names the files of its artifacts {@code text/plain; charset=utf-8}; what a registry decides does not depend on parameters. */
  private static MediaType mediaTypeOfContent(String pointer, String text) {
    return mediaTypeAt(pointer, MediaType.withoutParameters(text));
  }

  private static MediaType mediaTypeAt(String pointer, String text) {
    if (!MediaType.isValid(text)) {
      throw invalid(pointer + " is not a media type: " + Text.quoted(text));
    }
    return new MediaType(text);
  }

  private static Digest digestAt(String pointer, String text) {
    Digest digest = Digest.parseOrNull(text);
    if (digest == null) {
      throw invalid(pointer + " is not a digest that this registry can verify: " + Text.quoted(text));
    }
    return digest;
  }

  private static RegistryException invalid(String message) {
    return new RegistryException(ErrorCode.MANIFEST_INVALID, message);
  }

  private static RegistryException schema1() {
    return invalid("Docker schema 1 manifests are not accepted: push the image with a client of this decade (schema 2 or OCI)");
  }
}
