package io.berth.cli.tag;

import io.berth.client.RegistryFailure;
import io.berth.oci.Digest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What points at what, as a registry has told it. Each edge is between nodes that are there, and each comes once. Types, tags, pointers and platforms are whatever
 * the registry says.
 *
 * @param nodes by digest, the root among them
 * @param truncated whether the registry says that it has left something out
 */
record ReferenceGraph(Digest root, Map<Digest, Node> nodes, Set<Edge> edges, boolean truncated) {

  private static final int DEPTH = 10;

  /** Berth tells at most 10,000 nodes with 20 tags each, and 25,000 edges. */
  private static final int TOKENS = 1_000_000;
  private static final int STRING = 1 << 20;

  private static final JsonMapper MAPPER = JsonMapper
      .builder(JsonFactory.builder().streamReadConstraints(
          StreamReadConstraints.builder().maxNestingDepth(DEPTH).maxTokenCount(TOKENS).maxStringLength(STRING).build()).build())
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** What images are known by in lists of artifacts: the type of their configuration, which tells people less than their own. */
  private static final Set<String> IMAGES =
      Set.of("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json");

  /** Of a digest as short as people can tell it from others. */
  private static final int SHORT = 12;

  /**
   * A manifest or blob.
   *
   * @param type artifact type or, without one and for images, media type; empty if nobody says
   * @param size -1 if nobody says
   */
  record Node(Digest digest, String type, long size, boolean present, List<String> tags) {

    /** The size in words. */
    String amount() {
      if (size < 1024) {
        return size + (size == 1 ? " byte" : " bytes");
      }
      double amount = size;
      int unit = -1;
      while (amount >= 1024 && unit < 4) {
        amount /= 1024;
        unit++;
      }
      return String.format(Locale.ROOT, "%.1f %ciB", amount, "KMGTP".charAt(unit));
    }
  }

  /**
   * One points at another.
   *
   * @param platform for which it does; empty if nobody says
   */
  record Edge(Digest from, Digest to, String kind, String pointer, String platform) {}

  /** An answer as JSON. */
  static JsonNode read(byte[] answer) {
    try {
      return MAPPER.readTree(answer);
    } catch (JacksonException e) {
      throw strange();
    }
  }

  private static RegistryFailure strange() {
    return new RegistryFailure("the registry answered what is no graph: does it know this request?");
  }

  /** The graph that an answer tells. */
  static ReferenceGraph of(JsonNode answer) {
    Map<Digest, Node> nodes = new LinkedHashMap<>();
    for (JsonNode node : answer.path("nodes")) {
      Digest digest = digest(node, "digest");
      var tags = new ArrayList<String>();
      node.path("tags").forEach(tag -> tags.add(tag.asString("")));
      nodes.putIfAbsent(digest,
          new Node(digest, type(node), node.path("size").asLong(-1), node.path("present").asBoolean(false), List.copyOf(tags)));
    }
    Set<Edge> edges = new LinkedHashSet<>();
    for (JsonNode edge : answer.path("edges")) {
      edges.add(new Edge(digest(edge, "from"), digest(edge, "to"), edge.path("kind").asString(""), edge.path("pointer").asString(""),
          edge.path("platform").asString("")));
    }
    Digest root = digest(answer, "root");
    if (!nodes.containsKey(root) || !edges.stream().allMatch(edge -> nodes.containsKey(edge.from) && nodes.containsKey(edge.to))) {
      throw strange();
    }
    return new ReferenceGraph(root, nodes, edges, answer.path("truncated").asBoolean(false));
  }

  private static String type(JsonNode node) {
    String artifact = node.path("artifactType").asString("");
    return artifact.isEmpty() || IMAGES.contains(artifact) ? node.path("mediaType").asString("") : artifact;
  }

  private static Digest digest(JsonNode holder, String name) {
    Digest digest = Digest.parseOrNull(holder.path(name).asString(""));
    if (digest == null) {
      throw strange();
    }
    return digest;
  }

  /** Digests cut to one length at which no two of them are the same, whoever has chosen them. */
  Map<Digest, String> names() {
    var sorted = new TreeSet<String>();
    nodes.keySet().forEach(digest -> sorted.add(digest.toString()));
    int length = 0;
    String before = "";
    for (String digest : sorted) {
      int same = 0;
      while (same < Math.min(before.length(), digest.length()) && before.charAt(same) == digest.charAt(same)) {
        same++;
      }
      length = Math.max(length, same - digest.indexOf(':'));
      before = digest;
    }
    Map<Digest, String> names = new LinkedHashMap<>();
    for (Digest digest : nodes.keySet()) {
      String text = digest.toString();
      names.put(digest, text.substring(0, Math.min(text.length(), text.indexOf(':') + 1 + Math.max(SHORT, length))));
    }
    return names;
  }
}
