package io.berth.cli.tag;

import io.berth.cli.tag.ReferenceGraph.Edge;
import io.berth.cli.tag.ReferenceGraph.Node;
import io.berth.oci.Digest;
import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * A graph as a tree for people: one line for each edge. What several point at has its own branch where the way to it is shortest, and is named
 * elsewhere; so it ends whatever the graph is, and is no deeper than the graph. For one thread.
 */
final class GraphTree {

  /** Levels that a registry may be asked for. */
  private static final int LEVELS = 100;

  /** As many as the registry tells of one node. */
  private static final int TAGS = 20;

  private static final List<String> KINDS = List.of("config", "layer", "child", "subject", "reference", "mention");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

  private final ReferenceGraph graph;
  private final Map<Digest, String> names;
  private final PrintWriter out;

  GraphTree(ReferenceGraph graph, PrintWriter out) {
    this.graph = graph;
    this.names = graph.names();
    this.out = out;
  }

  private record Branch(Iterator<Edge> left, String indent) {}

  /** Prints what the root is. */
  void root() {
    out.println(described(graph.root()));
  }

  /** Prints what the root points at, and what that points at, and so on. */
  void down() {
    section("points at", Edge::from, Edge::to,
        Comparator.comparingInt((Edge edge) -> Math.floorMod(KINDS.indexOf(edge.kind()), KINDS.size() + 1))
            .thenComparing(edge -> NUMBER.matcher(edge.pointer()).replaceAll(number -> "%9s".formatted(number.group()))));
  }

  /** Prints what points at the root, and what points at that, and so on. */
  void up() {
    section("is pointed at by", Edge::to, Edge::from, Comparator.comparingInt(_ -> 0));
  }

  private void section(String title, Function<Edge, Digest> near, Function<Edge, Digest> far, Comparator<Edge> order) {
    Map<Digest, List<Edge>> edges = new HashMap<>();
    graph.edges().stream().sorted(order).forEach(edge -> edges.computeIfAbsent(near.apply(edge), _ -> new ArrayList<>()).add(edge));
    if (!edges.containsKey(graph.root())) {
      return;
    }
    Map<Digest, Edge> homes = homes(edges, far);
    out.println(title);
    Set<Digest> printed = new HashSet<>(Set.of(graph.root()));
    Deque<Branch> branches = new ArrayDeque<>();
    branches.push(new Branch(edges.getOrDefault(graph.root(), List.of()).iterator(), ""));
    while (!branches.isEmpty()) {
      Branch branch = branches.peek();
      if (!branch.left.hasNext()) {
        branches.pop();
        continue;
      }
      Edge edge = branch.left.next();
      Digest digest = far.apply(edge);
      out.print(branch.indent + (branch.left.hasNext() ? "|-- " : "`-- ") + kind(edge) + " ");
      if (edge.equals(homes.get(digest))) {
        printed.add(digest);
        out.println(described(digest));
        branches.push(
            new Branch(edges.getOrDefault(digest, List.of()).iterator(), branch.indent + (branch.left.hasNext() ? "|   " : "    ")));
      } else {
        out.println(names.get(digest) + "  " + (printed.contains(digest) ? "(above)" : homes.containsKey(digest) ? "(below)" : "..."));
      }
    }
  }

  /** The edge under which each node has its branch: the first one on a shortest way from the root. */
  private Map<Digest, Edge> homes(Map<Digest, List<Edge>> edges, Function<Edge, Digest> far) {
    Map<Digest, Edge> homes = new HashMap<>();
    Deque<Digest> next = new ArrayDeque<>(List.of(graph.root()));
    for (int level = 0; level < LEVELS && !next.isEmpty(); level++) {
      for (int left = next.size(); left > 0; left--) {
        for (Edge edge : edges.getOrDefault(next.remove(), List.of())) {
          Digest digest = far.apply(edge);
          if (!digest.equals(graph.root()) && homes.putIfAbsent(digest, edge) == null) {
            next.add(digest);
          }
        }
      }
    }
    return homes;
  }

  /** A reference may stand anywhere, so it is said where; an entry is for a platform. */
  private static String kind(Edge edge) {
    boolean everywhere = edge.kind().equals("reference") || edge.kind().equals("mention");
    String where = everywhere ? edge.pointer() : edge.platform();
    return "%-9s".formatted(Lines.shown(edge.kind())) + (where.isEmpty() ? "" : " " + Lines.shown(where));
  }

  private String described(Digest digest) {
    Node node = graph.nodes().getOrDefault(digest, new Node(digest, "", -1, false, List.of()));
    var words = new ArrayList<String>();
    words.add(names.getOrDefault(digest, digest.toString()));
    if (!node.type().isEmpty()) {
      words.add(Lines.shown(node.type()));
    }
    if (node.size() >= 0) {
      words.add(node.amount());
    }
    if (!node.present()) {
      words.add("absent");
    }
    if (!node.tags().isEmpty()) {
      words
          .add("tagged " + String.join(", ", node.tags().stream().map(Lines::shown).toList()) + (node.tags().size() < TAGS ? "" : ", ..."));
    }
    return String.join("  ", words);
  }
}
