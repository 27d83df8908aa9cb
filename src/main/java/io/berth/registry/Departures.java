package io.berth.registry;

import io.berth.metadata.DepartureReads.About;
import io.berth.metadata.DepartureReads.Departure;
import io.berth.metadata.DepartureReads.Due;
import io.berth.metadata.DepartureWrites;
import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.policy.ReferrerLife;
import io.berth.policy.ReferrerRules;
import io.berth.policy.TagTerms;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Referrers go after their subject, where the rules say so: the transaction that deletes a manifest writes down that it has departed, if something is
 * about it, and a grace later whatever was about it then goes, with what is about that, unless something holds it. Everything is looked at anew in the
 * transaction that removes it. A departure is looked at in parts, and a crash between two of them loses nothing.
 *
 * <p>Nothing goes that was pushed after its subject went, not even for the second time: who pushes it then means it to be there. So nothing goes
 * either whose subject never came. Safe for any thread.
 */
public final class Departures {

  private static final Logger LOG = LoggerFactory.getLogger(Departures.class);

  /** What one transaction looks at: in PostgreSQL it has the repository for itself. */
  private static final int BATCH = 50;

  private final MetadataStore metadata;
  private final ManifestCache cache;
  private final ReferrerRules rules;
  private final TagTerms terms;
  private final Leases leases;
  private final InstantSource clock;

  public Departures(MetadataStore metadata, ManifestCache cache, ReferrerRules rules, TagTerms terms, Leases leases, InstantSource clock) {
    this.metadata = metadata;
    this.cache = cache;
    this.rules = rules;
    this.terms = terms;
    this.leases = leases;
    this.clock = clock;
  }

  /** What holds a manifest whose subject has gone. */
  public enum Hold {
    /** A tag points at it. */
    TAGGED,
    /** An index lists it, or another manifest needs it. */
    NEEDED,
    /** A tag pointed at it, and can be put back. */
    HISTORY
  }

  /**
   * What was done.
   *
   * @param removed manifests that went
   * @param failed departures that could not be looked at, and will be again
   * @param more whether there is more to do at once
   */
  record Work(long removed, long failed, boolean more) {

    static final Work NONE = new Work(0, 0, false);

    Work and(Work later) {
      return new Work(removed + later.removed, failed + later.failed, more || later.more);
    }
  }

  /** What becomes of referrers there. */
  ReferrerLife life(RepositoryName repository) {
    return rules.in(repository);
  }

  /**
   * Takes note that a manifest is being deleted, in the transaction that does so.
   *
   * @return the grace after which something may go, too
   */
  Optional<Duration> begin(WriteTransaction tx, RepositoryName repository, Digest subject) {
    return switch (rules.in(repository)) {
      case ReferrerLife.Keep _ -> {
        tx.departures().end(repository, subject); // of an earlier deletion
        yield Optional.empty();
      }
      case ReferrerLife.WithSubject(Duration grace) ->
          tx.departures().add(repository, subject, clock.instant(), grace, 0) ? Optional.of(grace) : Optional.empty();
    };
  }

  /** Does some of what is due. */
  Work step(int limit) {
    Instant now = clock.instant();
    List<Due> due = metadata.read(tx -> tx.departures().due(now, limit));
    Work done = Work.NONE;
    int looked = 0;
    for (Due departed : due) {
      Part part;
      do {
        part = part(departed, now);
        looked += part.removed.size() + Math.toIntExact(part.held) + 1;
        done = done.and(new Work(part.removed.size(), part.failed ? 1 : 0, false));
      } while (part.more && looked < limit);
      if (looked >= limit) {
        return done.and(new Work(0, 0, true));
      }
    }
    return done.and(new Work(0, 0, due.size() == limit || done.removed > 0)); // what has gone may have been what others were about
  }

  /** What became of some of the referrers of a manifest. */
  private record Part(List<Digest> removed, long held, boolean failed, boolean more) {

    static final Part NOTHING = new Part(List.of(), 0, false, false);
    static final Part FAILED = new Part(List.of(), 0, true, false);
  }

