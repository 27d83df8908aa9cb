package io.berth.registry;

import io.berth.metadata.ReadTransaction;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.Limits;
import io.berth.oci.Manifest;
import io.berth.oci.Referrer;
import io.berth.oci.ReferrerFilter;
import io.berth.oci.RepositoryName;
import io.berth.oci.StoredManifest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The content of small manifests of a list and, if wanted, which of their layers go along. It is read for some entries at a time, so that a list of
 * many takes few questions, and no more than a megabyte is read in vain. For one thread, inside one transaction.
 */
final class Enclosures {

  private static final int ENTRIES = 32;
  private static final long BYTES = 1 << 20;

  private final ReadTransaction tx;
  private final Reach reach;
  private final RepositoryName repository;
  private final ReferrerFilter filter;
  private final boolean blobs;
  private final Map<Digest, byte[]> manifests = new HashMap<>();
  private final Map<Digest, List<Descriptor>> layers = new HashMap<>();
  private Map<Digest, Long> held = Map.of();

  /** For the entries that the filter wants. */
  Enclosures(ReadTransaction tx, Reach reach, RepositoryName repository, ReferrerFilter filter, boolean blobs) {
    this.tx = tx;
    this.reach = reach;
    this.repository = repository;
    this.filter = filter;
    this.blobs = blobs;
  }

  /** Whether the content of an entry goes along. */
  static boolean isSmall(Referrer referrer) {
    return referrer.descriptor().size() <= Limits.INLINE_BYTES;
  }

  /** The content of the first of these entries, which is small and wanted; the others are those that come next. */
  byte[] manifest(List<Referrer> entries) {
    Digest first = entries.getFirst().descriptor().digest();
    if (!manifests.containsKey(first)) {
      read(entries);
    }
    byte[] bytes = manifests.get(first);
    if (bytes == null) {
      throw new IllegalStateException("a manifest is listed and not there: " + first);
    }
    return bytes;
  }

  private void read(List<Referrer> entries) {
    Set<Digest> wanted = new LinkedHashSet<>();
    long bytes = 0;
    for (Referrer entry : entries) {
      if (!isSmall(entry) || !filter.wants(entry)) {
        continue;
      }
      bytes += entry.descriptor().size();
      if (wanted.size() == ENTRIES || bytes > BYTES) {
        break;
      }
      wanted.add(entry.descriptor().digest());
    }
    manifests.clear();
    layers.clear();
    for (StoredManifest stored : tx.graph().manifests(repository, wanted)) {
      manifests.put(stored.digest(), stored.bytes());
      if (blobs) {
        layers.put(stored.digest(), small(stored));
      }
    }
    held = tx.graph().blobSizes(repository,
        layers.values().stream().flatMap(List::stream).map(Descriptor::digest).collect(Collectors.toSet()));
  }

  /** The first small layers of a manifest, each once. */
  private static List<Descriptor> small(StoredManifest stored) {
    var small = new LinkedHashMap<Digest, Descriptor>();
    for (Edge edge : Manifest.parse(stored.mediaType(), stored.bytes()).edges()) {
      Descriptor layer = edge.target();
      if (edge.kind() == Edge.Kind.LAYER && layer.size() <= Limits.INLINE_BYTES && small.size() < Limits.INLINE_BLOBS) {
        small.putIfAbsent(layer.digest(), layer);
      }
    }
    return List.copyOf(small.values());
  }

  /** The layers of a manifest that go along with it, that the repository holds and the caller may read, without those that are there already. */
  List<Descriptor> layers(Digest manifest, Set<Digest> already) {
    var own = new ArrayList<Descriptor>();
    long sum = 0;
    for (Descriptor layer : layers.getOrDefault(manifest, List.of())) {
      if (already.contains(layer.digest()) || held.getOrDefault(layer.digest(), -1L) != layer.size() || !reach.shows(layer.digest())) {
        continue;
      }
      sum += layer.size();
      if (sum > Limits.INLINE_BLOBS_BYTES) {
        break;
      }
      own.add(layer);
    }
    return own;
  }
}
