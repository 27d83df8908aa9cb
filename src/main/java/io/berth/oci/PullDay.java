package io.berth.oci;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * What was pulled on a day, by UTC: of a tag, or of a repository as a whole.
 *
 * @param tag {@code null} for the repository, where each request counts once, whatever tags it was for
 * @param verified what the registry knows to be of the tag: it was asked for by that name, or the client said so, was allowed to read the tag, and it holds
 *     what was pulled
 * @param claimed what clients said, and was not so
 * @param unattributed of which nobody said for which tag it was; only of a repository
 */
public record PullDay(LocalDate day, @Nullable Tag tag, PullCounts verified, PullCounts claimed, PullCounts unattributed) {

  /** Both together, which are of the same day and tag. */
  public PullDay plus(PullDay other) {
    return new PullDay(day, tag, verified.plus(other.verified), claimed.plus(other.claimed), unattributed.plus(other.unattributed));
  }

  /** Whether nothing at all was pulled. */
  public boolean isNothing() {
    return verified.equals(PullCounts.NONE) && claimed.equals(PullCounts.NONE) && unattributed.equals(PullCounts.NONE);
  }

  /** A day in a list: in order of days, and within one the repository before its tags. */
  public record Place(LocalDate day, @Nullable Tag tag) {}

  /** Where it stands in a list. */
  public Place place() {
    return new Place(day, tag);
  }
}
