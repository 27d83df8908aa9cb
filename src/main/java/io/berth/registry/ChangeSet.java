package io.berth.registry;

import io.berth.oci.Digest;
import io.berth.oci.Tag;
import io.berth.oci.TagEvent;
import io.berth.policy.Extent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a repository's tags that one transaction made, each tag at most once. Without what tags say of themselves, which may be large.
 * All who follow a repository share one of each, so two are the same only if they are one. Immutable.
 */
public final class ChangeSet implements Feed.Step {

  private final long sequence;
  private final Instant at;
  private final List<Change> changes;

  /**
   * What happened to a tag.
   *
   * @param kind {@code created}, {@code moved}, …
   * @param from where it pointed before; {@code null} if it did not exist
   * @param to where it points now; {@code null} if it no longer exists
   * @param actor the name of the identity
   * @param client the client program, as it names itself
   * @param reference what it said that it was about ({@code OCI-Ref}), which nobody has verified; {@code null} if it did not
   */
  public record Change(Tag tag, String kind, @Nullable Digest from, @Nullable Digest to, String actor, String client,
      @Nullable String reference) {}

  ChangeSet(long sequence, Instant at, List<Change> changes) {
    this.sequence = sequence;
    this.at = at;
    this.changes = List.copyOf(changes);
  }

  /** The sets that events make up, in their order; events of one set stand together. */
  public static List<ChangeSet> of(List<TagEvent> events) {
    List<ChangeSet> sets = new ArrayList<>();
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      TagEvent event = events.get(i);
      changes.add(new Change(event.tag(), event.kind().name().toLowerCase(Locale.ROOT), event.from(), event.to(), event.author().actor(),
          event.author().client(), event.author().reference()));
      if (i + 1 == events.size() || events.get(i + 1).sequence() != event.sequence()) {
        sets.add(new ChangeSet(event.sequence(), event.at(), changes));
        changes.clear();
      }
    }
    return sets;
  }

  /** What of it is about tags that are within; {@code null} if nothing is. */
  public @Nullable ChangeSet within(Extent tags) {
    if (changes.stream().allMatch(change -> tags.covers(change.tag))) {
      return this;
    }
    List<Change> some = changes.stream().filter(change -> tags.covers(change.tag)).toList();
    return some.isEmpty() ? null : new ChangeSet(sequence, at, some);
  }

  /** Counts the repository's change sets from 1, without gaps. */
  @Override
  public long sequence() {
    return sequence;
  }

  @Override
  public int size() {
    return changes.size();
  }

  /** When it happened; later than the set before. */
  public Instant at() {
    return at;
  }

  public List<Change> changes() {
    return changes;
  }
}
