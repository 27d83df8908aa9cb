package io.berth.cli.tag;

import io.berth.client.DryRuns;
import io.berth.client.TagClient;
import io.berth.oci.Json;
import io.berth.oci.Reference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code berth tag delete}. */
@Command(name = "delete", mixinStandardHelpOptions = true, description = {
  "Removes a tag, or several of one repository at once, all or none. What they pointed at stays.", "'rollback' brings a tag back."})
final class DeleteTag implements Callable<Integer> {

  @Mixin private TagTarget target = new TagTarget();

  @Mixin private OutputFormat format = new OutputFormat();

  @Mixin private Conditions conditions = new Conditions();

  @Parameters(arity = "1..*", paramLabel = "[HOST/]REPOSITORY:TAG") private List<String> tags = new ArrayList<>();

  @Option(names = "--dry-run", description = "Only say what would be removed, or why not.") private boolean dryRun;

  @Override
  public Integer call() {
    List<Reference> references = tags.stream().map(target::tag).toList();
    Reference repository = references.getFirst().withoutTag();
    if (references.stream().anyMatch(reference -> !reference.withoutTag().equals(repository))) {
      throw target.wrong("tags of several repositories can't be removed at once: name those of one");
    }
    if (references.stream().distinct().count() < references.size()) {
      throw target.wrong("a tag is named twice");
    }
    if (references.size() > 1 && conditions.version().isPresent()) {
      throw target.wrong("--if-version is for one tag: several have a version each");
    }
    try (TagClient client = target.open(repository)) {
      Map<Reference, JsonNode> objects = new LinkedHashMap<>();
      references.forEach(reference -> objects.put(reference, client.get(TagTarget.tagOf(reference), "").json()));
      if (dryRun) {
        var dryRuns = new DryRuns(client.session());
        references.forEach(reference -> dryRuns.tag(reference.repository(), TagTarget.tagOf(reference).value(), conditions.fields(false)));
      }
      JsonNode result = dryRun ? wouldBe(objects) : remove(client, references);
      if (format.json()) {
        target.print(result);
      } else {
        objects.forEach(
            (reference, object) -> target.out().printf("%s %s, which pointed at %s%n", dryRun ? "would remove" : "removed", reference,
                Lines.shown(object.path("target").path("digest").asString(""))));
      }
    } finally {
      target.out().flush();
    }
    return 0;
  }

  private static JsonNode wouldBe(Map<Reference, JsonNode> objects) {
    ObjectNode document = Json.MAPPER.createObjectNode().put("dryRun", true);
    ArrayNode tags = document.putArray("tags");
    objects.values().forEach(tags::add);
    return document;
  }

  private JsonNode remove(TagClient client, List<Reference> references) {
    if (references.size() == 1) {
      var tag = TagTarget.tagOf(references.getFirst());
      return Json.MAPPER.createObjectNode().put("tag", tag.value()).put("status", client.delete(tag, conditions.fields(false)).status());
    }
    ObjectNode batch = Json.MAPPER.createObjectNode();
    ArrayNode operations = batch.putArray("operations");
    references.forEach(reference -> operations.addObject().put("op", "delete").put("tag", TagTarget.tagOf(reference).value()));
    return client.change(batch).json();
  }
}
