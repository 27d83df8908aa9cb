package io.berth.cli.tag;

import io.berth.client.RegistrySession.Answer;
import io.berth.client.TagClient;
import io.berth.oci.Digest;
import io.berth.oci.Json;
import io.berth.oci.MediaType;
import io.berth.oci.Reference;
import io.berth.oci.Tag;
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

/** {@code berth tag move}. */
@Command(name = "move", mixinStandardHelpOptions = true, description = {"Makes or moves a tag, or several at once, all or none:",
  "  berth tag move HOST/REPOSITORY:TAG DIGEST|TAG", "  berth tag move HOST/REPOSITORY TAG=DIGEST|TAG...",
  "What the tag has said before (description, meta, signatures) ends with it; its history keeps it."})
final class MoveTag implements Callable<Integer> {

  @Mixin private TagTarget target = new TagTarget();

  @Mixin private OutputFormat format = new OutputFormat();

  @Mixin private Statement statement = new Statement();

  @Mixin private Conditions conditions = new Conditions();

  @Option(names = "--create-only", description = "Only if there is no such tag yet.") private boolean createOnly;

  @Parameters(index = "0", paramLabel = "[HOST/]REPOSITORY[:TAG]") private String where = "";

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "[TAG=]DIGEST|TAG") private List<String> moves = new ArrayList<>();

  @Override
  public Integer call() {
    if (createOnly && conditions.version().isPresent()) {
      throw target.wrong("--create-only and --if-version can't both hold");
    }
    try {
      if (moves.size() == 1 && moves.getFirst().indexOf('=') < 0) {
        one(target.tag(where), requireTarget(moves.getFirst()));
      } else {
        several(target.repository(where));
      }
    } finally {
      target.out().flush();
    }
    return 0;
  }

  private String requireTarget(String text) {
    if (text.indexOf(':') >= 0 ? Digest.parseOrNull(text) == null : !Tag.isValid(text)) {
      throw target.wrong(text + ": expected a digest, or another tag of the repository");
    }
    return text;
  }

  private void one(Reference reference, String to) {
    Tag tag = TagTarget.tagOf(reference);
    try (TagClient client = target.open(reference)) {
      JsonNode object = Statement.target(client, to);
      Answer answer = client.put(tag, MediaType.TAG, Statement.bytes(statement.object(object)), conditions.fields(createOnly));
      if (format.json()) {
        target
            .print(Json.MAPPER.createObjectNode().put("tag", tag.value()).put("status", answer.status()).put("etag", answer.field("ETag")));
      } else {
        target.out().printf("%s -> %s (%s, version %s)%n", reference, Lines.shown(object.path("digest").asString("")),
            answer.status() == 201 ? "created" : "set", ShowTag.version(answer));
      }
    }
  }

  private void several(Reference reference) {
    if (conditions.version().isPresent()) {
      throw target.wrong("--if-version is for one tag: several have a version each");
    }
    Map<String, String> wanted = new LinkedHashMap<>();
    for (String move : moves) {
      int equals = move.indexOf('=');
      if (equals < 0 || !Tag.isValid(move.substring(0, equals))) {
        throw target.wrong(move + ": expected TAG=DIGEST or TAG=TAG");
      }
      if (wanted.put(move.substring(0, equals), requireTarget(move.substring(equals + 1))) != null) {
        throw target.wrong(move + ": this tag was named before");
      }
    }
    try (TagClient client = target.open(reference)) {
      ObjectNode batch = Json.MAPPER.createObjectNode();
      ArrayNode operations = batch.putArray("operations");
      Map<String, JsonNode> targets = new LinkedHashMap<>();
      wanted.forEach((tag, to) -> {
        targets.put(tag, Statement.target(client, to));
        ObjectNode operation = operations.addObject().put("op", "put").put("tag", tag);
        operation.set("object", statement.object(targets.get(tag)));
        if (createOnly) {
          operation.put("ifNoneMatch", "*");
        }
      });
      JsonNode answer = client.change(batch).json();
      if (format.json()) {
        target.print(answer);
      } else {
        targets.forEach(
            (tag, object) -> target.out().printf("%s:%s -> %s%n", reference, tag, Lines.shown(object.path("digest").asString(""))));
        target.out().printf("%d tags at once, version %s%n", targets.size(), Lines.shown(answer.path("sequence").asString("")));
      }
    }
  }
}
