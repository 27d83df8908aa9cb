package io.berth.registry;

import io.berth.metadata.GraphReads.Incoming;
import io.berth.metadata.MetadataStore;
import io.berth.metadata.ReadTransaction;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A walk over a manifest with all manifests that it needs and, if asked for, whatever points at any of these by {@code subject} or
 * {@code reference}, with what that needs. Each manifest comes once, and behind all that it needs. It asks as it goes, a page at a time, does
 * not recurse, and takes bounded memory. For one thread.
 */
final class Closure {

  /** Manifests of one walk. */
  static final int MANIFESTS = 100_000;

  /** What may wait at once; a manifest waits for each that needs it. */
  private static final int WAITING = 200_000;

  private static final int PAGE = 1_000;

  private final MetadataStore metadata;
  private final RepositoryName repository;
  private final boolean referrers;
  private final Set<Digest> entered = new HashSet<>();
  private final Deque<Digest> roots = new ArrayDeque<>();
  private final Deque<Frame> path = new ArrayDeque<>();
  private int waiting;

  /** A manifest, and what of its needs is still to be entered. */
  private record Frame(Digest manifest, Deque<Digest> left) {}

  Closure(MetadataStore metadata, RepositoryName repository, Digest root, boolean referrers) {
    this.metadata = metadata;
    this.repository = repository;
    this.referrers = referrers;
    roots.add(root);
    waiting = 1;
  }

  /**
   * The next manifest; {@code null} behind the last one.
   *
   * @throws RegistryException (413) if it is too much for one walk
   */
  @Nullable Digest next() {
    while (true) {
      Frame top = path.peek();
      Digest next = top == null ? roots.poll() : top.left.poll();
      if (next != null) {
        waiting--;
        enter(next);
      } else if (top == null) {
        return null;
      } else {
        path.pop();
        if (referrers) {
          findReferrers(top.manifest);
        }
        return top.manifest;
      }
    }
  }

  /** Whoever was entered before is done, or on the path, which only damaged data could bring about. */
  private void enter(Digest manifest) {
    if (entered.add(manifest)) {
      requireRoom(entered.size(), MANIFESTS);
      path.push(new Frame(manifest, needs(manifest)));
    }
  }

  private Deque<Digest> needs(Digest manifest) {
    var needs = new ArrayDeque<Digest>();
    String after = "";
    while (true) {
      String from = after;
      List<Edge> page = metadata.read(tx -> tx.graph().edges(repository, manifest, from, PAGE));
      List<Digest> found = metadata.read(tx -> page.stream().filter(edge -> mayBeManifest(edge.kind())).map(edge -> edge.target().digest())
          .distinct().filter(digest -> !entered.contains(digest) && tx.manifestSize(repository, digest).isPresent()).toList());
      needs.addAll(found);
      waiting += found.size();
      requireRoom(waiting, WAITING);
      if (page.size() < PAGE) {
        return needs;
      }
      after = page.getLast().pointer();
    }
  }

  private static boolean mayBeManifest(Edge.Kind kind) {
    return switch (kind) {
      case CHILD, MENTION -> true;
      case CONFIG, LAYER, SUBJECT, REFERENCE -> false;
    };
  }

  private void findReferrers(Digest manifest) {
    for (Edge.Kind kind : List.of(Edge.Kind.SUBJECT, Edge.Kind.REFERENCE)) {
      long after = 0;
      List<Incoming> page;
      do {
        long from = after;
        page = metadata.<List<Incoming>>read((ReadTransaction tx) -> tx.graph().incoming(repository, manifest, kind, from, PAGE));
        for (Incoming referrer : page) {
          if (referrer.position() != after && !entered.contains(referrer.manifest())) {
            roots.add(referrer.manifest());
            waiting++;
          }
          after = referrer.position();
        }
        requireRoom(waiting, WAITING);
      } while (page.size() == PAGE);
    }
  }

  private static void requireRoom(int wanted, int limit) {
    if (wanted > limit) {
      throw new RegistryException(413, ErrorCode.SIZE_INVALID,
          "more than " + MANIFESTS + " manifests belong to this one: copy it without its referrers, or in parts");
    }
  }
}
