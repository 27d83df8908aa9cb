package io.berth.registry;

import io.berth.metadata.GraphReads.Target;
import io.berth.metadata.ReadTransaction;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.Platform;
import io.berth.oci.RepositoryName;
import io.berth.policy.ManifestRules;
import io.berth.registry.Completeness.Absence;
import io.berth.registry.Completeness.Report;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Walks over manifests with all that they need, and finds what is missing. Each is looked at once however often it is met, a page at a time, and
 * so many of them at most; one of several pages counts for as many. For one transaction and one thread.
 */
final class Wholeness {

  private static final int PAGE = 500;
  private static final Set<Edge.Kind> NEEDED =
      Collections.unmodifiableSet(EnumSet.of(Edge.Kind.CONFIG, Edge.Kind.LAYER, Edge.Kind.CHILD));

  private final ReadTransaction tx;
  private final Reach reach;
  private final RepositoryName repository;
  private int left;

  Wholeness(ReadTransaction tx, Reach reach, RepositoryName repository, int manifests) {
    this.tx = tx;
    this.reach = reach;
    this.repository = repository;
    this.left = manifests;
  }

  /** Whether it is whole; {@code null} if that can't be found out any more. */
  @Nullable Boolean isWhole(Digest manifest) {
    var walk = new Walk(manifest);
    walk.go();
    return walk.torn.contains(manifest) ? Boolean.FALSE : walk.truncated ? null : Boolean.TRUE;
  }

  Report report(Descriptor root) {
    var walk = new Walk(root.digest());
    walk.go();
    boolean whole = walk.torn.isEmpty() && !walk.truncated;
    var present = new LinkedHashSet<String>();
    var absent = new LinkedHashSet<String>();
    for (Target entry : walk.entries) {
      Platform platform = entry.edge().target().platform();
      if (platform != null) {
        boolean isThere = Completeness.isThere(reach, entry) && !walk.torn.contains(entry.edge().target().digest());
        (isThere ? present : absent).add(platform.toString());
      }
    }
    present.removeAll(absent);
    return new Report(root.digest(), root.mediaType(), whole, walk.truncated || reach.isSpent(), List.copyOf(present), List.copyOf(absent),
        List.copyOf(walk.absences));
  }

  /** From one manifest downwards, and back up from what is missing. */
  private final class Walk {

    private final Digest root;
    private final Deque<Digest> next = new ArrayDeque<>();
    private final Set<Digest> met = new HashSet<>();
    private final Map<Digest, List<Digest>> above = new HashMap<>();
    private final Set<Digest> torn = new HashSet<>();
    private final List<Absence> absences = new ArrayList<>();
    private final Set<Digest> named = new HashSet<>();
    private final List<Target> entries = new ArrayList<>();
    private boolean truncated;

    Walk(Digest root) {
      this.root = root;
      met.add(root);
      next.add(root);
    }

    void go() {
      while (!next.isEmpty()) {
        if (left == 0) {
          truncated = true;
          break;
        }
        left--;
        look(next.remove());
      }
      Deque<Digest> up = new ArrayDeque<>(torn);
      while (!up.isEmpty()) {
        above.getOrDefault(up.remove(), List.of()).stream().filter(torn::add).forEach(up::add);
      }
    }

    private void look(Digest manifest) {
      List<Target> page = tx.graph().targets(repository, manifest, NEEDED, "", PAGE);
      while (!page.isEmpty()) {
        page.stream().filter(target -> ManifestRules.isNeeded(target.edge())).forEach(target -> look(manifest, target));
        if (page.size() == PAGE && left == 0) {
          truncated = true;
          return;
        }
        left -= page.size() == PAGE ? 1 : 0;
        page = page.size() < PAGE ? List.of() : tx.graph().targets(repository, manifest, NEEDED, page.getLast().edge().pointer(), PAGE);
      }
    }

    private void look(Digest manifest, Target target) {
      Digest digest = target.edge().target().digest();
      if (manifest.equals(root) && target.edge().kind() == Edge.Kind.CHILD) {
        entries.add(target);
      }
      if (!Completeness.isThere(reach, target)) {
        torn.add(manifest);
        if (absences.size() == Completeness.NAMED) {
          truncated |= !named.contains(digest);
        } else if (named.add(digest)) {
          absences.add(new Absence(manifest, target.edge()));
        }
      } else if (target.isManifest() && target.edge().kind() == Edge.Kind.CHILD) {
        above.computeIfAbsent(digest, _ -> new ArrayList<>()).add(manifest);
        if (met.add(digest)) {
          next.add(digest);
        }
      }
    }
  }
}
