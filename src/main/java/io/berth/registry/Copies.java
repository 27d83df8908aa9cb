package io.berth.registry;

import io.berth.metadata.GraphReads.Target;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.TagReads.TagState;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.ErrorCode;
import io.berth.oci.Manifest;
import io.berth.oci.RegistryException;
import io.berth.oci.RegistryException.Problem;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.policy.Action;
import io.berth.policy.ManifestRules;
import io.berth.registry.Tags.Change;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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

  private static final int PAGE = 1_000;

  private static final Set<Edge.Kind> NEEDED = Collections.unmodifiableSet(EnumSet.of(Edge.Kind.CONFIG, Edge.Kind.LAYER, Edge.Kind.CHILD));

  /** Manifests that one transaction looks at. */
  private static final int STEPS = 100;

  /** Manifests in memory from which on a walk is large, and how many large ones there are at once. */
  private static final int LARGE = 10_000;
  private static final int LARGE_ONES = 2;

  private final MetadataStore metadata;
  private final Tags tags;
  private final TagNews news;
  private final Leases leases;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final Pace pace;
  private final Semaphore large = new Semaphore(LARGE_ONES);

  /**
   * Copies.
   *
   * @param nanos a clock that nobody puts forward or back
   */
  public Copies(MetadataStore metadata, Tags tags, TagNews news, Leases leases,
      InstantSource clock, LongSupplier nanos, Pace pace) {
    this.metadata = metadata;
    this.tags = tags;
    this.news = news;
    this.leases = leases;
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
   */
  public record Copied(Digest digest, long manifests, long blobs, long bytes, boolean complete) {}

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
   * Copies, or goes on with it. Whether the origin does not exist or is not the caller's to read can't be told from the answer; the right is looked at first.
   *
   * @throws RegistryException {@code MANIFEST_UNKNOWN}; {@code MANIFEST_BLOB_UNKNOWN} if the origin lacks what the manifest needs, and the target, too;
   *     {@code SIZE_INVALID} (413); {@code TOOMANYREQUESTS} (503); {@code DENIED} (409 or 403) by a rule about a tag
   */
  public Copied copy(Caller caller, RepositoryName to, Order order, Memory memory) {
    if (!caller.access(order.from).mayEverywhere(Action.PULL)) {
      throw unknown(order.name);
    }
    Optional<Digest> root = metadata.read(tx -> (switch (order.name) {
      case Tag tag -> tx.tag(order.from, tag).map(TagState::target);
      case Digest digest -> Optional.of(digest);
    }).filter(digest -> tx.manifestSize(order.from, digest).isPresent()));
    return new Run(caller, to, order, root.orElseThrow(() -> unknown(order.name)), memory).run();
  }

  private static RegistryException unknown(TagOrDigest name) {
    return new RegistryException(ErrorCode.MANIFEST_UNKNOWN,
        "there is no such manifest in the repository 'from', or it is not yours to pull",
        name.toString());
  }

  /** What one manifest lacks in the target: itself, if {@code absent} or about to go, and blobs. */
  private record Lack(Digest manifest, long size, boolean absent, List<Digest> blobs) {}

  private record Linked(Digest blob, long size) {}

  private record Parsed(StoredManifest stored, Manifest manifest) {}

  /** One request. */
  private final class Run {

    private final Caller caller;
    private final RepositoryName from;
    private final RepositoryName to;
    private final Order order;
    private final Digest root;
    private final Memory memory;
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
    }

    Copied run() {
      var closure = new Closure(from, root, order.referrers);
      try {
        boolean over;
        do {
          over = metadata.<Boolean>read(tx -> gather(tx, closure));
          requireRoom(closure);
          boolean late = manifests + batch.size() >= pace.manifests || nanos.getAsLong() - end >= 0;
          flush();
          if (!over && late && manifests + blobs > 0) { // an order that is asked for again gets on
            return new Copied(root, manifests, blobs, bytes, false);
          }
        } while (!over);
      } finally {
        if (isLarge) {
          large.release();
        }
      }
      if (isTorn) {
        return new Copied(root, manifests, blobs, bytes, false);
      }
      if (order.tags.isEmpty()) {
        metadata.read(this::requireWhole);
      } else {
        tag();
      }
      return new Copied(root, manifests, blobs, bytes, true);
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
      OptionalLong size = tx.manifestSize(from, manifest);
      if (size.isEmpty()) {
        isTorn = true;
        return Optional.empty();
      }
      Instant until = clock.instant().plus(leases.grace().dividedBy(2));
      List<Digest> lacking = tx.graph().lacking(from, manifest, to, until);
      boolean absent = tx.manifestSize(to, manifest).isEmpty() || tx.departures().isLeaving(to, manifest);
      if (!absent) {
        requireFound(tx, manifest);
      }
      return absent || !lacking.isEmpty()
          ? Optional.of(new Lack(manifest, size.getAsLong(), absent, lacking))
          : Optional.empty();
    }

    /** What is there may lack something by now. That is copied with the rest if the origin has it, and it would be said that all is there if not. */
    private void requireFound(ReadTransaction tx, Digest manifest) {
      List<Problem> problems = missing(tx, manifest).stream().map(Edge::target).map(Descriptor::digest)
          .filter(target -> tx.blobSize(from, target).isEmpty() && tx.manifestSize(from, target).isEmpty()).distinct()
          .map(target -> new Problem(ErrorCode.MANIFEST_BLOB_UNKNOWN, "neither repository holds what " + manifest + " needs: push it first",
              target.toString()))
          .toList();
      if (!problems.isEmpty()) {
        throw new RegistryException(400, problems);
      }
    }

    /** Of what a manifest must have in the target, a page that it has not. */
    private List<Edge> missing(ReadTransaction tx, Digest manifest) {
      List<Target> page = tx.graph().targets(to, manifest, NEEDED, "", PAGE);
      while (!page.isEmpty()) {
        List<Edge> missing = page.stream().filter(target -> !target.isManifest() && !target.isBlob()).map(Target::edge)
            .filter(ManifestRules::mustExist).toList();
        if (!missing.isEmpty() || page.size() < PAGE) {
          return missing;
        }
        page = tx.graph().targets(to, manifest, NEEDED, page.getLast().edge().pointer(), PAGE);
      }
      return List.of();
    }

    private void flush() {
      List<Digest> links = batch.stream().flatMap(lack -> lack.blobs.stream()).distinct().toList();
      for (int i = 0; i < links.size(); i += LINKS) {
        link(links.subList(i, Math.min(links.size(), i + LINKS)));
      }
      List<Lack> absent = batch.stream().filter(Lack::absent).toList();
      try (Memory.Held _ = memory.take(absent.stream().mapToLong(Lack::size).sum())) {
        List<Parsed> found = absent.stream().flatMap(lack -> read(lack.manifest).stream()).toList();
        isTorn |= found.size() < absent.size();
        put(found);
      }
      batch.clear();
    }

    /** The origin holds them in the same transaction, so their bytes stay. */
    private void link(List<Digest> links) {
      Set<Digest> fresh = metadata.read(tx -> links.stream().filter(blob -> tx.blobSize(to, blob).isEmpty()).collect(Collectors.toSet()));
      List<Linked> done = metadata.write(tx -> {
        var linked = new ArrayList<Linked>();
        for (Digest blob : links) {
          tx.blobSize(from, blob).ifPresent(size -> {
            tx.linkBlob(to, blob, size, clock.instant(), leases.until());
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
      List<Parsed> done = metadata.write(tx -> all.stream().filter(one -> {
        if (tx.descriptor(to, one.stored.digest()).isPresent()) {
          tx.departures().spare(to, one.stored.digest());
          return false;
        }
        if (tx.isTagged(to, one.stored.digest())) {
          throw new RegistryException(409, ErrorCode.DENIED,
              "a tag of the repository points at bytes as a blob that are a manifest here: push it");
        }
        Manifests.requirePresent(tx, to, one.manifest);
        tx.putManifest(to, one.stored, one.manifest, clock.instant(), leases.until());
        return true;
      }).toList());
      manifests += done.size();
      bytes += done.stream().mapToLong(one -> one.stored.bytes().length).sum();
    }

    /** What the tags are to show must be there still. */
    private void tag() {
      news.of(to, order.tags, () -> Preparation.run(tags.source(to), preparation -> metadata.write(tx -> {
        Descriptor target = requireWhole(tx);
        return tags.move(tx, caller, to, order.tags.stream().distinct().map(tag -> Change.pushed(tag, target)).toList(), preparation);
      })));
    }

    private Descriptor requireWhole(ReadTransaction tx) {
      return tx.descriptor(to, root).filter(_ -> missing(tx, root).isEmpty()).orElseThrow(() -> new RegistryException(409,
          ErrorCode.DENIED, "some of it was removed again while it was copied: ask again"));
    }
  }
}
