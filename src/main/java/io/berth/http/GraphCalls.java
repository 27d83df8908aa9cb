package io.berth.http;

import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.ErrorCode;
import io.berth.oci.Json;
import io.berth.oci.Limits;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.oci.Text;
import io.berth.registry.Caller;
import io.berth.registry.Copies;
import io.berth.registry.Graphs;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/** Answers to calls about manifests with what belongs to them: copies from other repositories, and the view of what points at what. Safe for any thread. */
final class GraphCalls {

  private static final int ORDER_BYTES = 64 << 10;
  private static final Set<String> FIELDS = Set.of("from", "reference", "tags", "referrers");

  /** What it takes to understand a manifest of the most costly kind, in its own size. */
  private static final int UNDERSTANDING = 10;

  /** What a view takes while it is put together, in the size of the answer. */
  private static final int VIEW = 3;

  private static final int DEPTH = 5;

  private final Copies copies;
  private final Graphs graphs;
  private final Bodies bodies;
  private final Allowance understanding;

  GraphCalls(Copies copies, Graphs graphs, Bodies bodies, Allowance understanding) {
    this.copies = copies;
    this.graphs = graphs;
    this.bodies = bodies;
    this.understanding = understanding;
  }

  Reply copy(Call.CopyManifest call, Caller caller, Request request) {
    UploadCalls.requirePlain(request);
    String network = request.origin().network();
    Copies.Order order;
    try (var document = bodies.read(request, ORDER_BYTES, "an order to copy")) {
      order = order(document.bytes());
    }
    request.trail().tags(order.tags());
    request.trail().from(order.from().value());
    Copies.Copied copied = copies.copy(caller, call.repository(), order, bytes -> {
      Allowance.Held held = understanding.take(UNDERSTANDING * bytes, network);
      return held::close;
    });
    var body = Json.MAPPER.createObjectNode().put("digest", copied.digest().toString()).put("complete", copied.complete())
        .put("manifests", copied.manifests()).put("blobs", copied.blobs()).put("bytes", copied.bytes());
    Headers headers = new Headers().add("Docker-Content-Digest", copied.digest().toString());
    if (!copied.absent().isEmpty()) {
      Absences.addTo(body, copied.absent());
      Warnings.add(headers, Absences.warning(copied.absent()));
    }
    if (!copied.complete()) {
      return JsonReply.of(202, headers, body);
    }
    headers.add("Location", "/v2/" + call.repository() + "/manifests/" + copied.digest());
    if (!order.tags().isEmpty()) {
      headers.add("OCI-Tag", order.tags().stream().map(Tag::value).distinct().collect(Collectors.joining(", ")));
    }
    return JsonReply.of(201, headers, body);
  }

  private static Copies.Order order(byte[] bytes) {
    JsonNode order;
    try {
      order = Json.parse(bytes);
    } catch (Json.InvalidJson e) {
      throw invalid("the order is not JSON: " + e.getMessage());
    }
    if (!order.isObject()) {
      throw invalid("an order is {\"from\":…,\"reference\":…}, perhaps with \"tags\" and \"referrers\"");
    }
    for (String name : order.propertyNames()) {
      if (!FIELDS.contains(name)) {
        throw invalid("an order has no field '" + Text.visible(name, 50) + "'");
      }
    }
    JsonNode referrers = order.path("referrers");
    if (!referrers.isMissingNode() && !referrers.isBoolean()) {
      throw invalid("'referrers' is true or false");
    }
    return new Copies.Order(RepositoryName.parse(text(order.path("from"), "from")),
        TagOrDigest.parse(text(order.path("reference"), "reference")), tags(order.path("tags")),
        referrers.isMissingNode() || referrers.booleanValue());
  }

