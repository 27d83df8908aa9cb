package io.berth.metadata;

import io.berth.oci.RepositoryName;
import java.util.Set;

/**
 * Which of certain patterns the name of a repository is as. What is known of a name stays true whatever patterns there are later, since names never
 * change: only more may come to be known. Safe for any thread; quick, and never throws.
 */
@FunctionalInterface
public interface NamePatterns {

  /** Where no pattern matters. */
  NamePatterns NONE = _ -> Known.NOTHING;

  /** What is known of a name. */
  Known of(RepositoryName repository);

  /**
   * What is known.
   *
   * @param patterns those that the name is as
   * @param among says which patterns it was compared with; empty: none
   */
  record Known(Set<String> patterns, String among) {

    public static final Known NOTHING = new Known(Set.of(), "");

    public Known {
      patterns = Set.copyOf(patterns);
    }
  }
}
