package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.TagReads.Age;
import io.berth.metadata.TagReads.DueTag;
import io.berth.metadata.TagReads.Past;
import io.berth.metadata.TagReads.Progress;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.Limits;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.SignedTag;
import io.berth.oci.Tag;
import io.berth.oci.TagEvent;
import io.berth.oci.TagFilter;
import io.berth.oci.Tagged;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reading tags: what they are, what they were, and what became of them. Safe for any thread. */
public final class TagLists {

  /** Read at once: objects may be large, and the page is bounded by bytes. */
  private static final int BATCH = 16;

  /** How many names a page of the past walks over for each that it may hold, those included that were not there then. */
  private static final int STRIDE = 4;

  private final MetadataStore metadata;

  public TagLists(MetadataStore metadata) {
    this.metadata = metadata;
  }

  /**
   * Names in byte order (distribution specification, end-8).
   *
   * @param after a position, exclusive; it need not be a tag
   * @throws RegistryException {@code NAME_UNKNOWN}
   */
  public List<Tag> names(RepositoryName repository, String after, int limit) {
    return metadata.read(tx -> {
      requireExists(tx, repository);
      return tx.tags(repository, after, limit);
    });
  }

  private static void requireExists(ReadTransaction tx, RepositoryName repository) {
    if (!tx.repositoryExists(repository)) {
      throw new RegistryException(ErrorCode.NAME_UNKNOWN, "there is no such repository", repository.value());
    }
  }

  /**
   * All of a tag.
   *
   * @param at when; {@code null} for now
   * @throws RegistryException {@code MANIFEST_UNKNOWN}
   */
  public Tagged get(RepositoryName repository, Tag tag, @Nullable Moment at) {
    return metadata.read(tx -> at == null
        ? tx.tagged(repository, tag).orElseThrow(
            () -> new RegistryException(ErrorCode.MANIFEST_UNKNOWN, "there is no such tag", tag.value()))
        : tx.taggedAt(repository, tag, TagTargets.sequence(tx, repository, at)).orElseThrow(
            () -> new RegistryException(ErrorCode.MANIFEST_UNKNOWN, "there was no such tag then", tag.value())));
  }

  /**
   * Some tags, all of each.
   *
   * @param next the position behind which there may be more; {@code null} if there are no more
   * @param sequence as of which they are so
   * @param newest the repository's newest sequence
   * @param total how many tags the repository had then
   */
  public record Page(List<Tagged> tags, @Nullable Tag next, long sequence, long newest, long total) {}

  /**
   * A page of tags in byte order, of at most so many, and {@link Limits#TAGS_PAGE_BYTES}. One of the past may have fewer although more follow.
   *
   * @param at when; {@code null} for now
   * @throws RegistryException {@code NAME_UNKNOWN}
   */
  public Page page(RepositoryName repository, TagFilter filter, String after, int limit, @Nullable Moment at) {
    return metadata.read(tx -> {
      requireExists(tx, repository);
      if (at != null) {
        long newest = tx.progress(repository).sequence();
        long sequence = Math.min(newest, TagTargets.sequence(tx, repository, at));
        if (sequence < tx.firstSequence(repository)) {
          throw new RegistryException(ErrorCode.NAME_UNKNOWN, "what this repository was then went when it was deleted", repository.value());
        }
        return past(tx, repository, filter, after, limit, sequence, newest);
      }
      return now(tx, repository, filter, after, limit);
    });
  }

  private static Page now(ReadTransaction tx, RepositoryName repository, TagFilter filter, String after, int limit) {
    Progress progress = tx.progress(repository);
    var page = new ArrayList<Tagged>();
    long bytes = 0;
    String position = after;
    while (true) {
      int batch = Math.min(limit + 1 - page.size(), BATCH);
      List<Tagged> some = tx.tagged(repository, filter, position, batch);
      for (Tagged tagged : some) {
        bytes += size(tagged);
        if (page.size() == limit || bytes > Limits.TAGS_PAGE_BYTES && !page.isEmpty()) {
          return new Page(page, page.isEmpty() ? null : page.getLast().event().tag(), progress.sequence(), progress.sequence(),
              progress.total());
        }
        page.add(tagged);
        position = tagged.event().tag().value();
      }
      if (some.size() < batch) {
        return new Page(page, null, progress.sequence(), progress.sequence(), progress.total());
      }
    }
  }

