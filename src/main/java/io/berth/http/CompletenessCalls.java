package io.berth.http;

import io.berth.oci.Json;
import io.berth.oci.Limits;
import io.berth.oci.MediaType;
import io.berth.oci.Platform;
import io.berth.oci.RepositoryName;
import io.berth.registry.Caller;
import io.berth.registry.Completeness;
import io.berth.registry.Completeness.Absence;
import io.berth.registry.Completeness.Holder;
import io.berth.registry.Completeness.News;
import io.berth.registry.Completeness.Page;
import io.berth.registry.Completeness.Partial;
import io.berth.registry.Completeness.Report;
import io.berth.registry.Completeness.Summary;
import io.berth.registry.Feed;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Answers to calls that ask what of a manifest is there, and what became of that. Bounded over all requests. Safe for any thread. */
final class CompletenessCalls {

  private static final int PAGE = 100;

  /** Repositories of one page that is told with what of them is whole. */
  static final int REPOSITORIES = 20;

  private final Completeness completeness;
  private final Feed<Completeness.Came>.Term feed;
  private final Locations locations;
  private final Allowance making;

  CompletenessCalls(Completeness completeness, Feed<Completeness.Came>.Term feed, Locations locations, Allowance making) {
    this.completeness = completeness;
    this.feed = feed;
    this.locations = locations;
    this.making = making;
  }

  /** The call that asks for news, once or from now on. */
  static Call parse(Request request, RepositoryName repository, Query query) {
    long last = Following.sequence("last", query.one("last").orElse("0"));
    return query.has("watch") || Accept.of(request).names(MediaType.EVENT_STREAM)
        ? new Call.WatchCompleteness(repository, Following.after(request, query, last))
        : new Call.ListCompleteness(repository, Math.min(PAGE, query.n(PAGE)), last);
  }

  Reply get(Call.GetCompleteness call, Caller caller, Request request) {
    try (var _ = room(request.origin().network())) {
      Report report = completeness.of(caller, call.repository(), call.name());
      ObjectNode body =
          Json.MAPPER.createObjectNode().put("digest", report.digest().toString()).put("mediaType", report.mediaType().value())
              .put("complete", report.whole()).put("truncated", report.truncated());
      ObjectNode platforms = body.putObject("platforms");
      ArrayNode present = platforms.putArray("present");
      report.present().forEach(present::add);
      ArrayNode absent = platforms.putArray("absent");
      report.absent().forEach(absent::add);
      ArrayNode missing = body.putArray("absent");
      report.absences().forEach(one -> add(missing, one));
      return JsonReply.of(200, new Headers().add("Docker-Content-Digest", report.digest().toString()), body);
    }
  }

  private Allowance.Held room(String client) {
    return making.take((long) Completeness.MANIFESTS_IN_MEMORY * Limits.MANIFEST_BYTES, client);
  }

  private static void add(ArrayNode missing, Absence absence) {
    var target = absence.edge().target();
    ObjectNode one = missing.addObject().put("mediaType", target.mediaType().value()).put("digest", target.digest().toString())
        .put("size", target.size());
    Platform platform = target.platform();
    if (platform != null) {
      one.put("platform", platform.toString());
    }
    one.put("kind", absence.edge().kind().name().toLowerCase(Locale.ROOT)).put("in", absence.in().toString())
        .put("pointer", absence.edge().pointer());
  }

  /** Adds what of each of these repositories is whole, each as of its own moment. The caller may pull something of each. */
  void addTo(ObjectNode body, List<RepositoryName> repositories, Caller caller, Request request) {
    try (var _ = room(request.origin().network())) {
      ArrayNode all = body.putArray("completeness");
      for (RepositoryName repository : repositories) {
        if (Padding.isPartial(caller.access(repository))) {
          request.trail().searched();
        }
        Summary summary = completeness.summary(caller, repository);
        ObjectNode one = all.addObject().put("name", repository.value()).put("complete", summary.whole())
            .put("truncated", summary.truncated());
        ArrayNode incomplete = one.putArray("incomplete");
        for (Partial partial : summary.partial()) {
          ArrayNode tags = incomplete.addObject().put("mediaType", partial.manifest().mediaType().value())
              .put("digest", partial.manifest().digest().toString()).putArray("tags");
          partial.tags().forEach(tag -> tags.add(tag.value()));
        }
      }
    }
  }

  Reply changes(Call.ListCompleteness call, Caller caller, Request request) {
    try (var _ = room(request.origin().network())) {
      return page(call, caller, request);
    }
  }

  /** What comes and goes, as it does. Of each the caller is told what it is to him at that moment. */
  Reply watch(Call.WatchCompleteness call, Caller caller, Request request) {
    RepositoryName repository = call.repository();
    String client = request.origin().network();
    return Following.reply(feed.follow(repository, call.after()), came -> {
      try (var _ = room(client)) {
        return completeness.news(caller, repository, came)
            .map(news -> Following.message(news.sequence(), Json.MAPPER.writeValueAsBytes(change(news)))).orElse(null);
      }
    });
  }

  private Reply page(Call.ListCompleteness call, Caller caller, Request request) {
    Page page = completeness.behind(caller, call.repository(), call.last(), Math.max(1, call.n()));
    Headers headers = new Headers();
    if (page.more()) {
      Links.addNext(headers, locations.of(request), request, Math.max(1, call.n()), Long.toString(page.last()));
    }
    ObjectNode body = Json.MAPPER.createObjectNode().put("name", call.repository().value()).put("last", page.last());
    ArrayNode changes = body.putArray("changes");
    page.news().forEach(news -> changes.add(change(news)));
    return JsonReply.of(200, headers, body);
  }

  private static ObjectNode change(News news) {
    ObjectNode change = Json.MAPPER.createObjectNode().put("sequence", news.sequence()).put("time", news.at().toString())
        .put("digest", news.content().toString()).put("present", news.present());
    ArrayNode manifests = change.putArray("manifests");
    for (Holder holder : news.holders()) {
      ObjectNode manifest = manifests.addObject().put("digest", holder.digest().toString());
      if (holder.whole() != null) {
        manifest.put("complete", holder.whole());
      }
      ArrayNode tags = manifest.putArray("tags");
      holder.tags().forEach(tag -> tags.add(tag.value()));
    }
    return change;
  }
}
