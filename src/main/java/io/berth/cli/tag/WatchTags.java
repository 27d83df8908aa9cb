package io.berth.cli.tag;

import io.berth.client.EventStream;
import io.berth.client.EventStream.Event;
import io.berth.client.RegistryFailure;
import io.berth.client.TagClient;
import io.berth.oci.Json;
import io.berth.oci.Reference;
import io.berth.oci.Tag;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code berth tag watch}. */
@Command(name = "watch", mixinStandardHelpOptions = true,
    description = {"Prints changes of a repository's tags, or of one tag, as they happen.",
      "If the connection breaks, it goes on where it was. Ends on Ctrl-C.",
      "With --format json, each change is a document on a line of its own."})
final class WatchTags implements Callable<Integer> {

  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  @Mixin private TagTarget target = new TagTarget();

  @Mixin private OutputFormat format = new OutputFormat();

  @Parameters(paramLabel = "[HOST/]REPOSITORY[:TAG]") private String what = "";

  @Option(names = "--since", paramLabel = "SEQUENCE",
      description = "Begin behind this sequence number; 0: with the first change ever. Default: with the next change.") private @Nullable Long since;

  @Option(names = {"-n", "--limit"}, paramLabel = "N", description = "End after so many changes.") private long limit = Long.MAX_VALUE;

  @Override
  public Integer call() throws InterruptedException {
    Reference reference = target.reference(what);
    if (reference.digest() != null || since != null && since < 0 || limit < 1) {
      throw target.wrong("expected [HOST/]REPOSITORY[:TAG], and numbers that are not negative");
    }
    try (TagClient client = target.open(reference)) {
      follow(client, reference.tag(), since == null ? client.sequence() : since);
    } finally {
      target.out().flush();
    }
    return 0;
  }

  /** What is refused ends it; what breaks is tried again, after longer and longer pauses. */
  private void follow(TagClient client, @Nullable Tag only, long from) throws InterruptedException {
    long sequence = from;
    long left = limit;
    Duration pause = FIRST_PAUSE;
    while (true) {
      try (EventStream stream = client.changes(sequence)) {
        for (Optional<Event> event = stream.next(); event.isPresent(); event = stream.next()) {
          pause = FIRST_PAUSE;
          if (event.get().type().equals("change")) {
            JsonNode change = parse(event.get());
            sequence = Math.max(sequence, change.path("sequence").asLong(0));
            left -= print(change, only) ? 1 : 0;
            if (left == 0) {
              return;
            }
          }
        }
      } catch (RegistryFailure e) {
        if (e.status() != 0 && e.status() < 500 && e.status() != 429) {
          throw e;
        }
        target.err().println("berth: " + e.getMessage() + "; trying again");
        target.err().flush();
      }
      Thread.sleep(pause);
      pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
    }
  }

  private static JsonNode parse(Event event) {
    try {
      return Json.parse(event.data().getBytes(StandardCharsets.UTF_8));
    } catch (Json.InvalidJson e) {
      throw new RegistryFailure("the registry sent a change that is not JSON: " + e.getMessage());
    }
  }

  private boolean print(JsonNode message, @Nullable Tag only) {
    boolean meant = false;
    for (JsonNode change : message.path("changes")) {
      String tag = change.path("tag").asString("");
      if (only != null && !only.value().equals(tag)) {
        continue;
      }
      meant = true;
      if (!format.json()) {
        String to = change.path("to").asString(change.path("from").asString(""));
        target.out().printf("%-27s %8s  %-8s %-24s %s %s%n", Lines.shown(message.path("time").asString("")),
            Lines.shown(message.path("sequence").asString("")), Lines.shown(change.path("kind").asString("")), Lines.shown(tag),
            Lines.shown(to),
            Lines.shown(change.path("actor").asString("-")));
      }
    }
    if (meant && format.json()) {
      target.print(message);
    }
    target.out().flush();
    return meant;
  }
}
