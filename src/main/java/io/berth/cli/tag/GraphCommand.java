package io.berth.cli.tag;

import io.berth.client.RegistrySession;
import io.berth.client.RegistrySession.Ask;
import io.berth.oci.Reference;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code berth graph}: what a manifest points at and what points at it, as a tree, a picture or JSON. */
@Command(name = "graph", mixinStandardHelpOptions = true, description = {
  "Prints what a manifest or blob points at, and what points at it: signatures, attestations, indexes.",
  "'dot' is for Graphviz: berth graph ... --format dot | dot -Tsvg > graph.svg"})
public final class GraphCommand implements Callable<Integer> {

  private static final int MAX_DEPTH = 100;
  private static final String TRUNCATED =
      "There is more than the registry tells in one answer. Ask for less of it by --direction or --depth, or from elsewhere.";

  @Mixin private TagTarget target = new TagTarget();

  @Parameters(paramLabel = "[HOST/]REPOSITORY:TAG|@DIGEST") private String name = "";

  @Option(names = "--direction", paramLabel = "DIRECTION", defaultValue = "both",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.") private Direction direction = Direction.both;

  @Option(names = "--depth", paramLabel = "N", description = "Steps from the manifest, at most " + MAX_DEPTH
      + ". Default: what the registry thinks best.") private @Nullable Integer depth;

  @Option(names = "--format", paramLabel = "FORMAT", defaultValue = "tree",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.") private Format format = Format.tree;

  /** Where to look. */
  enum Direction {
    up, down, both
  }

  /** How the answer is printed. */
  enum Format {
    tree, json, dot
  }

  @Override
  public Integer call() {
    Reference reference = target.reference(name);
    if (reference.tag() == null && reference.digest() == null) {
      throw target.wrong(name + ": expected REPOSITORY:TAG or REPOSITORY@DIGEST");
    }
    if (depth != null && (depth < 0 || depth > MAX_DEPTH)) {
      throw target.wrong("--depth: expected 0 to " + MAX_DEPTH);
    }
    String content = reference.digest() == null ? String.valueOf(reference.tag()) : reference.digest().toString();
    String query = "?direction=" + direction.name() + (depth == null ? "" : "&depth=" + depth);
    JsonNode answer;
    try (RegistrySession session = target.session(reference)) {
      answer = ReferenceGraph
          .read(session.send(Ask.get("/v2/" + reference.repository() + "/_berth/graph/" + content + query, "application/json")).body());
    }
    print(reference, answer);
    target.out().flush();
    return 0;
  }

  private void print(Reference reference, JsonNode answer) {
    ReferenceGraph graph = ReferenceGraph.of(answer);
    switch (format) {
      case json -> target.print(answer);
      case dot -> new GraphDot(graph).print(target.out(), reference.toString(), graph.truncated() ? TRUNCATED : "");
      case tree -> {
        var tree = new GraphTree(graph, target.out());
        target.out().println(reference);
        tree.root();
        if (direction != Direction.up) {
          tree.down();
        }
        if (direction != Direction.down) {
          tree.up();
        }
        if (graph.truncated()) {
          target.out().println(TRUNCATED);
        }
      }
    }
  }
}
