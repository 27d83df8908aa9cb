package io.berth.cli.account;

import io.berth.oci.Json;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a key is to be good for at most. */
final class CeilingOptions {

  @Option(names = "--allow", paramLabel = "ACTIONS=REPOSITORIES[:TAGS]", description = {
    "What the key is good for at most, as in pull,push=team/** or pull=team/app:v*; may be given several times.",
    "Default: all that its owner may do."}) private List<String> allowed = new ArrayList<>();

  /** Adds it to a request, if anything was said. */
  void addTo(ObjectNode body, AccountTarget target) {
    if (allowed.isEmpty()) {
      return;
    }
    ArrayNode ceiling = body.putArray("ceiling");
    for (String text : allowed) {
      int equals = text.indexOf('=');
      if (equals <= 0 || equals == text.length() - 1) {
        throw target.wrong("--allow " + text + ": expected ACTIONS=REPOSITORIES[:TAGS], as in pull,push=team/**");
      }
      String where = text.substring(equals + 1);
      int colon = where.indexOf(':');
      ObjectNode grant = Json.MAPPER.createObjectNode();
      grant.putArray("repositories").add(colon < 0 ? where : where.substring(0, colon));
      if (colon >= 0) {
        grant.putArray("tags").add(where.substring(colon + 1));
      }
      ArrayNode actions = grant.putArray("actions");
      List.of(text.substring(0, equals).split(",")).forEach(actions::add);
      ceiling.add(grant);
    }
  }
}
