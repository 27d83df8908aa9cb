package io.berth.http;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Json;
import io.berth.oci.Limits;
import io.berth.oci.MediaType;
import io.berth.oci.Referrer;
import io.berth.oci.RepositoryName;
import io.berth.registry.Caller;
import io.berth.registry.Referrers;
import io.berth.registry.Referrers.Asked;
import io.berth.registry.Referrers.Data;
import io.berth.registry.Referrers.Inline;
import io.berth.registry.Referrers.Page;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.io.SerializedString;
import tools.jackson.databind.node.ObjectNode;

/** Answers to calls that ask what points at a manifest. Those with content are bounded over all requests. Safe for any thread. */
final class ReferrerCalls {

  private static final String KIND = "io.berth.reference.kind";
  private static final String POINTER = "io.berth.reference.pointer";

  /** What all names of annotations begin with that are Berth's own, in JSON. */
  private static final String OURS = "\"io.berth.reference.";

  /** What an entry takes mostly, besides annotations and data. */
  private static final int ENTRY_BYTES = 350;

  private static final Page EMPTY = new Page(List.of(), Map.of(), List.of(), null);

  /** What a page with content takes while it is made, in its own size. */
  private static final long MAKING = 3L * Limits.REFERRERS_PAGE_BYTES;

  private final Referrers referrers;
  private final Locations locations;
  private final Allowance making;

  ReferrerCalls(Referrers referrers, Locations locations, Allowance making) {
    this.referrers = referrers;
    this.locations = locations;
    this.making = making;
  }

  /** The list of the specification. */
  Reply subjects(Call.ListReferrers call, Caller caller, Request request) {
    ReferrerQuery query = call.query();
    return list(caller, call.repository(), query, call.digest(), locations.of(request), false, request);
  }

  /** Further pages are of what the tag points at now, wherever it moves meanwhile. */
  Reply references(Call.ListReferences call, Caller caller, Request request) {
    Digest target = referrers.target(caller, call.repository(), call.name());
    String path = above(above(locations.of(request))) + "/" + target + "/references";
    return list(caller, call.repository(), call.query(), target, path, true, request);
  }

  private static String above(String path) {
    return path.substring(0, path.lastIndexOf('/'));
  }

  private Reply list(Caller caller, RepositoryName repository, ReferrerQuery query, Digest target, String path, boolean edges,
      Request request) {
    if (query.data() == Data.NONE) {
      return answer(caller, repository, query, target, path, edges, request);
    }
    try (var _ = making.take(MAKING, request.origin().network())) {
      return answer(caller, repository, query, target, path, edges, request);
    }
  }

  private Reply answer(Caller caller, RepositoryName repository, ReferrerQuery query, Digest target, String path, boolean edges,
      Request request) {
    var asked = new Asked(query.filter(), query.data(), query.last(), query.n(), Limits.REFERRERS_PAGE_BYTES);
    Page page = query.n() == 0 ? EMPTY : referrers.list(caller, repository, target, asked);
    Headers headers = new Headers().add("Content-Type", MediaType.OCI_INDEX.value());
    if (!query.applied().isEmpty()) {
      headers.add("OCI-Filters-Applied", String.join(",", query.applied()));
    }
    if (page.next() != null) {
      Links.addNext(headers, path, request, query.n(), ReferrerQuery.text(page.next()));
    }
    return new Reply.Bytes(200, headers, index(page, edges, query.data() == Data.BLOBS));
  }

  private static byte[] index(Page page, boolean edges, boolean blobs) {
    var bytes = new ByteArrayOutputStream(size(page));
    try (JsonGenerator json = Json.MAPPER.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeNumberProperty("schemaVersion", 2);
      json.writeStringProperty("mediaType", MediaType.OCI_INDEX.value());
      json.writeArrayPropertyStart("manifests");
      page.referrers().forEach(referrer -> write(json, referrer, page.manifests().get(referrer.descriptor().digest()), edges));
      json.writeEndArray();
      if (blobs) {
        json.writeArrayPropertyStart("io.berth.blobs");
        page.blobs().forEach(blob -> {
          begin(json, blob.descriptor());
          json.writeBinaryProperty("data", blob.bytes());
          json.writeEndObject();
        });
        json.writeEndArray();
      }
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /** About what the page takes, so that it need not be moved as it grows. */
  private static int size(Page page) {
    long size = 100 + (long) ENTRY_BYTES * (page.referrers().size() + page.blobs().size());
    for (Referrer referrer : page.referrers()) {
      size += referrer.annotations().length();
    }
    for (byte[] manifest : page.manifests().values()) {
      size += base64(manifest);
    }
    for (Inline blob : page.blobs()) {
      size += base64(blob.bytes());
    }
    return (int) Math.min(size, Limits.REFERRERS_PAGE_BYTES);
  }

  private static int base64(byte[] bytes) {
    return (bytes.length + 2) / 3 * 4;
  }

  private static void begin(JsonGenerator json, Descriptor descriptor) {
    json.writeStartObject();
    json.writeStringProperty("mediaType", descriptor.mediaType().value());
    json.writeStringProperty("digest", descriptor.digest().toString());
    json.writeNumberProperty("size", descriptor.size());
  }

  private static void write(JsonGenerator json, Referrer referrer, byte @Nullable [] data, boolean edges) {
    begin(json, referrer.descriptor());
    if (referrer.artifactType() != null) {
      json.writeStringProperty("artifactType", referrer.artifactType().value());
    }
    String annotations = edges ? withEdge(referrer) : referrer.annotations();
    if (!annotations.equals("{}")) {
      json.writeName("annotations");
      json.writeRawValue(new SerializedString(annotations)); // as bytes; a String goes out character by character
    }
    if (data != null) {
      json.writeBinaryProperty("data", data);
    }
    json.writeEndObject();
  }

  /** The manifest's annotations and, whatever it says itself, how it points there. */
  private static String withEdge(Referrer referrer) {
    String own = referrer.annotations();
    if (own.contains(OURS)) {
      own = Json.write(((ObjectNode) Json.MAPPER.readTree(own)).without(List.of(KIND, POINTER)));
    }
    String edge =
        "\"" + KIND + "\":\"" + ReferrerQuery.name(referrer.kind()) + "\",\"" + POINTER + "\":" + Json.write(referrer.place().pointer());
    return own.substring(0, own.length() - 1) + (own.equals("{}") ? "" : ",") + edge + "}";
  }
}
