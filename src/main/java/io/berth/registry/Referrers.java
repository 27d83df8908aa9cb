package io.berth.registry;

import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.metadata.TagReads.TagState;
import io.berth.oci.BlobContent;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ErrorCode;
import io.berth.oci.Referrer;
import io.berth.oci.Referrer.Place;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import io.berth.oci.TagOrDigest;
import io.berth.policy.Action;
import io.berth.storage.BlobStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What points at a manifest: by its {@code subject} (distribution specification, "Listing Referrers", end-12), and by {@code reference} or as an
 * index. Safe for any thread.
 */
public final class Referrers {

  private static final int FIRST_BATCH = 16;

  /** Entries that are looked at for one page where no index leads to those that are wanted. */
  private static final int LOOKS = 1_000;

  /** What a descriptor costs in a list besides annotations and data; an overestimate. */
  private static final int DESCRIPTOR_BYTES = 700;

  private final MetadataStore metadata;
  private final BlobStore storage;

  public Referrers(MetadataStore metadata, BlobStore storage) {
    this.metadata = metadata;
    this.storage = storage;
  }

  /** What a list has beside descriptors. */
  public enum Data {
    /** Nothing. */
    NONE,
    /** The bytes of the manifests that it lists, as far as they are small. */
    MANIFESTS,
    /** And of their layers. */
    BLOBS
  }

  /**
   * A page to ask for.
   *
   * @param after the place to begin behind
   * @param limit entries at most
   * @param maxBytes the bytes that the page may have as JSON; one entry is given even if it alone is larger
   */
  public record Asked(ReferrerFilter filter, Data data, Place after, int limit, long maxBytes) {}

  /** Content that goes with a list. */
  public record Inline(Descriptor descriptor, byte[] bytes) {}

  /**
   * Some referrers, in order.
   *
   * @param manifests the bytes of some of them
   * @param blobs layers of some of them, each once
   * @param next the place behind which others may follow; {@code null} if none do
   */
  public record Page(List<Referrer> referrers, Map<Digest, byte[]> manifests, List<Inline> blobs, @Nullable Place next) {}

  /**
   * What a name stands for, whether or not there is such content.
   *
   * @throws RegistryException {@code MANIFEST_UNKNOWN} for a tag that is not there
   */
  public Digest target(Caller caller, RepositoryName repository, TagOrDigest name) {
    return switch (name) {
      case Digest digest -> digest;
      case Tag tag ->
          metadata.<Optional<TagState>>read(tx -> tx.tag(repository, tag)).filter(_ -> caller.access(repository).may(Action.PULL, tag))
              .map(TagState::target)
              .orElseThrow(() -> new RegistryException(ErrorCode.MANIFEST_UNKNOWN, "this repository has no such tag", tag.value()));
    };
  }

  /**
   * A page of what points at a digest, as far as the caller may read it; nothing points at what he can't read. Nothing is read that does not go
   * into it, but for one small batch (annotations may be as large as manifests), a megabyte of content, and what a filter without an index or the
   * caller's rights leave out: then the page may be short, or empty, though others follow.
   */
  public Page list(Caller caller, RepositoryName repository, Digest target, Asked asked) {
    Draft draft = metadata.read(tx -> {
      var drawn = new Draft(tx, Reach.of(tx, caller, repository), repository, asked);
      if (drawn.reach.shows(target)) {
        drawn.fill(target);
      }
      return drawn;
    });
    var blobs = new ArrayList<Inline>();
    draft.layers.values().forEach(layer -> read(layer).ifPresent(bytes -> blobs.add(new Inline(layer, bytes))));
    return new Page(draft.entries, draft.manifests, blobs, draft.next);
  }

