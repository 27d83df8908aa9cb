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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Answers to calls that list: tags, repositories, extensions. */
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

  /** The extensions that this registry has beyond the specification (distribution specification, "Extensions"). */
  Reply extensions(Call.Discover call) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    ArrayNode all = body.putArray("extensions");
    String path = "/v2/" + (call.repository() == null ? "<name>" : call.repository().value());
    add(all, "_berth", "urn:berth:extension:repository",
        "DELETE repository removes it with all that it holds, GET usage tells how much that is",
        path + "/_berth/repository", path + "/_berth/usage");
    add(all, "_berth", "urn:berth:extension:tags", "tags as objects, with descriptions, signatures, conditions, batches and events",
        path + "/tags/", path + "/tags/<tag>");
    add(all, "_berth", "urn:berth:extension:references", "GET lists what points at a manifest: by subject, by reference, as an index",
        path + "/manifests/<reference>/references");
    add(all, "_oci", "https://github.com/opencontainers/distribution-spec/pull/606",
        "GET tells what became of a tag, newest first (a draft)",
        path + "/_oci/tag-history/<tag>");
    add(all, "_berth", "urn:berth:extension:references",
        "POST copy takes over a manifest of another repository with all that belongs to it, GET graph/ tells what points at what",
        path + "/_berth/copy", path + "/_berth/graph/<tag-or-digest>");
    add(all, "_berth", "urn:berth:extension:statistics", "GET tells what was pulled, by day and tag", path + "/_berth/stats");
    add(all, "_berth", "urn:berth:extension:completeness",
        "GET tells what of a manifest is missing here, and what came and went of such, also as events",
        path + "/_berth/completeness/<tag-or-digest>", path + "/_berth/completeness");
    add(all, "_berth", "urn:berth:extension:dry-run", "DELETE with ?dry-run tells what would go, and changes nothing",
        path + "/manifests/<reference>?dry-run", path + "/tags/<tag>?dry-run", path + "/_berth/repository?dry-run");
    if (call.repository() == null) {
      add(all, "_berth", "urn:berth:extension:completeness", "GET lists repositories with what of them is missing here",
          "/v2/_catalog?completeness=true");
      add(all, "_berth", "urn:berth:extension:registry", "GET gc tells what nobody needs any more, POST frees some of it", "/v2/_berth/gc");
      add(all, "_berth", "urn:berth:extension:keys", "GET the public keys with which this registry signs lists of tags", "/v2/_berth/keys");
    }
    return JsonReply.of(200, new Headers(), body);
  }

  private static void add(ArrayNode all, String name, String url, String description, String... endpoints) {
    ArrayNode paths = all.addObject().put("name", name).put("url", url).put("description", description).putArray("endpoints");
    Stream.of(endpoints).forEach(paths::add);
  }
}