  private static List<Tag> tags(JsonNode list) {
    var tags = new ArrayList<Tag>();
    if (!list.isMissingNode() && !list.isArray() || list.size() > Limits.TAGS_PER_PUSH) {
      throw invalid("'tags' is a list of at most " + Limits.TAGS_PER_PUSH);
    }
    for (JsonNode tag : list) {
      tags.add(Tag.parse(text(tag, "tags")));
    }
    return tags;
  }

  private static String text(JsonNode value, String name) {
    if (!value.isString()) {
      throw invalid("'" + name + "' has to be a text");
    }
    return value.asString();
  }

  private static RegistryException invalid(String message) {
    return new RegistryException(ErrorCode.MANIFEST_INVALID, message);
  }

  /** The call that a path and a query mean. */
  static Call parse(RepositoryName repository, String name, Query query) {
    if (name.indexOf(':') < 0 && !Tag.isValid(name)) {
      throw new RegistryException(ErrorCode.MANIFEST_UNKNOWN, "this is not a tag, so nothing can be tagged so");
    }
    Graphs.Direction direction = switch (query.one("direction").orElse("both")) {
      case "up" -> Graphs.Direction.UP;
      case "down" -> Graphs.Direction.DOWN;
      case "both" -> Graphs.Direction.BOTH;
      default -> throw new RegistryException(400, ErrorCode.UNSUPPORTED, "direction is up, down or both");
    };
    String depth = query.one("depth").orElse(Integer.toString(DEPTH));
    if (!depth.matches("[0-9]{1,9}")) {
      throw new RegistryException(400, ErrorCode.UNSUPPORTED, "depth is a whole number, 0 or more");
    }
    return new Call.GetGraph(repository, TagOrDigest.parse(name), direction, Math.min(Graphs.MAX_DEPTH, Integer.parseInt(depth)));
  }

  Reply get(Call.GetGraph call, Caller caller, Request request) {
    try (var _ = understanding.take((long) VIEW * Graphs.BYTES, request.origin().network())) {
      Graphs.Graph graph = graphs.around(caller, call.repository(), call.name(), call.direction(), call.depth());
      return new Reply.Bytes(200, new Headers().add("Content-Type", "application/json"), json(graph));
    }
  }

  private static byte[] json(Graphs.Graph graph) {
    var bytes = new ByteArrayOutputStream();
    Set<Digest> present = graph.nodes().stream().filter(Graphs.Node::present).map(Graphs.Node::digest).collect(Collectors.toSet());
    try (JsonGenerator json = Json.MAPPER.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringProperty("root", graph.root().toString());
      json.writeBooleanProperty("truncated", graph.truncated());
      json.writeArrayPropertyStart("nodes");
      graph.nodes().forEach(node -> write(json, node));
      json.writeEndArray();
      json.writeArrayPropertyStart("edges");
      for (Graphs.Link link : graph.links()) {
        json.writeStartObject();
        json.writeStringProperty("from", link.from().toString());
        json.writeStringProperty("to", link.to().toString());
        json.writeStringProperty("kind", link.kind().name().toLowerCase(Locale.ROOT));
        json.writeStringProperty("pointer", link.pointer());
        if (link.platform() != null) {
          json.writeStringProperty("platform", link.platform().toString());
        }
        if (link.kind() == Edge.Kind.CHILD) {
          json.writeBooleanProperty("present", present.contains(link.to()));
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, Graphs.Node node) {
    json.writeStartObject();
    json.writeStringProperty("digest", node.digest().toString());
    if (node.mediaType() != null) {
      json.writeStringProperty("mediaType", node.mediaType().value());
    }
    if (node.artifactType() != null) {
      json.writeStringProperty("artifactType", node.artifactType().value());
    }
    if (node.size() >= 0) {
      json.writeNumberProperty("size", node.size());
    }
    json.writeBooleanProperty("present", node.present());
    if (!node.tags().isEmpty()) {
      json.writeArrayPropertyStart("tags");
      node.tags().forEach(tag -> json.writeString(tag.value()));
      json.writeEndArray();
    }
    json.writeEndObject();
  }
}