  /** The bytes of a blob that was there a moment ago. */
  private Optional<byte[]> read(Descriptor blob) {
    try (BlobContent content = storage.open(blob.digest()).orElse(null)) {
      if (content == null || content.size() != blob.size()) {
        return Optional.empty();
      }
      var bytes = ByteBuffer.allocate((int) content.size());
      while (bytes.hasRemaining() && content.read(bytes, bytes.position()) >= 0) {
        // until it is whole
      }
      return bytes.hasRemaining() ? Optional.empty() : Optional.of(bytes.array());
    } catch (IOException e) {
      throw new StorageException("a blob can't be read", e);
    }
  }

  /** A page as it grows, inside one transaction. */
  private static final class Draft {

    private final ReadTransaction tx;
    private final Reach reach;
    private final RepositoryName repository;
    private final Asked asked;
    private final Enclosures enclosures;
    private final List<Referrer> entries = new ArrayList<>();
    private final Map<Digest, byte[]> manifests = new LinkedHashMap<>();
    private final Map<Digest, Descriptor> layers = new LinkedHashMap<>();
    private @Nullable Place next;
    private long bytes;
    private long lookedBytes;
    private int looked;

    Draft(ReadTransaction tx, Reach reach, RepositoryName repository, Asked asked) {
      this.tx = tx;
      this.reach = reach;
      this.repository = repository;
      this.asked = asked;
      this.enclosures = new Enclosures(tx, reach, repository, asked.filter, asked.data == Data.BLOBS);
    }

    void fill(Digest target) {
      Place place = asked.after;
      int batch = Math.min(asked.limit + 1, FIRST_BATCH);
      boolean sieves = asked.filter.looks() || !reach.isWhole();
      while (true) {
        List<Referrer> found = tx.referrers(repository, target, asked.filter, place, batch);
        for (int i = 0; i < found.size(); i++) {
          Referrer referrer = found.get(i);
          boolean wanted = asked.filter.wants(referrer) && reach.shows(referrer.descriptor().digest());
          if (wanted && !add(found.subList(i, found.size()))) {
            next = place;
            return;
          }
          place = wanted || reach.isWhole() ? referrer.place() : Place.behind(referrer.place().manifest());
          looked++;
          lookedBytes += cost(referrer);
        }
        if (found.size() < batch) {
          return;
        }
        if (sieves && (looked >= LOOKS || lookedBytes > asked.maxBytes || reach.isSpent())) {
          next = place;
          return;
        }
        int wanted = sieves ? LOOKS - looked : asked.limit + 1 - entries.size();
        batch = (int) Math.max(1, Math.min(wanted, (asked.maxBytes - bytes) * looked / lookedBytes + 1));
      }
    }

    private static long cost(Referrer referrer) {
      return DESCRIPTOR_BYTES + referrer.annotations().length() * 3L;
    }

    private static long base64(long bytes) {
      return (bytes + 2) / 3 * 4;
    }

    /** Adds the first of these with what goes with it, unless the page has no room for that. */
    private boolean add(List<Referrer> left) {
      Referrer referrer = left.getFirst();
      Descriptor descriptor = referrer.descriptor();
      if (entries.size() == asked.limit) {
        return false;
      }
      long cost = cost(referrer);
      byte[] manifest = null;
      List<Descriptor> own = List.of();
      if (asked.data != Data.NONE && Enclosures.isSmall(referrer)) {
        cost += base64(descriptor.size());
        if (bytes + cost > asked.maxBytes && !entries.isEmpty()) {
          return false;
        }
        manifest = enclosures.manifest(left);
        own = enclosures.layers(descriptor.digest(), layers.keySet());
        cost += own.stream().mapToLong(layer -> DESCRIPTOR_BYTES + base64(layer.size())).sum();
      }
      if (bytes + cost > asked.maxBytes && !entries.isEmpty()) {
        return false;
      }
      bytes += cost;
      entries.add(referrer);
      if (manifest != null) {
        manifests.put(descriptor.digest(), manifest);
      }
      own.forEach(layer -> layers.put(layer.digest(), layer));
      return true;
    }
  }
}
