package io.berth.client;

import io.berth.client.RegistrySession.Ask;
import io.berth.oci.RepositoryName;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Asks a registry what a deletion would do. One that does not know such a question would take it for the deletion itself, so it is asked first
 * whether it does. For one thread.
 */
public final class DryRuns {

  private static final String EXTENSION = "urn:berth:extension:dry-run";

  private final RegistrySession session;

  /**
   * Questions to a registry that answers them.
   *
   * @throws RegistryFailure if it does not
   */
  public DryRuns(RegistrySession session) {
    this.session = session;
    if (!isKnown(session.send(Ask.get("/v2/_oci/ext/discover", "application/json")).json())) {
      throw new RegistryFailure(session.registry() + " does not know a dry run, and would delete: nothing was asked");
    }
  }

  /** Whether a list of extensions has it. */
  public static boolean isKnown(JsonNode extensions) {
    return extensions.path("extensions").valueStream().anyMatch(extension -> extension.path("url").asString("").equals(EXTENSION));
  }

  /**
   * What the deletion of a manifest would do.
   *
   * @param reference a tag or digest
   */
  public JsonNode manifest(RepositoryName repository, String reference) {
    return session.send(new Ask("DELETE", "/v2/" + repository + "/manifests/" + reference + "?dry-run", Map.of(), new byte[0])).json();
  }

  /** What the deletion of a tag would do. */
  public JsonNode tag(RepositoryName repository, String tag, Map<String, String> conditions) {
    return session.send(new Ask("DELETE", "/v2/" + repository + "/tags/" + tag + "?dry-run", conditions, new byte[0])).json();
  }
}
