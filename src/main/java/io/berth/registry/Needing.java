package io.berth.registry;

import io.berth.metadata.GraphReads.Incoming;
import io.berth.metadata.ReadTransaction;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.Referrer.Place;
import io.berth.oci.RepositoryName;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The manifests that need something, whether or not that is there, as far as a caller may read them: however many there are before them that he may not, up
 * to a limit of those that are looked at. No state.
 */
final class Needing {

  /** References to something that are looked at for who wants to know all, so that many of others cost no more than this. */
  static final int REFERENCES = 2_000;

  private static final int FIRST_PAGE = 16;
  private static final int PAGE = 100;

  private Needing() {}

  /**
   * The first of them, each once, in the order in which they were pushed.
   *
   * @param kinds how they need it
   * @param enough how many
   * @param references to it that are looked at
   * @param also what else must be true of them
   */
  static List<Digest> readable(ReadTransaction tx, Reach reach, RepositoryName repository, Digest content, Set<Edge.Kind> kinds, int enough,
      int references, Predicate<Digest> also) {
    var found = new LinkedHashSet<Digest>();
    Place after = Place.START;
    int size = FIRST_PAGE;
    for (int seen = 0; seen < references && !reach.isSpent();) {
      List<Incoming> page = tx.graph().incoming(repository, content, kinds, after, size);
      for (Digest manifest : page.stream().map(Incoming::manifest).distinct().toList()) {
        if (reach.shows(manifest) && also.test(manifest)) {
          found.add(manifest);
        }
        if (found.size() == enough) {
          return List.copyOf(found);
        }
      }
      if (page.size() < size) {
        break;
      }
      seen += page.size();
      after = Place.behind(page.getLast().place().manifest()); // it is known now, however often it names it
      size = PAGE;
    }
    return List.copyOf(found);
  }
}
