package io.berth.cli.tag;

import io.berth.cli.Refusal;
import io.berth.client.RegistrySession.Answer;
import io.berth.client.TagClient;
import io.berth.oci.Json;
import io.berth.oci.Reference;
import io.berth.oci.Tag;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code berth tag rollback}. */
@Command(name = "rollback", mixinStandardHelpOptions = true,
    description = {"Puts a tag back to what it was, with all it said and its signatures.",
      "If it changes meanwhile, nothing is done."})
final class RollbackTag implements Callable<Integer> {

  @Mixin private TagTarget target = new TagTarget();

  @Mixin private OutputFormat format = new OutputFormat();

  @Parameters(paramLabel = "[HOST/]REPOSITORY:TAG") private String tag = "";

  @Option(names = "--to", paramLabel = "MOMENT",
      description = "A sequence number, or a time. Default: before the newest change.") private @Nullable String to;

  @Option(names = "--dry-run", description = "Only say what it would become.") private boolean dryRun;

  @Override
  public Integer call() {
    Reference reference = target.tag(tag);
    Tag name = TagTarget.tagOf(reference);
    String stated = target.moment(to);
    try (TagClient client = target.open(reference)) {
      JsonNode newest = client.newest(name, 1).path(0);
      long sequence = newest.path("annotations").path("io.berth.tag.sequence").asLong(0);
      if (sequence == 0) {
        throw new Refusal(reference + " has no history here: there is nothing to go back to");
      }
      String moment = stated.isEmpty() ? Long.toString(sequence - 1) : stated;
      Answer then = client.ask(name, "application/vnd.docker.distribution.tag.v1+json", moment);
      if (then.status() == 404) {
        throw new Refusal(reference + " did not exist " + (stated.isEmpty() ? "before its newest change" : "at " + moment)
            + ": 'history' tells what it was; 'delete' removes it");
      }
      JsonNode object = client.session().requireSuccess(then).json();
      if (dryRun) {
        report("would put", reference, object, then, moment);
      } else {
        boolean gone = newest.path("annotations").path("org.opencontainers.distribution.tag.event").asString("").equals("deleted");
        Answer done = client.restore(name, moment,
            gone ? Map.of("If-None-Match", "*") : Map.of("If-Match", Conditions.etag(sequence)));
        report("put", reference, object, done, moment);
      }
    } finally {
      target.out().flush();
    }
    return 0;
  }

  private void report(String verb, Reference reference, JsonNode object, Answer answer, String moment) {
    if (format.json()) {
      var result = Json.MAPPER.createObjectNode().put("tag", TagTarget.tagOf(reference).value()).put("status", answer.status()).put("etag",
          answer.field("ETag")).put("dryRun", dryRun);
      target.print(result.set("object", object));
    } else {
      target.out().printf("%s %s back to %s, as it was at %s (version %s)%n", verb, reference,
          Lines.shown(object.path("target").path("digest").asString("")), moment, ShowTag.version(answer));
    }
  }
}
