package io.berth.registry;

import io.berth.metadata.MetadataException;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction.DueLink;
import io.berth.metadata.ReadTransaction.HeldBlob;
import io.berth.metadata.ReadTransaction.Orphan;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.Backlog;
import io.berth.oci.Departing;
import io.berth.oci.Digest;
import io.berth.oci.RepositoryName;
import io.berth.storage.BlobStore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What nobody needs any more, and its way out. Manifests go after their subject ({@link Departures}). A link whose time is over stays if a manifest of its repository needs the blob, without a
 * time then, and goes otherwise. Bytes that no repository holds go when their own time is over: the blob is condemned in a transaction,
 * looked at again while its digest is taken from all pushes, its bytes are removed, and then it is forgotten. A crash between any two of
 * these leaves a state from which the next step goes on.
 *
 * <p>It reads queues, which the transactions fill that take something away; nothing that is merely stored costs anything. Safe for any
 * thread; one step is done at a time.
 */
public final class Garbage {

  private static final Logger LOG = LoggerFactory.getLogger(Garbage.class);

  /** What a step takes on of each queue. */
  private static final int STEP = 500;

  /** What one transaction does: in PostgreSQL it has the repository for itself. */
  private static final int BATCH = 50;

  /** When something is tried again that could not be removed. */
  private static final Duration RETRY = Duration.ofMinutes(10);

  private final MetadataStore metadata;
  private final BlobStore storage;
  private final Leases leases;
  private final DigestLocks digests;
  private final InstantSource clock;
  private final ClockWatch watch;
  private final Supplier<Departures> departures;
  private final ReentrantLock alone = new ReentrantLock();
  private volatile Work total = Work.NONE;

  /**
   * The way out.
   *
   * @param digests where the collector and pushes agree on who has a digest
   * @param nanos a clock that nobody puts forward or back
   * @param departures what manifests leave behind, by the rules of the moment
   */
  public Garbage(MetadataStore metadata, BlobStore storage, Leases leases, DigestLocks digests, InstantSource clock, LongSupplier nanos,
      Supplier<Departures> departures) {
    this.metadata = metadata;
    this.storage = storage;
    this.leases = leases;
    this.digests = digests;
    this.clock = clock;
    this.watch = new ClockWatch(metadata, clock, nanos, leases.grace(), "nothing is collected");
    this.departures = departures;
  }

  /**
   * What was done.
   *
   * @param referrers manifests that were removed since their subject had gone
   * @param kept links that stay, since a manifest needs the blob
   * @param expired links that were taken away
   * @param blobs how many blobs' bytes were removed
   * @param bytes how much that was
   * @param failed how much could not be done, and is tried again later
   * @param more whether there is more to do at once
   */
  public record Work(long referrers, long kept, long expired, long blobs, long bytes, long failed, boolean more) {

    /** Nothing at all. */
    public static final Work NONE = new Work(0, 0, 0, 0, 0, 0, false);

    /** Both. Whether there is more, the later one says. */
    public Work and(Work later) {
      return new Work(referrers + later.referrers, kept + later.kept, expired + later.expired, blobs + later.blobs, bytes + later.bytes,
          failed + later.failed,
          later.more);
    }
  }

  /** What waits. */
  public Backlog backlog() {
    return metadata.read(tx -> tx.backlog(clock.instant()));
  }

  /** What waits to go after its subject. */
  public Departing departing() {
    return metadata.read(tx -> tx.departures().waiting(clock.instant()));
  }

  /** How long nothing is collected, since the clock can't be gone by. */
  public Optional<Duration> rest() {
    alone.lock();
    try {
      return watch.rest();
    } finally {
      alone.unlock();
    }
  }

  /**
   * Says that there will be no further step for now: the next start sees how long ago that was.
   *
   * @throws MetadataException if it can't be written down
   */
  public void leave() {
    alone.lock();
    try {
      watch.leave();
    } finally {
      alone.unlock();
    }
  }

  /** How long what nobody needs is kept. */
  public Duration grace() {
    return leases.grace();
  }

  /** What was done since the start. */
  public Work total() {
    return total;
  }

  /**
   * Does some of what is due, never anything early.
   *
   * @throws MetadataException if the metadata store fails as a whole
   */
  public Work step() {
    alone.lock();
    try {
      Optional<Duration> rest = watch.look();
      watch.moved().ifPresent(forward -> {
        departures.get().postpone(forward);
        watch.allowFor();
      });
      if (rest.isPresent()) {
        return Work.NONE;
      }
      boolean morePushes = forgetPushes();
      Departures.Work gone = departures.get().step(STEP);
      Work manifests = new Work(gone.removed(), 0, 0, 0, 0, gone.failed(), gone.more());
      Work links = reviewLinks();
      Work blobs = collectBlobs();
      Work done = manifests.and(links).and(blobs);
      total = total.and(done);
      return new Work(done.referrers, done.kept, done.expired, done.blobs, done.bytes, done.failed,
          (manifests.more || links.more || blobs.more || morePushes) && done.failed == 0);
    } finally {
      alone.unlock();
    }
  }

