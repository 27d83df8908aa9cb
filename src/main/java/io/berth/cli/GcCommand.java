package io.berth.cli;

import io.berth.cli.doctor.Sizes;
import io.berth.oci.Json;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code berth gc}: has a running registry free what nobody needs any more, or tells what that is. */
@Command(name = "gc", description = "Has a running registry free what nobody needs any more. Nothing goes before its grace is over.",
    mixinStandardHelpOptions = true)
final class GcCommand implements Callable<Integer> {

  private static final List<String> NUMBERS = List.of("referrers", "kept", "expired", "blobs", "bytes", "failed");

  /** How the answer is printed. */
  enum Format {
    text, json
  }

  @Mixin private RegistryTarget target = new RegistryTarget();

  @Option(names = "--dry-run", description = "Only say what waits, and what would go now.") private boolean dryRun;

  @Option(names = "--format", paramLabel = "FORMAT", defaultValue = "text",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.") private Format format = Format.text;

  @Override
  public Integer call() {
    try (RegistryClient client = target.connect()) {
      return dryRun ? look(client) : collect(client);
    } finally {
      target.out().flush();
    }
  }

  private int look(RegistryClient client) {
    JsonNode backlog = client.backlog();
    PrintWriter out = target.out();
    if (format == Format.json) {
      out.println(Json.MAPPER.writeValueAsString(backlog));
      return 0;
    }
    JsonNode referrers = backlog.path("referrers");
    JsonNode links = backlog.path("links");
    JsonNode blobs = backlog.path("blobs");
    out.printf("%d manifests about %d that were deleted, which go unless something holds them; %d would be looked at now%s%n",
        number(referrers, "waiting"), number(referrers, "subjects"), number(referrers, "due"),
        referrers.has("next") && number(referrers, "dueSubjects") == 0 ? ", the first at " + referrers.path("next").asString("") : "");
    out.printf("%d blobs of repositories that perhaps no manifest needs; %d would be looked at now%s%n", number(links, "waiting"),
        number(links, "due"), next(links));
    out.printf("%d blobs with %s that no repository holds; %d with %s would go now%s%n", number(blobs, "waiting"), size(blobs, "bytes"),
        number(blobs, "due"), size(blobs, "dueBytes"), next(blobs));
    rest(backlog);
    return 0;
  }

  /** The registry does a bounded part for each request, so that none takes long. */
  private int collect(RegistryClient client) {
    ObjectNode sum = Json.MAPPER.createObjectNode();
    JsonNode done;
    do {
      done = client.collect();
      for (String name : NUMBERS) {
        sum.put(name, number(sum, name) + number(done, name));
      }
      if (format == Format.text && done.path("more").asBoolean()) {
        target.out().printf("%d blobs with %s so far%n", number(sum, "blobs"), size(sum, "bytes"));
        target.out().flush();
      }
    } while (done.path("more").asBoolean());
    if (format == Format.json) {
      target.out().println(Json.MAPPER.writeValueAsString(sum.put("restSeconds", number(done, "restSeconds"))));
    } else {
      target.out().printf("removed %d blobs with %s; %d were given up by their repositories, %d are needed by manifests%n",
          number(sum, "blobs"), size(sum, "bytes"), number(sum, "expired"), number(sum, "kept"));
      if (number(sum, "referrers") > 0) {
        target.out().printf("removed %d manifests whose subject was deleted%n", number(sum, "referrers"));
      }
      rest(done);
    }
    if (number(sum, "failed") > 0) {
      throw new Refusal(number(sum, "failed") + " could not be removed; the registry's log says why, and it will try again");
    }
    return 0;
  }

  private void rest(JsonNode answer) {
    long seconds = number(answer, "restSeconds");
    if (seconds > 0) {
      target.out().printf(
          "the registry's clock was put forward, its machine slept, or it did not run for a while: it collects nothing for another %s%n",
          Duration.ofSeconds(seconds));
    }
  }

  private static String next(JsonNode queue) {
    return queue.has("next") && number(queue, "due") == 0 ? ", the first at " + queue.path("next").asString("") : "";
  }

  private static long number(JsonNode of, String name) {
    return of.path(name).asLong(0);
  }

  private static String size(JsonNode of, String name) {
    return Sizes.text(number(of, name));
  }
}
