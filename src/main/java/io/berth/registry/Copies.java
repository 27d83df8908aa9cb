package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.ReadTransaction.HeldBlob;
import io.berth.metadata.TagReads.TagState;
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
import io.berth.policy.AccessPolicy;
import io.berth.policy.Action;
import io.berth.policy.ManifestRules;
import io.berth.policy.Scope;
import io.berth.registry.Tags.Change;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
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

  private final MetadataStore metadata;
  private final Tags tags;
  private final TagNews news;
  private final AccessPolicy access;
  private final Leases leases;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final Pace pace;

  /**
   * Copies.
   *
   * @param nanos a clock that nobody puts forward or back
   */
  public Copies(MetadataStore metadata, Tags tags, TagNews news, AccessPolicy access, Leases leases,
      InstantSource clock, LongSupplier nanos, Pace pace) {
    this.metadata = metadata;
    this.tags = tags;
    this.news = news;
    this.access = access;
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
   * @throws RegistryException {@code MANIFEST_UNKNOWN}; {@code MANIFEST_BLOB_UNKNOWN} if the origin lacks what the manifest needs;
   *     {@code SIZE_INVALID} (413); {@code DENIED} (409 or 403) by a rule about a tag
   */
  public Copied copy(Caller caller, RepositoryName to, Order order, Memory memory) {
    if (!access.decide(caller.identity(), new Scope.Repository(order.from, Action.PULL)).allowed()) {
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

  /** What one manifest lacks in the target: itself, if {@code absent}, and blobs. */
  private record Lack(Digest manifest, long size, boolean absent, List<Digest> blobs) {}

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

    Run(Caller caller, RepositoryName to, Order order, Digest root, Memory memory) {
      this.caller = caller;
      this.from = order.from;
      this.to = to;
      this.order = order;
      this.root = root;
      this.memory = memory;
    }

    Copied run() {
      var closure = new Closure(metadata, from, root, order.referrers);
      for (Digest next = closure.next(); next != null; next = closure.next()) {
        lack(next).ifPresent(batch::add);
        boolean full = batch.size() == MANIFESTS || batch.stream().mapToLong(Lack::size).sum() > BYTES;
        boolean late = manifests + batch.size() >= pace.manifests || nanos.getAsLong() - end >= 0;
        if (full || late) {
          flush();
        }
        if (late && manifests + blobs > 0) { // an order that is asked for again gets on
          return new Copied(root, manifests, blobs, bytes, false);
        }
      }
      flush();
      if (!order.tags.isEmpty()) {
        tag();
      } else if (metadata.read(tx -> tx.manifestSize(to, root)).isEmpty()) {
        throw unknown(order.name); // it was removed from the origin meanwhile
      }
      return new Copied(root, manifests, blobs, bytes, true);
    }

    /** What has to be copied of a manifest; nothing if it is there, or is gone, and the walk had seen it just before. */
    private Optional<Lack> lack(Digest manifest) {
      return metadata.read(tx -> {
        OptionalLong size = tx.manifestSize(from, manifest);
        if (size.isEmpty()) {
          return Optional.empty();
        }
        Set<Digest> lacking = new LinkedHashSet<>();
        List<Edge> page = tx.graph().edges(from, manifest, "", PAGE);
        while (!page.isEmpty()) {
          page.stream().filter(edge -> isNeed(edge.kind())).map(edge -> edge.target().digest())
              .filter(blob -> !isHeld(tx, blob) && tx.blobSize(from, blob).isPresent()).forEach(lacking::add);
          page = tx.graph().edges(from, manifest, page.getLast().pointer(), PAGE);
        }
        boolean absent = tx.manifestSize(to, manifest).isEmpty();
        return absent || !lacking.isEmpty()
            ? Optional.of(new Lack(manifest, size.getAsLong(), absent, List.copyOf(lacking)))
            : Optional.empty();
      });
    }

    /** Whether the target holds it for long enough. */
    private boolean isHeld(ReadTransaction tx, Digest blob) {
      Optional<HeldBlob> held = tx.heldBlob(to, blob);
      Instant until = held.map(HeldBlob::until).orElse(null);
      return held.isPresent() && (until == null || until.isAfter(clock.instant().plus(leases.grace().dividedBy(2))));
    }

    private void flush() {
      List<Digest> links = batch.stream().flatMap(lack -> lack.blobs.stream()).distinct().toList();
      for (int i = 0; i < links.size(); i += LINKS) {
        link(links.subList(i, Math.min(links.size(), i + LINKS)));
      }
      List<Lack> absent = batch.stream().filter(Lack::absent).toList();
      try (Memory.Held _ = memory.take(absent.stream().mapToLong(Lack::size).sum())) {
        put(absent.stream().flatMap(lack -> read(lack.manifest).stream()).toList());
      }
      batch.clear();
    }

    /** The origin holds them in the same transaction, so their bytes stay. */
    private void link(List<Digest> links) {
      Set<Digest> fresh = metadata.read(tx -> links.stream().filter(blob -> tx.blobSize(to, blob).isEmpty()).collect(Collectors.toSet()));
      List<Long> sizes = metadata.write(tx -> {
        var linked = new ArrayList<Long>();
        for (Digest blob : links) {
          OptionalLong size = tx.blobSize(from, blob);
          size.ifPresent(known -> tx.linkBlob(to, blob, known, clock.instant(), leases.until()));
          if (size.isPresent() && fresh.contains(blob)) {
            linked.add(size.getAsLong());
          }
        }
        return linked;
      });
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
        Descriptor target = tx.descriptor(to, root).filter(_ -> isWhole(tx)).orElseThrow(() -> new RegistryException(409, ErrorCode.DENIED,
            "some of it was removed again while it was copied: ask again"));
        return tags.move(tx, caller, to, order.tags.stream().distinct().map(tag -> Change.pushed(tag, target)).toList(), preparation);
      })));
    }

    private boolean isWhole(ReadTransaction tx) {
      List<Edge> page = tx.graph().edges(to, root, "", PAGE);
      while (!page.isEmpty()) {
        for (Edge edge : page) {
          Digest target = edge.target().digest();
          if (ManifestRules.mustExist(edge) && tx.blobSize(to, target).isEmpty() && tx.manifestSize(to, target).isEmpty()) {
            return false;
          }
        }
        page = tx.graph().edges(to, root, page.getLast().pointer(), PAGE);
      }
      return true;
    }
  }

  private static boolean isNeed(Edge.Kind kind) {
    return switch (kind) {
      case CONFIG, LAYER, CHILD, MENTION -> true;
      case SUBJECT, REFERENCE -> false;
    };
  }
}
