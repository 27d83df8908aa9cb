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
import io.berth.policy.Action;
import io.berth.policy.Extent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reading tags: what they are, what they were, and what became of them, each as far as the caller may pull it. Safe for any thread. */
public final class TagLists {

  /** Read at once: objects may be large, and the page is bounded by bytes. */
  private static final int BATCH = 16;

  /** How many names a page of the past walks over for each that it may hold, those included that were not there then. */
  private static final int STRIDE = 4;
  /** Names that are looked at for one page where the caller may pull some of them, and objects. */
  private static final int WORK = 10_000;
  private static final int OBJECTS = 2_000;
  private static final int PAGE = 1_000;

  private final MetadataStore metadata;

  public TagLists(MetadataStore metadata) {
    this.metadata = metadata;
  }

  /**
   * Names of tags.
   *
   * @param next the position behind which there may be more; {@code null} if there are no more. It may be one that the caller may not pull
   */
  public record Names(List<Tag> tags, @Nullable Tag next) {}

  /**
   * Names in byte order (distribution specification, end-8). A page may have fewer although more follow.
   *
   * @param after a position, exclusive; it need not be a tag
   * @throws RegistryException {@code NAME_UNKNOWN}
   */
  public Names names(Caller caller, RepositoryName repository, String after, int limit) {
    Extent pull = caller.access(repository).extent(Action.PULL);
    return metadata.read(tx -> {
      requireExists(tx, repository);
      var names = new ArrayList<Tag>();
      Tag last = null;
      Optional<String> from = pull.from(after);
      for (int looked = 0; from.isPresent() && looked < WORK;) {
        int batch = pull.isAll() || looked == 0 ? limit + 1 : PAGE;
        List<Tag> some = tx.tags(repository, from.get(), batch);
        for (Tag tag : some) {
          if (pull.covers(tag) && names.size() == limit) {
            return new Names(names, limit == 0 ? null : names.getLast());
          } else if (pull.covers(tag)) {
            names.add(tag);
          }
          last = tag;
        }
        looked += some.size();
        from = some.size() < batch ? Optional.empty() : pull.from(some.getLast().value());
      }
      return new Names(names, from.isPresent() ? last : null);
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
  public Tagged get(Caller caller, RepositoryName repository, Tag tag, @Nullable Moment at) {
    boolean visible = caller.access(repository).may(Action.PULL, tag);
    return metadata.read(tx -> at == null
        ? tx.tagged(repository, tag).filter(_ -> visible).orElseThrow(
            () -> new RegistryException(ErrorCode.MANIFEST_UNKNOWN, "there is no such tag", tag.value()))
        : tx.taggedAt(repository, tag, TagTargets.sequence(tx, repository, at)).filter(_ -> visible).orElseThrow(
            () -> new RegistryException(ErrorCode.MANIFEST_UNKNOWN, "there was no such tag then", tag.value())));
  }

  /**
   * Some tags, all of each.
   *
   * @param next the position behind which there may be more; {@code null} if there are no more
   * @param sequence as of which they are so
   * @param newest the repository's newest sequence
   * @param total how many tags the repository had then, of those that the caller may pull; -1 if that was not asked for
   */
  public record Page(List<Tagged> tags, @Nullable Tag next, long sequence, long newest, long total) {}

  /**
   * A page of tags in byte order, of at most so many, and {@link Limits#TAGS_PAGE_BYTES}. One of the past may have fewer although more follow.
   *
   * @param at when; {@code null} for now
   * @param counted whether the total is asked for
   * @throws RegistryException {@code NAME_UNKNOWN}; {@code UNSUPPORTED} (406) if that is more than can be counted
   */
  public Page page(Caller caller, RepositoryName repository, TagFilter filter, String after, int limit, @Nullable Moment at,
      boolean counted) {
    Extent pull = caller.access(repository).extent(Action.PULL);
    return metadata.read(tx -> {
      requireExists(tx, repository);
      if (at != null) {
        long newest = tx.progress(repository).sequence();
        long sequence = Math.min(newest, TagTargets.sequence(tx, repository, at));
        if (sequence < tx.firstSequence(repository)) {
          throw new RegistryException(ErrorCode.NAME_UNKNOWN, "what this repository was then went when it was deleted", repository.value());
        }
        long total = counted ? TagCounts.past(tx, pull, repository, sequence) : -1;
        return past(tx, pull, repository, filter, after, limit, new Page(List.of(), null, sequence, newest, total));
      }
      Progress progress = tx.progress(repository);
      long total = counted ? TagCounts.now(tx, pull, repository, progress) : -1;
      return now(tx, pull, repository, filter, after, limit, new Page(List.of(), null, progress.sequence(), progress.sequence(), total));
    });
  }

  private static Page with(Page bare, List<Tagged> tags, @Nullable Tag next) {
    return new Page(tags, next, bare.sequence, bare.newest, bare.total);
  }

  private static Page now(ReadTransaction tx, Extent pull, RepositoryName repository, TagFilter filter, String after, int limit,
      Page bare) {
    var page = new ArrayList<Tagged>();
    long bytes = 0;
    Tag last = null;
    Optional<String> from = pull.from(after);
    int looked = 0;
    while (from.isPresent() && looked < OBJECTS) {
      int batch = pull.isAll() ? Math.min(limit + 1 - page.size(), BATCH) : BATCH;
      List<Tagged> some = tx.tagged(repository, filter, from.get(), batch);
      for (Tagged tagged : some) {
        last = tagged.event().tag();
        if (pull.covers(last)) {
          bytes += size(tagged);
          if (page.size() == limit || bytes > Limits.TAGS_PAGE_BYTES && !page.isEmpty()) {
            return with(bare, page, page.isEmpty() ? null : page.getLast().event().tag());
          }
          page.add(tagged);
        }
      }
      looked += pull.isAll() ? 0 : some.size();
      from = some.size() < batch ? Optional.empty() : pull.from(some.getLast().event().tag().value());
    }
    return with(bare, page, from.isEmpty() ? null : last);
  }

  private static Page past(ReadTransaction tx, Extent pull, RepositoryName repository, TagFilter filter, String after, int limit,
      Page bare) {
    var page = new ArrayList<Tagged>();
    long bytes = 0;
    long walk = (long) STRIDE * limit + 100;
    String position = after;
    Tag last = null;
    while (limit > 0) {
      Optional<String> from = pull.from(position);
      Past some = from.isEmpty() ? new Past(List.of(), null) : tx.taggedAt(repository, filter, from.get(), bare.sequence, BATCH);
      for (Tagged tagged : some.tags()) {
        if (!pull.covers(tagged.event().tag())) {
          continue;
        }
        bytes += size(tagged);
        if (page.size() == limit || bytes > Limits.TAGS_PAGE_BYTES && !page.isEmpty()) {
          return with(bare, page, page.getLast().event().tag());
        }
        page.add(tagged);
      }
      walk -= BATCH;
      last = some.through();
      if (last == null || walk <= 0) {
        return with(bare, page, last);
      }
      position = last.value();
    }
    return with(bare, page, null);
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
   * Tags in an order.
   *
   * @param next the place behind which there may be more; {@code null} if there are no more. It may be at a tag that the caller may not pull
   */
  public record Sorted(List<TagEvent> events, @Nullable Position next) {}

  /**
   * The changes that made the tags what they are, in an order, behind a tag of the page before. A page may have fewer although more follow.
   *
   * @param after the last of the page before; {@code null} for the first page
   * @throws RegistryException {@code NAME_UNKNOWN}
   */
  public Sorted sorted(Caller caller, RepositoryName repository, Order order, @Nullable Position after, int limit) {
    Extent pull = caller.access(repository).extent(Action.PULL);
    return metadata.read(tx -> {
      requireExists(tx, repository);
      var events = new ArrayList<TagEvent>();
      Position last = after;
      for (int looked = 0; looked < WORK;) {
        int batch = looked == 0 ? limit + 1 : PAGE;
        List<TagEvent> some = sorted(tx, repository, order, last, batch);
        for (TagEvent event : some) {
          if (pull.covers(event.tag()) && events.size() == limit) {
            return new Sorted(events, events.isEmpty() ? null : new Position(events.getLast().sequence(), events.getLast().tag()));
          } else if (pull.covers(event.tag())) {
            events.add(event);
          }
          last = new Position(event.sequence(), event.tag());
        }
        looked += some.size();
        if (some.size() < batch) {
          return new Sorted(events, null);
        }
      }
      return new Sorted(events, last);
    });
  }

  private static List<TagEvent> sorted(ReadTransaction tx, RepositoryName repository, Order order, @Nullable Position after, int limit) {
    return switch (order) {
      case NAME -> tx.tagsForwards(repository, after == null ? null : after.tag(), limit);
      case NAME_BACKWARDS -> tx.tagsBackwards(repository, after == null ? null : after.tag(), limit);
      case OLDEST -> tx.tagsByAge(repository, false, age(after), limit);
      case NEWEST -> tx.tagsByAge(repository, true, age(after), limit);
    };
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

  /** The changes of a tag, newest first; none if there is no such tag or repository, and never was, or it is none that the caller may pull. */
  public List<TagEvent> history(Caller caller, RepositoryName repository, Tag tag, Span span, int limit) {
    if (!caller.access(repository).may(Action.PULL, tag)) {
      return List.of();
    }
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
