package io.berth.http;

import io.berth.oci.Json;
import io.berth.oci.RepositoryName;
import io.berth.policy.Extent;
import io.berth.registry.ChangeSet;
import io.berth.registry.Feed;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.WeakHashMap;
import tools.jackson.core.JsonGenerator;

/**
 * The changes of a repository's tags as server-sent events: one message for each change set, whose identifier is the sequence. Who made a change,
 * and with what, is for those who say who they are. Safe for any thread.
 */
final class TagEvents {

  private final Feed<ChangeSet>.Term feed;
  private final Map<ChangeSet, byte[]> named = new WeakHashMap<>(); // all who follow send the same bytes
  private final Map<ChangeSet, byte[]> unnamed = new WeakHashMap<>();

  TagEvents(Feed<ChangeSet>.Term feed) {
    this.feed = feed;
  }

  /**
   * Tells all changes behind a sequence, and those to come. Whether the caller may know has been decided.
   *
   * @param names whether the caller may know who made them
   * @param tags of which the caller may know
   */
  Reply follow(RepositoryName repository, long after, boolean names, Extent tags) {
    return Following.reply(feed.follow(repository, after), set -> {
      ChangeSet shown = set.within(tags);
      return shown == null ? null : shown == set ? message(set, names) : render(shown, names);
    });
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
    try (JsonGenerator json = Json.MAPPER.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeNumberProperty("sequence", set.sequence());
      json.writeStringProperty("time", set.at().toString());
      json.writeArrayPropertyStart("changes");
      set.changes().forEach(change -> write(json, change, names));
      json.writeEndArray();
      json.writeEndObject();
    }
    return Following.message(set.sequence(), bytes.toByteArray());
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
