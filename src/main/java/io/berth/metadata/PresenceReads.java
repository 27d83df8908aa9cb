package io.berth.metadata;

import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import java.time.Instant;
import java.util.List;

/**
 * Questions about content that came or went after a manifest of the repository was there that needs it: so something became whole, or is it no more.
 * That content comes, the store writes down itself, whichever way it comes. What is older than a month is forgotten in time. The rules of
 * {@link ReadTransaction} hold.
 */
public interface PresenceReads {

  /** What came and went behind a sequence, in order. */
  List<Change> changes(RepositoryName repository, long after, int limit);

  /**
   * Something came or went.
   *
   * @param sequence counts by one within a repository, also where one of its name has been before
   * @param present whether it came
   */
  record Change(long sequence, Digest content, boolean present, Instant at) {}
}
