package io.berth.metadata;

import io.berth.oci.PullDay;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was pulled, by day and tag. The rules of {@link ReadTransaction} hold. */
public interface PullReads {

  /**
   * Days of a repository and of its tags, in order.
   *
   * @param after the place to begin behind, if that is later than the begin of {@code from}; {@code null}: the begin
   * @param to the last day
   */
  List<PullDay> days(RepositoryName repository, LocalDate from, LocalDate to, PullDay.@Nullable Place after, int limit);

  /** Days of a tag, whether or not it exists, in order. */
  List<PullDay> days(RepositoryName repository, Tag tag, LocalDate from, LocalDate to, int limit);

  /** When these tags were pulled last, those of them that were. */
  Map<Tag, Instant> lastPulls(RepositoryName repository, Collection<Tag> tags);

  /** Changes of it. */
  interface Changes extends PullReads {

    /** Adds to what is there; nothing is added to a repository that does not exist. */
    void add(RepositoryName repository, Collection<PullDay> days);

    /** Has tags be pulled then, unless they were later. */
    void pulled(RepositoryName repository, Map<Tag, Instant> tags);

    /**
     * Forgets some of what was before a day, and when tags were pulled last where that was before.
     *
     * @return how much that was; less than {@code limit} if no more is left
     */
    int forget(LocalDate before, int limit);
  }
}
