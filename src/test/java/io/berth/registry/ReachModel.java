package io.berth.registry;

import static io.berth.registry.House.APP;

import io.berth.oci.Digest;
import io.berth.oci.Edge;
import io.berth.oci.Manifest;
import io.berth.oci.Tag;
import io.berth.policy.Access;
import io.berth.policy.Action;
import io.berth.policy.ManifestRules;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What should be in a repository, and who should see what of it: said as plainly as can be, and found without any index. */
final class ReachModel {

  /** An edge as whoever pushed the manifest left it. */
  record Sown(Digest target, boolean reaches, Edge.Kind kind) {}

  final Set<Digest> blobs = new HashSet<>();
  final Map<Digest, Map<String, Sown>> manifests = new HashMap<>();
  final Map<Tag, Digest> tags = new TreeMap<>();
  final Map<String, Set<Digest>> own = new HashMap<>();

  /** From all tags, along all edges, until nothing is added. */
  Set<Digest> reached(Access access) {
    var reached = new HashSet<Digest>();
    tags.forEach((tag, target) -> {
      if (access.may(Action.PULL, tag)) {
        reached.add(target);
      }
    });
    for (int before = -1; before != reached.size();) {
      before = reached.size();
      manifests.forEach((manifest, edges) -> edges.values().stream().filter(Sown::reaches).forEach(edge -> {
        if (!isAbout(edge.kind) && reached.contains(manifest)) {
          reached.add(edge.target);
        } else if (isAbout(edge.kind) && reached.contains(edge.target) && manifests.containsKey(edge.target)) {
          reached.add(manifest);
        }
      }));
    }
    return reached;
  }

  boolean reads(Caller caller, Digest content) {
    Access access = caller.access(APP);
    return access.mayEverywhere(Action.PULL) || owns(caller, content) || reached(access).contains(content);
  }

  private boolean owns(Caller caller, Digest content) {
    return caller.access(APP).may(Action.PUSH) && own.getOrDefault(caller.identity().name(), Set.of()).contains(content);
  }

  void push(Caller caller, Digest content) {
    if (!caller.access(APP).mayEverywhere(Action.PULL)) {
      own.computeIfAbsent(caller.identity().name(), _ -> new HashSet<>()).add(content);
    }
  }

  boolean has(Digest content) {
    return blobs.contains(content) || manifests.containsKey(content);
  }

  /** Whether a manifest is accepted: all that it needs is there for whoever pushes it, and nobody loses what he reads because of it. */
  boolean accepts(Caller caller, Digest digest, Manifest manifest) {
    return manifest.edges().stream().filter(ManifestRules::isNeeded)
        .allMatch(edge -> has(edge.target().digest()) && reads(caller, edge.target().digest()))
        && manifests.getOrDefault(digest, Map.of()).values().stream().filter(Sown::reaches).filter(edge -> !isAbout(edge.kind))
            .allMatch(edge -> !has(edge.target) || reads(caller, edge.target));
  }

  private static boolean isAbout(Edge.Kind kind) {
    return kind == Edge.Kind.SUBJECT || kind == Edge.Kind.REFERENCE;
  }

  void put(Caller caller, Digest digest, Manifest manifest) {
    Map<String, Sown> before = manifests.getOrDefault(digest, Map.of());
    var edges = new LinkedHashMap<String, Sown>();
    for (Edge edge : manifest.edges()) {
      Sown old = before.get(edge.pointer());
      boolean reaches = reads(caller, edge.target().digest()) || isAbout(edge.kind()) && old != null && old.reaches;
      edges.put(edge.pointer(), new Sown(edge.target().digest(), reaches, edge.kind()));
    }
    manifests.put(digest, edges);
    push(caller, digest);
  }
}
