package io.berth.cli.tag;

import io.berth.client.TagClient;
import io.berth.oci.Digest;
import io.berth.oci.Json;
import io.berth.oci.MediaType;
import io.berth.oci.Reference;
import java.time.Instant;
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

/** {@code berth tag ls}. */
@Command(name = "ls", description = "Lists the tags of a repository: name, digest, age, description.", mixinStandardHelpOptions = true)
final class ListTags implements Callable<Integer> {

  @Mixin private TagTarget target = new TagTarget();

  @Mixin private OutputFormat format = new OutputFormat();

  @Parameters(paramLabel = "[HOST/]REPOSITORY") private String repository = "";

  @Option(names = "--prefix", paramLabel = "TEXT", description = "Only tags that begin so.") private String prefix = "";

  @Option(names = "--target", paramLabel = "DIGEST", description = "Only tags that point there.") private @Nullable String digest;

  @Option(names = "--at", paramLabel = "MOMENT", description = "As of a sequence number, or a time.") private @Nullable String at;

  @Override
  public Integer call() {
    Reference reference = target.repository(repository);
    if (digest != null && Digest.parseOrNull(digest) == null) {
      throw target.wrong("--target: not a digest: " + digest);
    }
    var query = Map.of("prefix", prefix, "target", digest == null ? "" : digest, "at", target.moment(at));
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
    ArrayNode tags = document.arrayNode();
    client.list(query, MediaType.TAGS, page -> {
      document.set("name", page.json().path("name"));
      page.json().path("tags").forEach(tags::add);
      return true;
    });
    target.print(document.set("tags", tags));
  }

  private void text(TagClient client, Map<String, String> query) {
    var ages = new Ages(client, digest == null ? prefix : null);
    Instant now = Instant.now();
    target.out().printf("%-24s %-71s %5s  %s%n", "TAG", "DIGEST", "AGE", "DESCRIPTION");
    client.list(query, MediaType.TAGS, page -> {
      for (JsonNode tag : page.json().path("tags")) {
        String name = tag.path("name").asString("");
        String shortName = name.substring(name.lastIndexOf(':') + 1);
        String age = at == null ? ages.of(shortName).map(since -> Lines.age(since, now)).orElse("-") : "-";
        target.out().printf("%-24s %-71s %5s  %s%n", Lines.shown(shortName), Lines.shown(tag.path("target").path("digest").asString("")),
            age,
            Lines.shown(tag.path("description").asString("")));
      }
      target.out().flush();
      return true;
    });
  }
}
