package io.berth.cli.tag;

import io.berth.client.DryRuns;
import io.berth.client.RegistrySession;
import io.berth.client.RegistrySession.Answer;
import io.berth.client.RegistrySession.Ask;
import io.berth.oci.Json;
import io.berth.oci.Reference;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code berth delete}: a manifest by its digest, or what that would do. */
@Command(name = "delete", mixinStandardHelpOptions = true, description = {
  "Deletes a manifest with all its tags; what is about it, such as signatures, follows by the rules of the registry.",
  "To remove a tag alone, use 'berth tag delete'."})
public final class DeleteManifest implements Callable<Integer> {

  @Mixin private TagTarget target = new TagTarget();

  @Mixin private OutputFormat format = new OutputFormat();

  @Parameters(index = "0", paramLabel = "[HOST/]REPOSITORY@DIGEST") private String manifest = "";

  @Option(names = "--dry-run", description = "Only say what would go, now and later, and what would stay.") private boolean dryRun;

  @Override
  public Integer call() {
    Reference reference = target.reference(manifest);
    if (reference.digest() == null || reference.tag() != null) {
      throw target.wrong("expected a manifest, [HOST/]REPOSITORY@DIGEST");
    }
    try (RegistrySession session = target.session(reference)) {
      if (dryRun) {
        plan(new DryRuns(session).manifest(reference.repository(), reference.digest().toString()), reference);
      } else {
        delete(session, reference);
      }
    } finally {
      target.out().flush();
    }
    return 0;
  }

  private void delete(RegistrySession session, Reference reference) {
    Answer answer =
        session.send(new Ask("DELETE", "/v2/" + reference.repository() + "/manifests/" + reference.digest(), Map.of(), new byte[0]));
    if (format.json()) {
      target.print(Json.MAPPER.createObjectNode().put("manifest", String.valueOf(reference.digest())).put("status", answer.status()));
      return;
    }
    target.out().printf("deleted %s%n", reference);
    answer.headers().allValues("Warning").forEach(warning -> target.out().println(Lines.shown(warning)));
  }

  private void plan(JsonNode plan, Reference reference) {
    if (format.json()) {
      target.print(plan);
      return;
    }
    PrintWriter out = target.out();
    out.printf("would delete %s%n", reference);
    JsonNode tags = plan.path("tags");
    if (!tags.path("names").isEmpty()) {
      out.printf("with %s tags: %s%n", count(tags), names(tags.path("names")));
    }
    JsonNode referrers = plan.path("referrers");
    JsonNode going = referrers.path("going");
    if (!going.path("manifests").isEmpty()) {
      out.printf("%s manifests would follow it %s later, unless it is pushed again:%n", count(going),
          Duration.ofSeconds(referrers.path("graceSeconds").asLong()).toString().substring(2).toLowerCase(Locale.ROOT));
      going.path("manifests").forEach(each -> out.printf("  %s  about %s%n", item(each), Lines.shown(each.path("subject").asString(""))));
    }
    JsonNode staying = referrers.path("staying");
    if (!staying.path("manifests").isEmpty()) {
      out.printf("%s manifests would stay, though what they are about is gone:%n", count(staying));
      staying.path("manifests").forEach(each -> out.printf("  %s  %s%n", item(each), reason(each.path("because").asString(""))));
    }
    JsonNode indexes = plan.path("indexes");
    if (!indexes.path("manifests").isEmpty()) {
      out.printf("%s indexes list it, and would lack it:%n", count(indexes));
      indexes.path("manifests").forEach(each -> out.printf("  %s  %s%n", item(each), names(each.path("tags"))));
    }
  }

  private static String count(JsonNode list) {
    return (list.path("truncated").asBoolean() ? "more than " : "") + list.path("count").asLong();
  }

  private static String names(JsonNode names) {
    return names.valueStream().map(name -> Lines.shown(name.asString(""))).collect(Collectors.joining(", "));
  }

  private static String item(JsonNode item) {
    return Lines.shown(item.path("digest").asString("")) + "  "
        + Lines.shown(item.path("artifactType").asString(item.path("mediaType").asString("")));
  }

  private static String reason(String word) {
    return switch (word) {
      case "tagged" -> "a tag points at it";
      case "needed" -> "an index lists it";
      case "history" -> "a tag pointed at it not long ago";
      case "policy" -> "the rules keep it";
      default -> Lines.shown(word);
    };
  }
}
