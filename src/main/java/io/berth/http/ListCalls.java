package io.berth.http;

import io.berth.oci.Json;
import io.berth.oci.RepositoryName;
import io.berth.oci.RepositoryUsage;
import io.berth.oci.Tag;
import io.berth.policy.Action;
import io.berth.registry.Caller;
import io.berth.registry.Repositories;
import io.berth.registry.TagLists;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Answers to calls that list: tags, repositories. */
final class ListCalls {

  private final TagLists tags;
  private final Repositories repositories;
  private final CompletenessCalls completeness;
  private final WireOptions options;

  ListCalls(TagLists tags, Repositories repositories, CompletenessCalls completeness, WireOptions options) {
    this.tags = tags;
    this.repositories = repositories;
    this.completeness = completeness;
    this.options = options;
  }

  Reply tags(Call.ListTags call, Caller caller, Request request) {
    int n = Math.min(call.n(), options.tagsPage());
    TagLists.Names found = tags.names(caller, call.repository(), call.last(), n);
    ObjectNode body = Json.MAPPER.createObjectNode().put("name", call.repository().value());
    Tag next = found.next();
    String position = next == null ? null : Positions.of(next.value(), caller.access(call.repository()).may(Action.PULL, next));
    Reply reply = page(request, n, found.tags(), Tag::value, "tags", body, position);
    reply.headers().add("Vary", "Accept"); // who literally takes a tag, or an index, gets something else
    return reply;
  }

  Reply catalogue(Call.Catalogue call, Caller caller, Request request) {
    int n = Math.min(call.n(),
        call.completeness() ? Math.min(CompletenessCalls.REPOSITORIES, options.cataloguePage()) : options.cataloguePage());
    Repositories.Listed found = repositories.list(caller, call.last(), n);
    RepositoryName next = found.next();
    String position = next == null ? null : Positions.of(next.value(), caller.access(next).may(Action.PULL));
    ObjectNode body = Json.MAPPER.createObjectNode();
    if (call.completeness()) {
      completeness.addTo(body, found.repositories(), caller, request);
    }
    return page(request, n, found.repositories(), RepositoryName::value, "repositories", body, position);
  }

  /** A page of none has no next one either. */
  private <T> Reply page(Request request, int n, List<T> found, Function<T, String> text, String name, ObjectNode body,
      @Nullable String next) {
    ArrayNode list = body.putArray(name);
    found.stream().map(text).forEach(list::add);
    var headers = new Headers();
    if (n > 0 && next != null) {
      Links.addNext(headers, options.locations().of(request), request, n, next);
    }
    return JsonReply.of(200, headers, body);
  }

  /** What a repository holds. */
  Reply usage(Call.GetUsage call, Caller caller) {
    return JsonReply.of(200, new Headers(), json(call.repository(), repositories.usage(caller, call.repository())));
  }

  static ObjectNode json(RepositoryName repository, RepositoryUsage usage) {
    ObjectNode json = Json.MAPPER.createObjectNode().put("name", repository.value()).put("tags", usage.tags())
        .put("manifests", usage.manifests()).put("blobs", usage.blobs()).put("bytes", usage.bytes());
    usage.unsharedBytes().ifPresent(bytes -> json.put("unsharedBytes", bytes));
    return json;
  }
}
