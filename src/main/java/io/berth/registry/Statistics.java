package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.oci.PullDay;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.policy.Action;
import io.berth.policy.Extent;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was pulled from a repository, as far as the caller may know it: who may pull all of it sees everything; who may pull some tags sees these, and nothing that all
 * tags share in. Safe for any thread.
 */
public final class Statistics {

  /** Rows that are looked at for one page where the caller may pull some tags. */
  private static final int WORK = 10_000;
  private static final int BATCH = 1_000;

  private final MetadataStore metadata;

  public Statistics(MetadataStore metadata) {
    this.metadata = metadata;
  }

  /**
   * Which days are asked for.
   *
   * @param tag of which tag; {@code null} for the repository and all of its tags
   * @param from the first day
   * @param to the last day
   */
  public record Span(@Nullable Tag tag, LocalDate from, LocalDate to) {}

  /**
   * Some days.
   *
   * @param lastPulls when the tags were pulled last of which it tells, or for which was asked
   * @param next the place behind which there may be more; {@code null} if there are no more. It may be one of which the caller may not know
   */
  public record Page(List<PullDay> days, Map<Tag, Instant> lastPulls, PullDay.@Nullable Place next) {}

  /** A page of days, in order; there are none of a repository or a tag that does not exist, nor of what is not the caller's to know. It may have fewer although more follow. */
  public Page page(Caller caller, RepositoryName repository, Span span, PullDay.@Nullable Place after, int limit) {
    Extent pull = caller.access(repository).extent(Action.PULL);
    return metadata.read(tx -> {
      Tag tag = span.tag;
      Page page = tag == null ? all(tx, repository, pull, span, after, limit)
          : pull.covers(tag) ? ofTag(tx, repository, tag, span, after, limit) : new Page(List.of(), Map.of(), null);
      List<Tag> tags = tag != null ? List.of(tag) : page.days.stream().map(PullDay::tag).filter(Objects::nonNull).toList();
      return tag != null && !pull.covers(tag) ? page : new Page(page.days, tx.pulls().lastPulls(repository, tags), page.next);
    });
  }

  private static Page ofTag(ReadTransaction tx, RepositoryName repository, Tag tag, Span span, PullDay.@Nullable Place after, int limit) {
    LocalDate from = after == null || after.day().isBefore(span.from) ? span.from : after.day().plusDays(1);
    return page(tx.pulls().days(repository, tag, from, span.to, limit + 1), limit);
  }

  private static Page page(List<PullDay> found, int limit) {
    boolean more = limit > 0 && found.size() > limit;
    return new Page(found.subList(0, Math.min(limit, found.size())), Map.of(), more ? found.get(limit - 1).place() : null);
  }

  private static Page all(ReadTransaction tx, RepositoryName repository, Extent pull, Span span, PullDay.@Nullable Place after, int limit) {
    if (pull.isAll()) {
      return page(tx.pulls().days(repository, span.from, span.to, after, limit + 1), limit);
    }
    var days = new ArrayList<PullDay>();
    PullDay.Place last = after;
    for (int looked = 0; looked < WORK && limit > 0; looked += BATCH) {
      List<PullDay> some = tx.pulls().days(repository, span.from, span.to, last, BATCH);
      for (PullDay day : some) {
        Tag tag = day.tag();
        if (tag != null && pull.covers(tag)) {
          if (days.size() == limit) {
            return new Page(days, Map.of(), days.getLast().place());
          }
          days.add(day);
        }
        last = day.place();
      }
      if (some.size() < BATCH) {
        return new Page(days, Map.of(), null);
      }
    }
    return new Page(days, Map.of(), limit > 0 ? last : null);
  }
}
