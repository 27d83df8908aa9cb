package io.berth.cli.tag;

import io.berth.client.RegistrySession.Answer;
import io.berth.client.TagClient;
import io.berth.oci.Json;
import io.berth.oci.Reference;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code berth tag history}. */
@Command(name = "history", description = "Prints what became of a tag, newest first. Removed tags have a history, too.",
    mixinStandardHelpOptions = true)
final class TagHistory implements Callable<Integer> {

  private static final String ROW = "%-27s %8s  %-8s %-71s %s%n";

  @Mixin private TagTarget target = new TagTarget();

  @Mixin private OutputFormat format = new OutputFormat();

  @Parameters(paramLabel = "[HOST/]REPOSITORY:TAG") private String tag = "";

  @Option(names = {"-n", "--limit"}, paramLabel = "N", description = "At most so many changes. Default: all.") private int limit =
      Integer.MAX_VALUE;

  @Option(names = "--before", paramLabel = "TIME", description = "Only earlier changes.") private @Nullable String before;

  @Option(names = "--since", paramLabel = "TIME", description = "Only changes from then on.") private @Nullable String since;

  @Option(names = "--digest", paramLabel = "DIGEST",
      description = "Only changes to this digest, or removals of it.") private @Nullable String digest;

  @Override
  public Integer call() {
    Reference reference = target.tag(tag);
    if (limit < 1) {
      throw target.wrong("--limit must be 1 or more");
    }
    var query = Map.of("before", before == null ? "" : before, "since", since == null ? "" : since, "digest", digest == null ? "" : digest,
        "n", limit < 1_000 ? Integer.toString(limit) : "");
    try (TagClient client = target.open(reference)) {
      if (format.json()) {
        ObjectNode document = Json.MAPPER.createObjectNode();
        ArrayNode all = document.arrayNode();
        each(client, reference, query, page -> {
          page.properties().forEach(field -> document.set(field.getKey(), field.getValue()));
        }, all::add);
        target.print(document.set("manifests", all));
      } else {
        target.out().printf(ROW, "TIME", "SEQUENCE", "CHANGE", "DIGEST", "BY");
        each(client, reference, query, _ -> target.out().flush(), this::print);
      }
    } finally {
      target.out().flush();
    }
    return 0;
  }

  private void each(TagClient client, Reference reference, Map<String, String> query, Consumer<JsonNode> page,
      Consumer<JsonNode> change) {
    client.history(TagTarget.tagOf(reference), query, new Predicate<>() {
      private int left = limit;

      @Override
      public boolean test(Answer answer) {
        JsonNode index = answer.json();
        page.accept(index);
        for (JsonNode descriptor : index.path("manifests")) {
          if (left > 0) {
            change.accept(descriptor);
            left--;
          }
        }
        return left > 0;
      }
    });
  }

  private void print(JsonNode descriptor) {
    JsonNode annotations = descriptor.path("annotations");
    String event = annotations.path("org.opencontainers.distribution.tag.event").asString("");
    target.out().printf(ROW, Lines.shown(annotations.path("org.opencontainers.distribution.tag.timestamp").asString("")),
        Lines.shown(annotations.path("io.berth.tag.sequence").asString("-")),
        Lines.shown(annotations.path("io.berth.tag.kind").asString(event)),
        Lines.shown(descriptor.path("digest").asString("")), Lines.shown(annotations.path("io.berth.tag.actor").asString("-")));
  }
}
