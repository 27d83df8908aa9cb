package io.berth.http;

import io.berth.oci.Json;
import io.berth.oci.RepositoryName;
import io.berth.oci.RepositoryUsage;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.policy.ReferrerLife;
import io.berth.registry.Caller;
import io.berth.registry.DeletionPlans;
import io.berth.registry.DeletionPlans.Item;
import io.berth.registry.DeletionPlans.Plan;
import io.berth.registry.Departures.Hold;
import io.berth.registry.Precondition;
import io.berth.registry.Repositories;
import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Answers to calls that delete repositories, or ask what a deletion would do ({@code ?dry-run}). */
final class DeletionCalls {

  private final Repositories repositories;
  private final DeletionPlans plans;

  DeletionCalls(Repositories repositories, DeletionPlans plans) {
    this.repositories = repositories;
    this.plans = plans;
  }

  Reply repository(Call.DeleteRepository call, Caller caller) {
    if (call.dryRun()) {
      RepositoryUsage usage = plans.plan(caller, call.repository());
      return planned(ListCalls.json(call.repository(), usage));
    }
    repositories.delete(caller, call.repository());
    return new Reply.Empty(202, new Headers());
  }

  /** What the deletion of a tag or manifest would do. */
  Reply plan(RepositoryName repository, TagOrDigest name, Precondition precondition, Caller caller) {
    Plan plan = plans.plan(caller, repository, name, precondition);
    ObjectNode body = Json.MAPPER.createObjectNode();
    if (plan.manifest() != null) {
      body.put("manifest", plan.manifest().toString());
    }
    body.put("target", plan.target().toString());
    names(list(body, "tags", plan.tags(), plan.names().size() == plan.tags()).putArray("names"), plan.names());
    ObjectNode referrers = body.putObject("referrers");
    switch (plan.life()) {
      case ReferrerLife.Keep _ -> referrers.put("policy", "keep");
      case ReferrerLife.WithSubject life -> referrers.put("policy", "with-subject").put("graceSeconds", life.grace().toSeconds());
    }
    ArrayNode going = list(referrers, "going", plan.going().size(), plan.isWhole()).putArray("manifests");
    plan.going().forEach(each -> item(going, each.manifest()).put("subject", each.subject().toString()));
    ArrayNode staying = list(referrers, "staying", plan.staying().size(), plan.isWhole()).putArray("manifests");
    plan.staying()
        .forEach(each -> item(staying, each.manifest()).put("subject", each.subject().toString()).put("because", reason(each.hold())));
    ArrayNode indexes = list(body, "indexes", plan.holders().size(), plan.areAll()).putArray("manifests");
    plan.holders().forEach(each -> names(item(indexes, each.manifest()).putArray("tags"), each.tags()));
    return planned(body);
  }

  private static Reply planned(ObjectNode body) {
    body.put("dryRun", true);
    return JsonReply.of(200, new Headers().add("Cache-Control", "no-store"), body);
  }

  /** If it is cut off, there are more than it counts. */
  private static ObjectNode list(ObjectNode parent, String name, long count, boolean whole) {
    return parent.putObject(name).put("count", count).put("truncated", !whole);
  }

  private static void names(ArrayNode array, Collection<Tag> tags) {
    tags.forEach(tag -> array.add(tag.value()));
  }

  private static ObjectNode item(ArrayNode array, Item item) {
    ObjectNode node = array.addObject().put("mediaType", item.mediaType().value()).put("digest", item.digest().toString())
        .put("size", item.size());
    return item.artifactType() == null ? node : node.put("artifactType", item.artifactType().value());
  }

  private static String reason(@Nullable Hold hold) {
    return hold == null ? "policy" : hold.name().toLowerCase(Locale.ROOT);
  }
}
