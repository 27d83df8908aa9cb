package io.berth.http;

import io.berth.oci.Json;
import io.berth.oci.Limits;
import io.berth.oci.MediaType;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagEvent;
import io.berth.oci.Tagged;
import io.berth.policy.Action;
import io.berth.policy.Identity;
import io.berth.registry.Caller;
import io.berth.registry.TagLists;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.node.ObjectNode;

/** Answers to calls that list tags as objects or descriptors, and what became of them. Safe for any thread. */
final class TagListCalls {

  private final TagLists lists;
  private final TagCalls tags;
  private final WireOptions options;
  private final TagEvents events;
  private final InstantSource clock;
  private final Allowance understanding;

  TagListCalls(TagLists lists, TagCalls tags, TagEvents events, WireOptions options, Allowance understanding) {
    this.events = events;
    this.lists = lists;
    this.tags = tags;
    this.options = options;
    this.clock = options.tags().clock();
    this.understanding = understanding;
  }

  Reply objects(Call.ListTagObjects call, Caller caller, Request request) {
    try (var _ = understanding.take(2L * Limits.TAGS_PAGE_BYTES, request.origin().network())) {
      return page(call, caller, request);
    }
  }

  private Reply page(Call.ListTagObjects call, Caller caller, Request request) {
    boolean signed = Accept.of(request).prefers(MediaType.TAGS_JWS, MediaType.TAGS);
    int n = Math.min(call.n(), options.tagsPage());
    TagLists.Page page = lists.page(caller, call.repository(), call.filter(), call.last(), n, call.at(), signed);
    MediaType type = signed ? MediaType.TAGS_JWS : MediaType.TAGS;
    Headers headers = BlobCalls.inert(new Headers().add("Content-Type", type.value()).add("Vary", "Accept"));
    if (page.next() != null && n > 0) {
      Long sequence = signed || call.at() != null ? (Long) page.sequence() : null;
      Links.addNext(headers, options.locations().of(request), request, n, text(caller, call.repository(), page.next()), sequence);
    }
    return new Reply.Bytes(200, headers,
        signed ? options.tags().keys().sign(statement(call, caller, page, request), type.value(), clock.instant())
            : list(call.repository(), page, request));
  }