  private static Page past(ReadTransaction tx, RepositoryName repository, TagFilter filter, String after, int limit, long sequence,
      long newest) {
    long total = tx.totalAt(repository, sequence);
    var page = new ArrayList<Tagged>();
    long bytes = 0;
    long walk = (long) STRIDE * limit + 100;
    String position = after;
    Tag last = null;
    while (limit > 0) {
      Past some = tx.taggedAt(repository, filter, position, sequence, BATCH);
      for (Tagged tagged : some.tags()) {
        bytes += size(tagged);
        if (page.size() == limit || bytes > Limits.TAGS_PAGE_BYTES && !page.isEmpty()) {
          return new Page(page, last, sequence, newest, total);
        }
        page.add(tagged);
        last = tagged.event().tag();
      }
      walk -= BATCH;
      last = some.through();
      if (last == null || walk <= 0) {
        return new Page(page, last, sequence, newest, total);
      }
      position = last.value();
    }
    return new Page(page, null, sequence, newest, total);
  }

  /** About the bytes of the object in an answer. */
  private static long size(Tagged tagged) {
    SignedTag signed = tagged.content().signed();
    String description = tagged.content().description();
    String meta = tagged.content().meta();
    return 600 + (signed == null ? 0 : signed.bytes().length) + 3L * (description == null ? 0 : description.length())
        + 3L * (meta == null ? 0 : meta.length());
  }

  /** How a list of descriptors is sorted. */
  public enum Order {
    NAME, NAME_BACKWARDS, OLDEST, NEWEST
  }

  /** A place in a sorted list: a tag, and the version it had, which counts where they are sorted by age. */
  public record Position(long version, Tag tag) {}

  /**
   * The changes that made the tags what they are, in an order, behind a tag of the page before.
   *
   * @param after the last of the page before; {@code null} for the first page
   * @throws RegistryException {@code NAME_UNKNOWN}
   */
  public List<TagEvent> sorted(RepositoryName repository, Order order, @Nullable Position after, int limit) {
    return metadata.read(tx -> {
      requireExists(tx, repository);
      return switch (order) {
        case NAME -> tx.tagsForwards(repository, after == null ? null : after.tag(), limit);
        case NAME_BACKWARDS -> tx.tagsBackwards(repository, after == null ? null : after.tag(), limit);
        case OLDEST -> tx.tagsByAge(repository, false, age(after), limit);
        case NEWEST -> tx.tagsByAge(repository, true, age(after), limit);
      };
    });
  }

  private static @Nullable Age age(@Nullable Position position) {
    return position == null ? null : new Age(position.version, position.tag);
  }

  /**
   * Which changes a history is about.
   *
   * @param last the sequence to begin behind; {@code null}: the newest
   * @param before only earlier than that
   * @param since not earlier than that
   * @param digest only what the tag became or, where it was removed, had been
   */
  public record Span(@Nullable Long last, @Nullable Instant before, @Nullable Instant since, @Nullable Digest digest) {}

  /** The changes of a tag, newest first; none if there is no such tag or repository, and never was. */
  public List<TagEvent> history(RepositoryName repository, Tag tag, Span span, int limit) {
    return metadata.read(tx -> {
      long before = span.last == null ? Long.MAX_VALUE : span.last;
      if (span.before != null) {
        before = Math.min(before, tx.sequenceAt(repository, span.before.minusNanos(1)) + 1);
      }
      long since = span.since == null ? 0 : tx.sequenceAt(repository, span.since.minusNanos(1)) + 1;
      return tx.history(repository, tag, before, since, span.digest, limit);
    });
  }

  /** The changes of a repository's tags behind a sequence; none are parted that were made together. */
  public List<TagEvent> changes(RepositoryName repository, long after, int limit) {
    return metadata.read(tx -> tx.changes(repository, after, limit));
  }

  /** Tags whose time is over, some of them. */
  public List<DueTag> due(Instant now, int limit) {
    return metadata.read(tx -> tx.dueTags(now, limit));
  }
}
