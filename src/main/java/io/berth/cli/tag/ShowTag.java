package io.berth.cli.tag;

import io.berth.client.RegistrySession.Answer;
import io.berth.client.TagClient;
import io.berth.oci.Reference;
import io.berth.oci.Tag;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code berth tag show}. */
@Command(name = "show", description = "Prints all that a tag says.", mixinStandardHelpOptions = true)
final class ShowTag implements Callable<Integer> {

  @Mixin private TagTarget target = new TagTarget();

  @Mixin private OutputFormat format = new OutputFormat();

  @Parameters(paramLabel = "[HOST/]REPOSITORY:TAG") private String tag = "";

  @Option(names = "--at", paramLabel = "MOMENT", description = "As of a sequence number, or a time.") private @Nullable String at;

  @Override
  public Integer call() {
    Reference reference = target.tag(tag);
    Tag name = TagTarget.tagOf(reference);
    String moment = target.moment(at);
    try (TagClient client = target.open(reference)) {
      Answer answer = client.get(name, moment);
      if (format.json()) {
        answer.json();
        target.out().println(new String(answer.body(), StandardCharsets.UTF_8));
      } else {
        print(answer, client.isSigned(name, moment));
      }
    } finally {
      target.out().flush();
    }
    return 0;
  }

  private void print(Answer answer, boolean signed) {
    JsonNode object = answer.json();
    PrintWriter out = target.out();
    line(out, "name", object.path("name"));
    line(out, "digest", object.path("target").path("digest"));
    line(out, "media type", object.path("target").path("mediatype"));
    line(out, "size", object.path("target").path("size"));
    line(out, "description", object.path("description"));
    line(out, "meta", object.path("meta"));
    out.printf("%-12s %s%n", "version", version(answer));
    out.printf("%-12s %s%n", "signed", signed ? "yes; 'verify' tells by whom" : "no");
  }

  private static void line(PrintWriter out, String name, JsonNode value) {
    if (!value.isMissingNode()) {
      out.printf("%-12s %s%n", name, Lines.shown(value.isString() ? value.asString() : value.toString()));
    }
  }

  /** The version in an {@code ETag}, {@code "17.json"}. */
  static String version(Answer answer) {
    return Lines.shown(answer.field("ETag").replaceAll("^\"|\\..*$|\"$", ""));
  }
}
