package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.TagReads.TagState;
import io.berth.metadata.WriteTransaction;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.ErrorCode;
import io.berth.oci.Manifest;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.policy.Action;
import io.berth.policy.SparseRules;
import io.berth.policy.SparseTerms;
import io.berth.registry.Lacks.Lack;
import io.berth.registry.Tags.Change;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Copies of manifests from one repository to another, with all that they need and what points at them, without moving bytes. Many short
 * transactions: first the blobs are linked, with leases, then each manifest is put behind what it needs, and the tags come last of all. So a copy that is given up
 * leaves only what no tag shows, and one that is asked for again goes on where it was. Safe for any thread.
 */
public final class Copies {

  /** What one transaction links, or puts. */
  private static final int LINKS = 200;
  private static final int MANIFESTS = 20;
  private static final long BYTES = 1 << 20;

  /** Manifests that one transaction looks at. */
  private static final int STEPS = 100;

  /** Manifests in memory from which on a walk is large, and how many large ones there are at once. */
  private static final int LARGE = 10_000;
  private static final int LARGE_ONES = 2;

  private final MetadataStore metadata;
  private final Tags tags;
  private final TagNews news;
  private final Leases leases;
  private final SparseRules sparse;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final Pace pace;
  private final Semaphore large = new Semaphore(LARGE_ONES);

  /**
   * Copies.
   *
   * @param nanos a clock that nobody puts forward or back
   */
  public Copies(MetadataStore metadata, Tags tags, TagNews news, Leases leases, SparseRules sparse,
      InstantSource clock, LongSupplier nanos, Pace pace) {
    this.metadata = metadata;
    this.tags = tags;
    this.news = news;
    this.leases = leases;
    this.sparse = sparse;
    this.clock = clock;
    this.nanos = nanos;
    this.pace = pace;
  }

  /** What one request does, before it has to be asked again: about so many manifests, or a bit more than this time. */
  public record Pace(int manifests, Duration time) {

    public static final Pace OF_A_REQUEST = new Pace(2_000, Duration.ofSeconds(15));
  }

  /**
   * What is to be copied.
   *
   * @param tags what shall point at the copy
   * @param referrers whether what points at it comes along
   */
  public record Order(RepositoryName from, TagOrDigest name, List<Tag> tags, boolean referrers) {}

  /**
   * What was done: so many manifests and blobs were not there before, and have so many bytes.
   *
   * @param complete whether that was all; otherwise the same order goes on
   * @param absent some of what neither repository holds, as the rules allow
   */
  public record Copied(Digest digest, long manifests, long blobs, long bytes, boolean complete, List<Edge> absent) {}

  /** Where the memory comes from that manifests take. */
  public interface Memory {

    Held take(long bytes);

    /** Memory until this is closed. */
    interface Held extends AutoCloseable {
      @Override
      void close();
    }
  }

  /**
   * Copies, or goes on with it. From an origin of which the caller may read some, what he may read comes along; what he has pushed there himself
   * is copied when a tag shows it. Whether the origin does not exist or is not the caller's to read can't be told from the answer; the right is looked at first.
   *
   * @throws RegistryException {@code MANIFEST_UNKNOWN}; {@code MANIFEST_BLOB_UNKNOWN} if the origin lacks what the manifest needs, and the target, too;
   *     {@code SIZE_INVALID} (413); {@code TOOMANYREQUESTS} (503); {@code DENIED} (409 or 403) by a rule about a tag
   */
  public Copied copy(Caller caller, RepositoryName to, Order order, Memory memory) {
    if (!caller.access(order.from).may(Action.PULL)) {
      throw unknown(order.name);
    }
    order.tags.forEach(tag -> Tags.requireMayTry(caller, to, tag, false));
    Optional<Digest> root = metadata.read(tx -> {
      var reach = Reach.of(tx, caller, order.from);
      return (switch (order.name) {
        case Tag tag -> tx.tag(order.from, tag).filter(_ -> reach.shows(tag)).map(TagState::target);
        case Digest digest -> Optional.of(digest).filter(reach::isReached);
      }).filter(digest -> tx.manifestSize(order.from, digest).isPresent());
    });
    return new Run(caller, to, order, root.orElseThrow(() -> unknown(order.name)), memory).run();
  }

