package io.berth.cli.tag;

import io.berth.cli.tag.ReferenceGraph.Edge;
import io.berth.cli.tag.ReferenceGraph.Node;
import io.berth.oci.Digest;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Map;

/** A graph in the language of Graphviz. Strangers' words are text in it and nothing else. For one thread. */
final class GraphDot {

  private final ReferenceGraph graph;
  private final Map<Digest, String> names;

  GraphDot(ReferenceGraph graph) {
    this.graph = graph;
    this.names = graph.names();
  }

  /** Prints it; {@code remark} is written below it, if there is one. */
  void print(PrintWriter out, String title, String remark) {
    out.println("digraph \"" + text(title) + "\" {");
    out.println("  node [shape=box, fontname=\"monospace\", fontsize=10];");
    out.println("  edge [fontname=\"monospace\", fontsize=9];");
    if (!remark.isEmpty()) {
      out.println("  label=\"" + text(remark) + "\";");
    }
    graph.nodes().values().forEach(node -> out.println("  \"" + node.digest() + "\" [label=\"" + label(node) + "\""
        + (node.digest().equals(graph.root()) ? ", penwidth=2" : "") + (node.present() ? "" : ", style=dashed") + "];"));
    for (Edge edge : graph.edges()) {
      out.println("  \"" + edge.from() + "\" -> \"" + edge.to() + "\" [label=\"" + text(edge.kind())
          + (edge.platform().isEmpty() ? "" : "\\n" + text(edge.platform())) + "\", tooltip=\"" + text(edge.pointer()) + "\""
          + (isAbsent(edge) ? ", style=dashed" : "") + "];");
    }
    out.println("}");
  }

  /** As what it points at: it is in the way of those alone that need it, so it is said of entries. */
  private boolean isAbsent(Edge edge) {
    Node target = graph.nodes().get(edge.to());
    return edge.kind().equals("child") && target != null && !target.present();
  }

  private String label(Node node) {
    var lines = new ArrayList<String>();
    lines.add(names.getOrDefault(node.digest(), node.digest().toString()));
    if (!node.type().isEmpty()) {
      lines.add(text(node.type()));
    }
    if (node.size() >= 0) {
      lines.add(node.amount());
    }
    if (!node.present()) {
      lines.add("absent");
    }
    node.tags().forEach(tag -> lines.add(text(tag)));
    return String.join("\\n", lines);
  }

  /** Inside quotes, where Graphviz knows escapes by backslash, and entities as HTML has them. */
  private static String text(String words) {
    return Lines.shown(words).replace("\\", "\\\\").replace("\"", "\\\"").replace("&", "&amp;");
  }
}
