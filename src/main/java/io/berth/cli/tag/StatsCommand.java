package io.berth.cli.tag;

import io.berth.client.TagClient;
import io.berth.oci.Json;
import io.berth.oci.Reference;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code berth stats}. */
@Command(name = "stats", description = "Prints what was pulled from a repository, by day (UTC) and tag.", footer = {"",
  "PULLS are manifests. These and BLOBS and BYTES are known to be of the tag. CLAIMED are requests that said",
  "so, and it was not so; UNKNOWN are those of which nobody said for which tag they were. A line with '*'",
  "is of the repository as a whole."}, mixinStandardHelpOptions = true)
public final class StatsCommand implements Callable<Integer> {

  private static final String ROW = "%-10s %10s %10s %16s %10s %10s  %s%n";

  @Mixin private TagTarget target = new TagTarget();

  @Mixin private OutputFormat format = new OutputFormat();

  @Parameters(paramLabel = "[HOST/]REPOSITORY[:TAG]") private String name = "";

  @Option(names = "--from", paramLabel = "DAY", description = "The first day, as in 2030-01-31.") private @Nullable String from;

  @Option(names = "--to", paramLabel = "DAY", description = "The last day.") private @Nullable String to;

  @Override
  public Integer call() {
    Reference reference = target.reference(name);
    if (reference.digest() != null) {
      throw target.wrong(name + ": expected a repository or a tag, [HOST/]REPOSITORY[:TAG]");
    }
    var query = Map.of("tag", reference.tag() == null ? "" : reference.tag().value(), "from", from == null ? "" : from, "to",
        to == null ? "" : to);
    try (TagClient client = target.open(reference)) {
      if (format.json()) {
        json(client, query);
      } else {
        text(client, query);
      }
    } finally {
      target.out().flush();
    }
    return 0;
  }

  private void json(TagClient client, Map<String, String> query) {
    ObjectNode document = Json.MAPPER.createObjectNode();
    ArrayNode days = document.arrayNode();
    ObjectNode last = document.objectNode();
    client.statistics(query, page -> {
      document.set("name", page.json().path("name"));
      page.json().path("days").forEach(days::add);
      page.json().path("lastPulls").properties().forEach(tag -> last.set(tag.getKey(), tag.getValue()));
      return true;
    });
    document.set("days", days);
    target.print(document.set("lastPulls", last));
  }

  private void text(TagClient client, Map<String, String> query) {
    target.out().printf(ROW, "DAY", "PULLS", "BLOBS", "BYTES", "CLAIMED", "UNKNOWN", "TAG");
    client.statistics(query, page -> {
      for (JsonNode day : page.json().path("days")) {
        JsonNode verified = day.path("verified");
        target.out().printf(ROW, Lines.shown(day.path("day").asString("")), verified.path("pulls").asLong(),
            verified.path("blobs").asLong(),
            verified.path("bytes").asLong(), requests(day.path("claimed")), requests(day.path("unattributed")),
            Lines.shown(day.path("tag").asString("*")));
      }
      target.out().flush();
      return true;
    });
  }

  private static String requests(JsonNode counts) {
    return counts.isMissingNode() ? "-" : Long.toString(counts.path("pulls").asLong() + counts.path("blobs").asLong());
  }
}