  private static RegistryException unknown(TagOrDigest name) {
    return new RegistryException(ErrorCode.MANIFEST_UNKNOWN,
        "there is no such manifest in the repository 'from', or it is not yours to pull",
        name.toString());
  }

  private record Linked(Digest blob, long size) {}

  private record Parsed(StoredManifest stored, Manifest manifest) {}

  /** What was not there before, and what all that was put lacks. */
  private record Written(List<Parsed> fresh, List<Edge> absent) {}

  /** One request. */
  private final class Run {

    private final Caller caller;
    private final RepositoryName from;
    private final RepositoryName to;
    private final Order order;
    private final Digest root;
    private final Memory memory;
    private final boolean toWhole;
    private final SparseTerms terms;
    private final Lacks lacks;
    private final long end = nanos.getAsLong() + pace.time.toNanos();
    private final List<Lack> batch = new ArrayList<>();
    private long manifests;
    private long blobs;
    private long bytes;
    private boolean isLarge;

    /** Something that was to be copied has gone from the origin meanwhile, so that others may be needed now, or it can't be said that all is there. */
    private boolean isTorn;

    Run(Caller caller, RepositoryName to, Order order, Digest root, Memory memory) {
      this.caller = caller;
      this.from = order.from;
      this.to = to;
      this.order = order;
      this.root = root;
      this.memory = memory;
      this.toWhole = caller.access(to).mayEverywhere(Action.PULL);
      this.terms = sparse.in(to);
      this.lacks = new Lacks(caller, from, to, terms, leases, clock);
    }

    Copied run() {
      var closure = new Closure(from, root, order.referrers, caller.access(from).mayEverywhere(Action.PULL));
      try {
        boolean over;
        do {
          over = metadata.<Boolean>read(tx -> gather(tx, closure));
          requireRoom(closure);
          boolean late = manifests + batch.size() >= pace.manifests || nanos.getAsLong() - end >= 0;
          flush();
          if (!over && late && manifests + blobs > 0) { // an order that is asked for again gets on
            return copied(false);
          }
        } while (!over);
      } finally {
        if (isLarge) {
          large.release();
        }
      }
      if (isTorn) {
        return copied(false);
      }
      if (order.tags.isEmpty()) {
        metadata.read(tx -> requireWhole(tx, Reach.of(tx, caller, to)));
      } else {
        tag();
      }
      return copied(true);
    }

    private Copied copied(boolean complete) {
      return new Copied(root, manifests, blobs, bytes, complete, lacks.accepted());
    }

    /** Goes on with the walk, for a while or until there is enough to be written. Says whether that was all. */
    private boolean gather(ReadTransaction tx, Closure closure) {
      for (int step = 0; step < STEPS; step++) {
        Digest next = closure.next(tx);
        if (next == null) {
          return true;
        }
        lack(tx, next).ifPresent(batch::add);
        if (batch.size() == MANIFESTS || manifests + batch.size() >= pace.manifests
            || batch.stream().mapToLong(Lack::size).sum() > BYTES) {
          return false;
        }
      }
      return false;
    }

    /** What a long walk has in memory is much, so not many do that at once. */
    private void requireRoom(Closure closure) {
      if (isLarge || closure.size() <= LARGE) {
        return;
      }
      isLarge = large.tryAcquire();
      if (!isLarge) {
        throw new RegistryException(503, ErrorCode.TOOMANYREQUESTS, "other large copies are under way: ask again in a moment");
      }
    }

    /** What has to be copied of a manifest; nothing if it is there, or has gone since the walk saw it. */
    private Optional<Lack> lack(ReadTransaction tx, Digest manifest) {
      isTorn |= tx.manifestSize(from, manifest).isEmpty();
      return lacks.of(tx, manifest);
    }

    private void flush() {
      List<Digest> links = batch.stream().flatMap(lack -> lack.blobs().stream()).distinct().toList();
      for (int i = 0; i < links.size(); i += LINKS) {
        link(links.subList(i, Math.min(links.size(), i + LINKS)));
      }
      List<Lack> absent = batch.stream().filter(Lack::absent).toList();
      try (Memory.Held _ = memory.take(absent.stream().mapToLong(Lack::size).sum())) {
        List<Parsed> found = absent.stream().flatMap(lack -> read(lack.manifest()).stream()).toList();
        isTorn |= found.size() < absent.size();
        put(found);
      }
      batch.clear();
    }