  private Part part(Due due, Instant now) {
    try {
      Part part = cache.whileChangingAll(due.repository(), () -> metadata.write(tx -> review(tx, due.repository(), due.subject(), now)),
          done -> done.removed.forEach(digest -> cache.forget(due.repository(), digest)));
      if (!part.removed.isEmpty() || part.held > 0) {
        LOG.atInfo().addKeyValue("repository", due.repository()).addKeyValue("subject", due.subject())
            .addKeyValue("removed", part.removed.size()).addKeyValue("held", part.held)
            .log("removed {} manifests of repository {} whose subject {} was deleted; {} stay, since something holds them",
                part.removed.size(), due.repository(), due.subject(), part.held);
        part.removed.forEach(digest -> LOG.debug("removed {} of repository {}", digest, due.repository()));
      }
      return part;
    } catch (MetadataException e) {
      LOG.error("what is about the deleted manifest {} of repository {} could not be looked at", due.subject(), due.repository(), e);
      return Part.FAILED;
    }
  }

  /** The newest come first, so that an index goes before what it lists, which would be held by it. */
  private Part review(WriteTransaction tx, RepositoryName repository, Digest subject, Instant now) {
    DepartureWrites queue = tx.departures();
    Departure departure = queue.find(repository, subject).orElse(null);
    if (departure == null || departure.due().isAfter(now)) {
      return Part.NOTHING; // somebody was quicker
    }
    if (tx.manifestSize(repository, subject).isPresent() || !(rules.in(repository) instanceof ReferrerLife.WithSubject(Duration grace))) {
      queue.end(repository, subject);
      return Part.NOTHING;
    }
    List<About> page = queue.about(repository, subject, departure.before(), BATCH);
    List<Digest> removed = new ArrayList<>();
    Instant again = departure.again();
    long held = 0;
    for (About about : page) {
      if (about.departure() >= departure.number()) {
        continue;
      }
      Instant later = about.departure() >= departure.since() ? now.plus(grace) : null; // pushed meanwhile, to one that was about to go
      Hold hold = later == null ? hold(tx, repository, about.manifest(), Set.of(), now).orElse(null) : null;
      if (hold == Hold.HISTORY) {
        Instant left = tx.departures().untagged(repository, about.manifest()).orElse(now);
        later = (left.isBefore(now) ? left : now).plus(terms.window());
      }
      if (later == null && hold == null) {
        queue.add(repository, about.manifest(), now, Duration.ZERO, departure.since());
        tx.deleteManifest(repository, about.manifest(), leases.until());
        tx.presence().went(repository, about.manifest(), now);
        removed.add(about.manifest());
      } else if (later != null) {
        again = again == null || again.isBefore(later) ? later : again;
      }
      held += hold == null ? 0 : 1;
    }
    boolean more = page.size() == BATCH;
    proceed(queue, repository, subject, now, more ? page.getLast() : null, again);
    return new Part(List.copyOf(removed), held, false, more);
  }

  private static void proceed(DepartureWrites queue, RepositoryName repository, Digest subject, Instant now, @Nullable About last,
      @Nullable Instant again) {
    if (last != null) {
      queue.advance(repository, subject, last.id(), again);
    } else if (again != null) {
      queue.restart(repository, subject, now, again.isAfter(now) ? Duration.between(now, again) : Duration.ZERO);
    } else {
      queue.end(repository, subject);
    }
  }

  /**
   * What keeps a manifest there though its subject has gone.
   *
   * @param gone manifests that are as good as gone: to be needed by them does not count
   */
  Optional<Hold> hold(ReadTransaction tx, RepositoryName repository, Digest manifest, Set<Digest> gone, Instant now) {
    if (!gone.containsAll(tx.holders(repository, manifest, gone.size() + 1))) {
      return Optional.of(Hold.NEEDED);
    }
    if (tx.isTagged(repository, manifest)) {
      return Optional.of(Hold.TAGGED);
    }
    return tx.departures().untagged(repository, manifest).filter(at -> at.isAfter(now.minus(terms.window()))).map(_ -> Hold.HISTORY);
  }

  /** Has everything come later, since the clock was put forward by so much, or may have been put back. */
  void postpone(Duration by) {
    metadata.write(tx -> {
      tx.departures().postpone(clock.instant(), by);
      return by;
    });
  }
}