  /** Who pushed what is forgotten when the lease that came with it would be over. Says whether there is more. */
  private boolean forgetPushes() {
    Instant now = clock.instant();
    return metadata.<Boolean>read(tx -> tx.own().isAnyOver(now)) && metadata.<Integer>write(tx -> tx.own().forget(now, STEP)) == STEP;
  }

  private Work reviewLinks() {
    Instant now = clock.instant();
    if (now.isBefore(leases.unrecordedUntil())) {
      return Work.NONE;
    }
    List<DueLink> due = metadata.read(tx -> tx.dueLinks(now, STEP));
    Map<RepositoryName, List<Digest>> byRepository = due.stream().collect(
        Collectors.groupingBy(DueLink::repository, LinkedHashMap::new, Collectors.mapping(DueLink::blob, Collectors.toList())));
    Work done = Work.NONE;
    for (var entry : byRepository.entrySet()) {
      for (List<Digest> some : batches(entry.getValue())) {
        done = done.and(review(entry.getKey(), some, now));
      }
    }
    return done.and(new Work(0, 0, 0, 0, 0, 0, due.size() == STEP));
  }

  private Work review(RepositoryName repository, List<Digest> blobs, Instant now) {
    try {
      return metadata.write(tx -> {
        Work done = Work.NONE;
        for (Digest blob : blobs) {
          done = done.and(review(tx, repository, blob, now));
        }
        return done;
      });
    } catch (MetadataException e) {
      LOG.error("{} links of repository {} could not be looked at", blobs.size(), repository, e);
      return new Work(0, 0, 0, 0, 0, blobs.size(), false);
    }
  }

  /** The question whether it is needed comes first: for that the repository must not change. */
  private Work review(WriteTransaction tx, RepositoryName repository, Digest blob, Instant now) {
    boolean isNeeded = tx.neededBy(repository, blob).isPresent() || tx.isTagged(repository, blob);
    Optional<HeldBlob> held = tx.heldBlob(repository, blob);
    Instant until = held.map(HeldBlob::until).orElse(null);
    if (until == null || until.isAfter(now)) {
      return Work.NONE; // somebody was quicker
    }
    if (isNeeded) {
      tx.endLease(repository, blob);
      return new Work(0, 1, 0, 0, 0, 0, false);
    }
    tx.unlinkBlob(repository, blob, now);
    return new Work(0, 0, 1, 0, 0, 0, false);
  }

  private Work collectBlobs() {
    Instant now = clock.instant();
    List<Orphan> due = metadata.read(tx -> tx.dueOrphans(now, STEP));
    Work done = Work.NONE;
    for (List<Orphan> some : batches(due)) {
      List<Orphan> condemned =
          metadata.write(tx -> some.stream().filter(orphan -> tx.condemnBlob(orphan.blob(), now, leases.until())).toList());
      for (Orphan orphan : condemned) {
        done = done.and(collect(orphan));
      }
    }
    return done.and(new Work(0, 0, 0, 0, 0, 0, due.size() == STEP));
  }

  private Work collect(Orphan orphan) {
    try {
      return remove(orphan.blob()) ? new Work(0, 0, 0, 1, orphan.size(), 0, false) : Work.NONE;
    } catch (IOException | MetadataException e) {
      LOG.error("blob {} could not be removed; that is tried again in {}", orphan.blob(), RETRY, e);
      metadata.write(tx -> {
        tx.postponeOrphan(orphan.blob(), clock.instant().plus(RETRY));
        return orphan;
      });
      return new Work(0, 0, 0, 0, 0, 1, false);
    }
  }

  /** With the digest for itself: no push is between its bytes and its link then, and a mount has the link of its origin. */
  private boolean remove(Digest blob) throws IOException {
    try (DigestLocks.Held _ = digests.own(blob)) {
      if (!metadata.<Boolean>read(tx -> tx.isCondemned(blob))) {
        return false;
      }
      storage.delete(blob);
      return metadata.write(tx -> tx.deleteBlob(blob));
    }
  }

  private static <T> List<List<T>> batches(List<T> all) {
    return IntStream.iterate(0, from -> from < all.size(), from -> from + BATCH)
        .mapToObj(from -> all.subList(from, Math.min(from + BATCH, all.size()))).toList();
  }
}