    /** The origin holds them in the same transaction, so their bytes stay. */
    private void link(List<Digest> links) {
      Set<Digest> fresh = metadata.read(tx -> {
        var reach = Reach.of(tx, caller, to);
        return links.stream().filter(blob -> tx.blobSize(to, blob).isEmpty() || !reach.shows(blob)).collect(Collectors.toSet());
      });
      List<Linked> done = metadata.write(tx -> {
        var linked = new ArrayList<Linked>();
        for (Digest blob : links) {
          tx.blobSize(from, blob).ifPresent(size -> {
            tx.linkBlob(to, blob, size, clock.instant(), leases.until());
            leases.own(tx, caller, to, blob);
            linked.add(new Linked(blob, size));
          });
        }
        return linked;
      });
      isTorn |= done.size() < links.size();
      List<Long> sizes = done.stream().filter(one -> fresh.contains(one.blob)).map(Linked::size).toList();
      blobs += sizes.size();
      bytes += sizes.stream().mapToLong(Long::longValue).sum();
    }

    private Optional<Parsed> read(Digest manifest) {
      return metadata.<Optional<StoredManifest>>read(tx -> tx.manifest(from, manifest))
          .map(stored -> new Parsed(stored, Manifest.parse(stored.mediaType(), stored.bytes())));
    }

    private void put(List<Parsed> all) {
      if (all.isEmpty()) {
        return;
      }
      Ways ways = Ways.find(metadata, caller, to,
          _ -> all.stream().flatMap(one -> Requirements.named(one.stored.digest(), one.manifest).stream()).toList());
      Written done = metadata.write(tx -> {
        var reach = Reach.again(tx, caller, to, ways);
        var absent = new ArrayList<Edge>();
        return new Written(all.stream().filter(one -> put(tx, reach, one, absent)).toList(), absent);
      });
      lacks.accept(done.absent);
      manifests += done.fresh.size();
      bytes += done.fresh.stream().mapToLong(one -> one.stored.bytes().length).sum();
    }

    /** Says whether it was not there before, to the caller's eyes. */
    private boolean put(WriteTransaction tx, Reach reach, Parsed one, List<Edge> absent) {
      Digest digest = one.stored.digest();
      Optional<Descriptor> there = tx.descriptor(to, digest);
      if (toWhole && there.isPresent()) {
        tx.departures().spare(to, digest);
        return false;
      }
      if (there.isPresent() ? !there.get().mediaType().equals(one.stored.mediaType()) : tx.isTagged(to, digest)) {
        throw new RegistryException(409, ErrorCode.DENIED, "the repository knows the same bytes as something else: push it");
      }
      boolean fresh = there.isEmpty() || !reach.shows(digest);
      absent.addAll(Requirements.require(tx, reach, to, terms, digest, one.manifest));
      tx.putManifest(to, one.stored, one.manifest, Manifests.withheld(reach, one.manifest), clock.instant(), leases.until());
      leases.own(tx, caller, to, digest);
      return fresh;
    }

    /** What the tags are to show must be there still. */
    private void tag() {
      Ways ways = Ways.find(metadata, caller, to, _ -> Set.of(root));
      news.of(to, order.tags, () -> Preparation.run(tags.source(to), preparation -> metadata.write(tx -> {
        Descriptor target = requireWhole(tx, Reach.again(tx, caller, to, ways));
        return tags.move(tx, caller, to, order.tags.stream().distinct().map(tag -> Change.pushed(tag, target)).toList(), preparation);
      })));
    }

    private Descriptor requireWhole(ReadTransaction tx, Reach reach) {
      return tx.descriptor(to, root).filter(_ -> lacks.missing(tx, root).required().isEmpty() && reach.shows(root))
          .orElseThrow(() -> new RegistryException(409,
              ErrorCode.DENIED, "some of it was removed again while it was copied: ask again"));
    }
  }
}
