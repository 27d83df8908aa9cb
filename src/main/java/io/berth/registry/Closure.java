package io.berth.registry;

import io.berth.metadata.GraphReads.Incoming;
import io.berth.metadata.GraphReads.Target;
import io.berth.metadata.ReadTransaction;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.ErrorCode;
import io.berth.oci.Referrer.Place;
import io.berth.oci.RegistryException;
import io.berth.oci.RepositoryName;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A walk over a manifest with all manifests that it needs and, if asked for, whatever points at any of these by {@code subject} or
 * {@code reference}, with what that needs; also at what an index lists and the repository does not hold. Each manifest comes once, and behind all that it needs. It asks as it goes, a page at a time, does
 * not recurse, and takes bounded memory. For whoever may read some of the repository only, it goes along edges that reach, as far as he may read. For
 * one thread.
 */
final class Closure {

  /** Manifests of one walk. */
  static final int MANIFESTS = 100_000;

  /** What may wait at once; a manifest waits for each that needs it. */
  private static final int WAITING = 200_000;

  private static final int PAGE = 1_000;

  /** The kinds by which a manifest may need another one; an entry of an index may be a blob. */
  private static final Set<Edge.Kind> NEEDS = Collections.unmodifiableSet(EnumSet.of(Edge.Kind.CHILD, Edge.Kind.MENTION));
  private static final Set<Edge.Kind> ABOUT = Collections.unmodifiableSet(EnumSet.of(Edge.Kind.SUBJECT, Edge.Kind.REFERENCE));

  private final RepositoryName repository;
  private final boolean referrers;
  private final boolean whole;
  private final Set<Digest> entered = new HashSet<>();
  private final Deque<Digest> roots = new ArrayDeque<>();
  private final Set<Digest> absent = new HashSet<>();
  private final Deque<Digest> absentToAskFor = new ArrayDeque<>();
  private final Deque<Frame> path = new ArrayDeque<>();
  private int waiting;

  /** A manifest, and what of its needs is still to be entered. */
  private record Frame(Digest manifest, Deque<Digest> left) {}

  Closure(RepositoryName repository, Digest root, boolean referrers, boolean whole) {
    this.repository = repository;
    this.referrers = referrers;
    this.whole = whole;
    roots.add(root);
    waiting = 1;
  }

  /** How many manifests it has in memory, some of them perhaps several times. */
  int size() {
    return entered.size() + absent.size() + waiting;
  }

  /**
   * The next manifest; {@code null} behind the last one.
   *
   * @throws RegistryException (413) if it is too much for one walk
   */
  @Nullable Digest next(ReadTransaction tx) {
    while (true) {
      Frame top = path.peek();
      Digest next = top == null ? roots.poll() : top.left.poll();
      if (next != null) {
        waiting--;
        enter(tx, next);
      } else if (top == null) {
        Digest missing = absentToAskFor.poll();
        if (missing == null) {
          return null;
        }
        waiting--;
        findReferrers(tx, missing);
      } else {
        path.pop();
        if (referrers) {
          findReferrers(tx, top.manifest);
        }
        return top.manifest;
      }
    }
  }

  /** Whoever was entered before is done, or on the path, which only damaged data could bring about. */
  private void enter(ReadTransaction tx, Digest manifest) {
    if (entered.add(manifest)) {
      requireRoom(entered.size(), MANIFESTS);
      path.push(new Frame(manifest, needs(tx, manifest)));
    }
  }

  private Deque<Digest> needs(ReadTransaction tx, Digest manifest) {
    var needs = new ArrayDeque<Digest>();
    String after = "";
    while (true) {
      List<Target> page = tx.graph().targets(repository, manifest, NEEDS, after, PAGE);
      List<Digest> found = page.stream().filter(Target::isManifest).map(target -> target.edge().target().digest()).distinct()
          .filter(digest -> !entered.contains(digest) && (whole || tx.graph().reaches(repository, manifest, digest))).toList();
      needs.addAll(found);
      waiting += found.size();
      if (referrers && whole) {
        noteAbsent(page);
      }
      requireRoom(waiting, WAITING);
      if (page.size() < PAGE) {
        return needs;
      }
      after = page.getLast().edge().pointer();
    }
  }

  /** What points at something that is not there is for those only who may read everything: nothing leads others to it. */
  private void noteAbsent(List<Target> page) {
    for (Target target : page) {
      Edge edge = target.edge();
      if (edge.kind() == Edge.Kind.CHILD && !target.isManifest() && !target.isBlob() && absent.add(edge.target().digest())) {
        absentToAskFor.add(edge.target().digest());
        waiting++;
      }
    }
    requireRoom(absent.size(), MANIFESTS);
  }

  private void findReferrers(ReadTransaction tx, Digest manifest) {
    Place after = Place.START;
    List<Incoming> page;
    do {
      page = tx.graph().incoming(repository, manifest, ABOUT, after, PAGE);
      List<Digest> found = page.stream().map(Incoming::manifest).distinct()
          .filter(digest -> !entered.contains(digest) && (whole || tx.graph().isReached(repository, digest, manifest))).toList();
      roots.addAll(found);
      waiting += found.size();
      requireRoom(waiting, WAITING);
      after = page.isEmpty() ? after : page.getLast().place();
    } while (page.size() == PAGE);
  }

  private static void requireRoom(int wanted, int limit) {
    if (wanted > limit) {
      throw new RegistryException(413, ErrorCode.SIZE_INVALID,
          "more than " + MANIFESTS + " manifests belong to this one: copy it without its referrers, or in parts");
    }
  }
}
