package io.berth.cli.tag;

import io.berth.client.RegistryFailure;
import io.berth.client.RegistrySession.Answer;
import io.berth.client.TagClient;
import io.berth.oci.MediaType;
import io.berth.oci.Tag;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * Since when tags are what they are. Objects do not say that: the draft list with descriptors does, and is walked along with the list of objects,
 * which has the same order. For one thread.
 */
final class Ages {

  private static final String NAME = "org.opencontainers.image.ref.name";
  private static final String CREATED = "org.opencontainers.image.ref.created";
  private static final String CHANGED = "org.opencontainers.distribution.tag.timestamp";

  private final TagClient client;
  private final @Nullable String after;
  private @Nullable Answer page;
  private Iterator<JsonNode> entries = Collections.emptyIterator();
  private @Nullable JsonNode entry;
  private boolean over;

  /** @param after the position from which on the list is walked; {@code null}: the tags asked for are few, so their histories are asked */
  Ages(TagClient client, @Nullable String after) {
    this.client = client;
    this.after = after;
  }

  /** Since when the tag is what it is; nothing if the registry does not tell. Tags are asked for in the order of their names. */
  Optional<Instant> of(String tag) {
    try {
      JsonNode annotations = after == null || tag.compareTo(after) <= 0 ? history(tag) : walkTo(tag);
      String time = annotations.path(CREATED).asString(annotations.path(CHANGED).asString(""));
      return time.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(time));
    } catch (RegistryFailure | DateTimeParseException e) {
      over = true;
      return Optional.empty();
    }
  }

  private JsonNode history(String tag) {
    return client.newest(Tag.parse(tag), 1).path(0).path("annotations");
  }

  private JsonNode walkTo(String tag) {
    while (!over && (entry == null || entry.path(NAME).asString("").compareTo(tag) < 0)) {
      step();
    }
    return entry == null || over || !entry.path(NAME).asString("").equals(tag) ? MissingNode.getInstance() : entry;
  }

  private void step() {
    if (entries.hasNext()) {
      entry = entries.next().path("annotations");
      return;
    }
    page = page == null ? client.described(String.valueOf(after)) : client.next(page, MediaType.OCI_INDEX).orElse(null);
    if (page == null) {
      over = true;
    } else {
      entries = page.json().path("manifests").iterator();
    }
  }
}
