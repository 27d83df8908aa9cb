package io.berth.http;

import io.berth.oci.Descriptor;
import io.berth.oci.Edge;
import io.berth.oci.Text;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** What manifests need and a repository does not hold, in words and as JSON. */
final class Absences {

  /** Things that a warning names. */
  private static final int NAMED = 10;

  private static final int PLATFORM_LENGTH = 60;

  private Absences() {}

  /** A warning that names some of them; none if there are none. */
  static List<String> warning(List<Edge> absent) {
    if (absent.isEmpty()) {
      return List.of();
    }
    String named = absent.stream().limit(NAMED).map(Edge::target).map(Absences::text).collect(Collectors.joining(", "));
    return List.of("this repository does not hold " + absent.size() + (absent.size() == 1 ? " thing" : " things") + " that this needs: "
        + named + (absent.size() > NAMED ? ", and " + (absent.size() - NAMED) + " more" : ""));
  }

  private static String text(Descriptor target) {
    return target.platform() == null ? target.digest().toString()
        : target.digest() + " for " + Text.visible(target.platform().toString(), PLATFORM_LENGTH);
  }

  /** A member {@code absent}. */
  static void addTo(ObjectNode body, List<Edge> absent) {
    var list = body.putArray("absent");
    for (Edge edge : absent) {
      ObjectNode one = list.addObject().put("digest", edge.target().digest().toString());
      platform(edge).ifPresent(platform -> one.put("platform", platform));
    }
  }

  private static Optional<String> platform(Edge edge) {
    return edge.target().platform() == null ? Optional.empty() : Optional.of(edge.target().platform().toString());
  }
}
