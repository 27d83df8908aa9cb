package io.berth.registry;

import io.berth.metadata.GraphReads.Step;
import io.berth.metadata.ReadTransaction;
import io.berth.oci.Digest;
import io.berth.oci.PullCounts;
import io.berth.oci.PullDay;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.registry.Pulls.Claim;
import io.berth.registry.Pulls.Counted;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Of which tags pulls from one repository were. What was asked for by its tag is of that tag. What was asked for by its digest is of a tag that the client has named,
 * if he may pull that tag and it holds what was pulled: this is looked for many at a time, and for what is not found so by itself, within bounds. All else is a mere claim,
 * which counts for a tag only if there is such a tag, so that nobody can make up any. For one transaction and one thread.
 */
final class Attribution {

  /** Of an index: in more than these it is looked for by itself. */
  private static final int ENTRIES = 64;

  /** What is looked at to find one thing by itself. */
  private static final int LOOKS = 500;

  /** What claims of one round may cost to look for by themselves. */
  static final int SEARCHES = 200;

  private final ReadTransaction tx;
  private final RepositoryName repository;
  private final Map<PullDay.Place, PullDay> days = new HashMap<>();
  private final Map<Tag, Instant> last = new HashMap<>();
  private Map<Tag, Digest> targets = Map.of();
  private final Set<Way> ways = new HashSet<>();
  private int searches;

  /** That a tag holds something, directly or by what it points at. */
  private record Way(Tag tag, Digest content) {}

  /**
   * What is to be written down of a repository.
   *
   * @param last when tags were pulled
   * @param searches how many claims were looked for by themselves
   */
  record Result(RepositoryName repository, Collection<PullDay> days, Map<Tag, Instant> last, int searches) {

    int rows() {
      return days.size() + last.size();
    }
  }

  private Attribution(ReadTransaction tx, RepositoryName repository) {
    this.tx = tx;
    this.repository = repository;
  }

  /**
   * Attributes.
   *
   * @param searches how many claims may be looked for by themselves
   */
  static Result of(ReadTransaction tx, RepositoryName repository, List<Counted> pulls, int searches) {
    var attribution = new Attribution(tx, repository);
    attribution.find(pulls, searches);
    pulls.forEach(attribution::add);
    return new Result(repository, attribution.days.values(), attribution.last, attribution.searches);
  }

  private void find(List<Counted> pulls, int most) {
    targets = tx.graph().targets(repository, pulls.stream().flatMap(pull -> pull.about().claims().stream()).map(Claim::tag).toList());
    var wanted = new HashMap<Way, Step>();
    for (Counted pull : pulls) {
      for (Claim claim : pull.about().claims()) {
        Digest target = targets.get(claim.tag());
        if (target != null && claim.readable() && pull.about().name() instanceof Digest content) {
          wanted.put(new Way(claim.tag(), content), new Step(target, content));
        }
      }
    }
    Set<Step> found = tx.graph().reaching(repository, wanted.values(), ENTRIES);
    wanted.forEach((way, step) -> {
      if (step.manifest().equals(step.content()) || found.contains(step) || isFound(way, most)) {
        ways.add(way);
      }
    });
  }

  /** Referrers, what is deep below, and what a long index lists far behind. */
  private boolean isFound(Way way, int most) {
    return searches < most && searches++ >= 0 && Reach.ofTag(tx, repository, way.tag, LOOKS).isReached(way.content);
  }

  private void add(Counted pull) {
    switch (pull.about().name()) {
      case Tag tag -> {
        verified(pull, List.of(tag));
      }
      case Digest content -> {
        List<Claim> claims = pull.about().claims();
        var verified = new ArrayList<Tag>();
        for (Claim claim : claims) {
          if (ways.contains(new Way(claim.tag(), content)) && claim.readable()) {
            verified.add(claim.tag());
          } else if (targets.containsKey(claim.tag())) {
            count(new PullDay(pull.day(), claim.tag(), PullCounts.NONE, pull.counts(), PullCounts.NONE));
          }
        }
        if (!verified.isEmpty()) {
          verified(pull, verified);
        } else {
          count(claims.isEmpty() ? new PullDay(pull.day(), null, PullCounts.NONE, PullCounts.NONE, pull.counts())
              : new PullDay(pull.day(), null, PullCounts.NONE, pull.counts(), PullCounts.NONE));
        }
      }
    }
  }

  /** For each of the tags, and once for the repository. */
  private void verified(Counted pull, List<Tag> tags) {
    for (Tag tag : tags) {
      last.merge(tag, pull.last(), (a, b) -> a.isAfter(b) ? a : b);
      count(new PullDay(pull.day(), tag, pull.counts(), PullCounts.NONE, PullCounts.NONE));
    }
    count(new PullDay(pull.day(), null, pull.counts(), PullCounts.NONE, PullCounts.NONE));
  }

  private void count(PullDay day) {
    if (!day.isNothing()) {
      days.merge(day.place(), day, PullDay::plus);
    }
  }
}
