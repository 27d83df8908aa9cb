package io.berth.metadata;

import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagEvent;
import io.berth.oci.TagFilter;
import io.berth.oci.Tagged;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Questions about tags: what they are, what they were, and what became of them. The rules of {@link ReadTransaction} hold. */
public interface TagReads {

  /** Where a tag points. */
  Optional<TagState> tag(RepositoryName repository, Tag tag);

  /** Tags in order. */
  List<Tag> tags(RepositoryName repository, String after, int limit);

  /** The tags that point at a manifest or blob, in order. */
  List<Tag> tagsOf(RepositoryName repository, Digest target);

  /** Whether a tag points there. Whoever is to point one there asks for its {@link ReadTransaction#descriptor} in the same transaction. */
  boolean isTagged(RepositoryName repository, Digest target);

  /** All of a tag. */
  Optional<Tagged> tagged(RepositoryName repository, Tag tag);

  /** All of each tag, in order. */
  List<Tagged> tagged(RepositoryName repository, TagFilter filter, String after, int limit);

  /** The changes that made the tags what they are, the oldest first, or the newest: behind one of them, or from the start. */
  List<TagEvent> tagsByAge(RepositoryName repository, boolean newestFirst, @Nullable Age after, int limit);

  /** The changes that made the tags what they are, in order of the names: behind one of them, or from the start. */
  List<TagEvent> tagsForwards(RepositoryName repository, @Nullable Tag after, int limit);

  /** The changes that made the tags what they are, in reverse order of the names: before one of them, or from the end. */
  List<TagEvent> tagsBackwards(RepositoryName repository, @Nullable Tag before, int limit);

  /** How far the repository has come; sequence 0 if no tag of it has ever changed. */
  Progress progress(RepositoryName repository);

  /** Behind which sequence the repository began: what was before went with a repository of that name. */
  long firstSequence(RepositoryName repository);

  /** The newest change up to an instant: its sequence, or 0. */
  long sequenceAt(RepositoryName repository, Instant instant);

  /** How many tags the repository had after a sequence. */
  long totalAt(RepositoryName repository, long sequence);

  /** All of a tag as it stood after a sequence; empty if it did not exist then. */
  Optional<Tagged> taggedAt(RepositoryName repository, Tag tag, long sequence);

  /**
   * All of each tag, in order, as they stood after a sequence. Costs what it walks over, not what is stored: at most {@code limit} names, those
   * included that did not exist then.
   */
  Past taggedAt(RepositoryName repository, TagFilter filter, String after, long sequence, int limit);

  /**
   * The changes of one tag, newest first.
   *
   * @param before the sequence to begin behind
   * @param since the lowest sequence
   * @param digest only changes from or to there: what the tag became, or was when it was removed; {@code null} for all
   */
  List<TagEvent> history(RepositoryName repository, Tag tag, long before, long since, @Nullable Digest digest, int limit);

  /** The changes of one tag, newest first. */
  default List<TagEvent> history(RepositoryName repository, Tag tag, int limit) {
    return history(repository, tag, Long.MAX_VALUE, 0, null, limit);
  }

  /** The changes of a repository's tags behind a sequence, oldest first: at least as many as asked for, if there are, since none are parted that belong together. */
  List<TagEvent> changes(RepositoryName repository, long after, int limit);

  /** Tags whose time is over, the longest first. A hint. */
  List<DueTag> dueTags(Instant now, int limit);

  /** When a tag is to be removed. */
  Optional<Instant> expiry(RepositoryName repository, Tag tag);

  /** A place in a list by age. */
  record Age(long version, Tag tag) {}

  /** A tag and what it points at; the version grows with every change of the tag and never comes again. */
  record TagState(Tag tag, Digest target, long version) {}

  /**
   * Some of the tags that once were.
   *
   * @param through up to which name they are; {@code null} if there are no more
   */
  record Past(List<Tagged> tags, @Nullable Tag through) {}

  /** A repository's newest change, when that was, and how many tags there are. */
  record Progress(long sequence, Instant at, long total) {

    /** Nothing yet. */
    public static final Progress NONE = new Progress(0, Instant.EPOCH, 0);
  }

  /** A tag that may go. */
  record DueTag(RepositoryName repository, Tag tag) {}
}