  private byte[] list(RepositoryName repository, TagLists.Page page, Request request) {
    var bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = Json.MAPPER.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringProperty("name", repository.value());
      json.writeArrayPropertyStart("tags");
      for (Tagged tagged : page.tags()) {
        json.writeRawValue(new String(tags.object(tagged, repository, request), StandardCharsets.UTF_8));
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /** What the registry puts its name to: which tags there are between two positions, as of when, and whether that is all. */
  private byte[] statement(Call.ListTagObjects call, Caller caller, TagLists.Page page, Request request) {
    ObjectNode statement = Json.MAPPER.createObjectNode();
    statement.put("repository", options.tags().names().toSign(request, call.repository()));
    statement.put("sequence", page.sequence()).put("newest", page.newest());
    statement.put("time", clock.instant().toString());
    ObjectNode filter = statement.putObject("filter").put("prefix", call.filter().prefix());
    filter.put("target", call.filter().target() == null ? "" : call.filter().target().toString());
    Tag last = page.next() != null ? page.next() : page.tags().isEmpty() ? null : page.tags().getLast().event().tag();
    String after = Tag.isValid(call.last()) ? text(caller, call.repository(), new Tag(call.last())) : call.last();
    statement.put("after", after).put("through", last == null ? after : text(caller, call.repository(), last));
    statement.put("complete", page.next() == null && call.n() > 0).put("total", page.total());
    ObjectNode digests = statement.putObject("tags");
    page.tags().forEach(tagged -> digests.put(tagged.event().tag().value(), tagged.content().target().digest().toString()));
    return Json.MAPPER.writeValueAsBytes(statement);
  }

  /** A position in a list of tags as the caller may know it. */
  private static String text(Caller caller, RepositoryName repository, Tag position) {
    return Positions.of(position.value(), caller.access(repository).may(Action.PULL, position));
  }

  /** Changes as they happen. */
  Reply watch(Call.WatchTags call, Caller caller) {
    return events.follow(call.repository(), call.after(), names(caller), caller.access(call.repository()).extent(Action.PULL));
  }

  /** The draft of a list with descriptors. */
  Reply descriptors(Call.DescribeTags call, Caller caller, Request request) {
    int n = Math.min(call.n(), options.tagsPage());
    TagLists.Sorted found = lists.sorted(caller, call.repository(), call.order(), call.after(), n);
    TagLists.Position next = found.next();
    Headers headers = new Headers().add("Content-Type", MediaType.OCI_INDEX.value()).add("Vary", "Accept");
    if (n > 0 && next != null) {
      boolean byAge = call.order() == TagLists.Order.OLDEST || call.order() == TagLists.Order.NEWEST;
      Links.addNext(headers, options.locations().of(request), request, n,
          Positions.of(byAge ? next.version() + ":" + next.tag() : next.tag().value(),
              caller.access(call.repository()).may(Action.PULL, next.tag())));
    }
    return new Reply.Bytes(200, headers, index(found.events(), (json, event) -> {
      json.writeStringProperty("org.opencontainers.image.ref.name", event.tag().value());
      json.writeStringProperty("org.opencontainers.image.ref.created", time(event.at()));
    }));
  }

  /** The draft of a tag's history. */
  Reply history(Call.GetTagHistory call, Caller caller, Request request) {
    int n = Math.min(call.n(), options.tagsPage());
    List<TagEvent> found = lists.history(caller, call.repository(), call.tag(), call.span(), n + 1);
    Headers headers = new Headers().add("Content-Type", MediaType.OCI_INDEX.value());
    if (n > 0 && found.size() > n) {
      Links.addNext(headers, options.locations().of(request), request, n, Long.toString(found.get(n - 1).sequence()));
    }
    boolean named = names(caller);
    return new Reply.Bytes(200, headers, index(found.subList(0, Math.min(n, found.size())), (json, event) -> {
      json.writeStringProperty("org.opencontainers.distribution.tag.timestamp", time(event.at()));
      json.writeStringProperty("org.opencontainers.distribution.tag.event", event.kind().isRemoval() ? "deleted" : "created");
      json.writeStringProperty("io.berth.tag.kind", kind(event));
      json.writeStringProperty("io.berth.tag.sequence", Long.toString(event.sequence()));
      if (event.from() != null) {
        json.writeStringProperty("io.berth.tag.from", event.from().toString());
      }
      if (named) {
        json.writeStringProperty("io.berth.tag.actor", event.author().actor());
        json.writeStringProperty("io.berth.tag.client", event.author().client());
        if (event.author().reference() != null) {
          json.writeStringProperty("io.berth.tag.reference", event.author().reference());
        }
      }
    }));
  }

  /** Who people are is nothing for those who don't say who they are. Where nobody has to, there is nothing to hide. */
  private boolean names(Caller caller) {
    return options.tags().open() || !(caller.identity() instanceof Identity.Anonymous);
  }

  static String kind(TagEvent event) {
    return event.kind().name().toLowerCase(Locale.ROOT);
  }

  static String time(Instant instant) {
    return instant.toString();
  }

  private interface Annotations {
    void write(JsonGenerator json, TagEvent event);
  }

  private static byte[] index(List<TagEvent> events, Annotations annotations) {
    var bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = Json.MAPPER.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeNumberProperty("schemaVersion", 2);
      json.writeStringProperty("mediaType", MediaType.OCI_INDEX.value());
      json.writeArrayPropertyStart("manifests");
      for (TagEvent event : events) {
        json.writeStartObject();
        json.writeStringProperty("mediaType", event.target().mediaType().value());
        json.writeStringProperty("digest", event.target().digest().toString());
        json.writeNumberProperty("size", event.target().size());
        json.writeObjectPropertyStart("annotations");
        annotations.write(json, event);
        json.writeEndObject();
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /** The registry's public keys, by which its lists can be verified. */
  Reply keys() {
    Headers headers = new Headers().add("Content-Type", "application/jwk-set+json").add("Cache-Control", "max-age=3600");
    return new Reply.Bytes(200, headers, options.tags().keys().jwks(clock.instant()));
  }
}
