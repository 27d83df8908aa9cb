package io.berth.http;

import io.berth.oci.ErrorCode;
import io.berth.oci.Json;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoreFailure;
import io.berth.oci.Text;
import io.berth.policy.Extent;
import io.berth.registry.ChangeSet;
import io.berth.registry.TagFeed;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import tools.jackson.core.JsonGenerator;

/**
 * The changes of a repository's tags as server-sent events: one message for each change set, whose identifier is the sequence. Who made a change,
 * and with what, is for those who say who they are. Safe for any thread.
 */
final class TagEvents {

  private static final int DIGITS = 18;

  private final TagFeed.Term feed;
  private final Map<ChangeSet, byte[]> named = new WeakHashMap<>(); // all who follow send the same bytes
  private final Map<ChangeSet, byte[]> unnamed = new WeakHashMap<>();

  TagEvents(TagFeed.Term feed) {
    this.feed = feed;
  }

  /**
   * Behind which change set a client wants to follow: what it had last, if it comes again, or else what it says with {@code watch}.
   *
   * @throws RegistryException (400) for what is no sequence
   */
  static long after(Request request, Query query) {
    List<String> last = request.headers("Last-Event-ID");
    if (last.size() > 1) {
      throw new RegistryException(400, ErrorCode.UNSUPPORTED, "Last-Event-ID may be given once only");
    }
    Optional<String> watch = query.one("watch"); // if it is wrong, it is so in any case
    long after = watch.map(text -> sequence("watch", text)).orElse(0L);
    return last.isEmpty() ? after : sequence("Last-Event-ID", last.getFirst());
  }

  private static long sequence(String name, String text) {
    if (text.isEmpty() || text.length() > DIGITS || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new RegistryException(400, ErrorCode.UNSUPPORTED,
          name + " must be a sequence, a whole number of " + DIGITS + " digits at most, not " + Text.quoted(text));
    }
    return Long.parseLong(text);
  }

  /**
   * Tells all changes behind a sequence, and those to come. Whether the caller may know has been decided.
   *
   * @param names whether the caller may know who made them
   * @param tags of which the caller may know
   */
  Reply follow(RepositoryName repository, long after, boolean names, Extent tags) {
    Headers headers = new Headers().add("Content-Type", "text/event-stream").add("Cache-Control", "no-store")
        .add("X-Accel-Buffering", "no"); // nginx would keep messages back
    return new Reply.Events(200, headers, new Source(feed.follow(repository, after), names, tags));
  }

  private final class Source implements EventSource {

    private final TagFeed.Follower follower;
    private final boolean names;
    private final Extent tags;

    Source(TagFeed.Follower follower, boolean names, Extent tags) {
      this.tags = tags;
      this.follower = follower;
      this.names = names;
    }

    @Override
    public Next next(Duration atMost) throws InterruptedException {
      try {
        long end = System.nanoTime() + atMost.toNanos();
        for (Duration left = atMost; !left.isNegative(); left = Duration.ofNanos(end - System.nanoTime())) {
          ChangeSet set = follower.next(left);
          if (set == null) {
            return follower.isOver() ? new Next.End() : new Next.Quiet();
          }
          ChangeSet shown = set.within(tags);
          if (shown != null) {
            return new Next.Message(shown == set ? message(set, names) : render(shown, names));
          }
        }
        return new Next.Quiet();
      } catch (RuntimeException e) {
        if (e instanceof StoreFailure) {
          return new Next.End(); // which has been logged once for all; clients come again
        }
        throw e;
      }
    }

    @Override
    public void close() {
      follower.close();
    }
  }

  /** The message, the same array for all. */
  private byte[] message(ChangeSet set, boolean names) {
    Map<ChangeSet, byte[]> messages = names ? named : unnamed;
    synchronized (messages) {
      return messages.computeIfAbsent(set, one -> render(one, names));
    }
  }

  static byte[] render(ChangeSet set, boolean names) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(("id: " + set.sequence() + "\nevent: change\ndata: ").getBytes(StandardCharsets.US_ASCII));
    try (JsonGenerator json = Json.MAPPER.createGenerator(bytes)) { // line ends in texts are escaped
      json.writeStartObject();
      json.writeNumberProperty("sequence", set.sequence());
      json.writeStringProperty("time", set.at().toString());
      json.writeArrayPropertyStart("changes");
      set.changes().forEach(change -> write(json, change, names));
      json.writeEndArray();
      json.writeEndObject();
    }
    bytes.writeBytes(new byte[] {'\n', '\n'});
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, ChangeSet.Change change, boolean names) {
    json.writeStartObject();
    json.writeStringProperty("tag", change.tag().value());
    json.writeStringProperty("kind", change.kind());
    if (change.from() != null) {
      json.writeStringProperty("from", change.from().toString());
    }
    if (change.to() != null) {
      json.writeStringProperty("to", change.to().toString());
    }
    if (names) {
      json.writeStringProperty("actor", change.actor());
      json.writeStringProperty("client", change.client());
      if (change.reference() != null) {
        json.writeStringProperty("reference", change.reference());
      }
    }
    json.writeEndObject();
  }
}
