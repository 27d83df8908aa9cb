package io.berth.http;

import io.berth.oci.Json;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Tells which extensions there are, and where: those that are off are left out. Safe for any thread. */
final class ExtensionCalls {

  private final boolean accounts;
  private final boolean logins;

  /**
   * The answers of one configuration.
   *
   * @param accounts whether this registry keeps accounts
   * @param logins whether people log in with a browser
   */
  ExtensionCalls(boolean accounts, boolean logins) {
    this.accounts = accounts;
    this.logins = logins;
  }

  /** The extensions that this registry has beyond the specification (distribution specification, "Extensions"). */
  Reply discover(Call.Discover call) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    ArrayNode all = body.putArray("extensions");
    String path = "/v2/" + (call.repository() == null ? "<name>" : call.repository().value());
    add(all, "_berth", "urn:berth:extension:repository",
        "DELETE repository removes it with all that it holds, GET usage tells how much that is",
        path + "/_berth/repository", path + "/_berth/usage");
    add(all, "_berth", "urn:berth:extension:tags", "tags as objects, with descriptions, signatures, conditions, batches and events",
        path + "/tags/", path + "/tags/<tag>");
    add(all, "_berth", "urn:berth:extension:references", "GET lists what points at a manifest: by subject, by reference, as an index",
        path + "/manifests/<reference>/references");
    add(all, "_oci", "https://github.com/opencontainers/distribution-spec/pull/606",
        "GET tells what became of a tag, newest first (a draft)",
        path + "/_oci/tag-history/<tag>");
    add(all, "_berth", "urn:berth:extension:references",
        "POST copy takes over a manifest of another repository with all that belongs to it, GET graph/ tells what points at what",
        path + "/_berth/copy", path + "/_berth/graph/<tag-or-digest>");
    add(all, "_berth", "urn:berth:extension:statistics", "GET tells what was pulled, by day and tag", path + "/_berth/stats");
    add(all, "_berth", "urn:berth:extension:completeness",
        "GET tells what of a manifest is missing here, and what came and went of such, also as events",
        path + "/_berth/completeness/<tag-or-digest>", path + "/_berth/completeness");
    add(all, "_berth", "urn:berth:extension:dry-run", "DELETE with ?dry-run tells what would go, and changes nothing",
        path + "/manifests/<reference>?dry-run", path + "/tags/<tag>?dry-run", path + "/_berth/repository?dry-run");
    if (call.repository() == null) {
      add(all, "_berth", "urn:berth:extension:completeness", "GET lists repositories with what of them is missing here",
          "/v2/_catalog?completeness=true");
      add(all, "_berth", "urn:berth:extension:registry", "GET gc tells what nobody needs any more, POST frees some of it", "/v2/_berth/gc");
      add(all, "_berth", "urn:berth:extension:keys", "GET the public keys with which this registry signs lists of tags", "/v2/_berth/keys");
      people(all);
    }
    return JsonReply.of(200, new Headers(), body);
  }

  private void people(ArrayNode all) {
    if (accounts) {
      add(all, "_berth", "urn:berth:extension:accounts",
          "users and robots, what ends their keys and tokens, one's own password, the first administrator",
          "/v2/_berth/users", "/v2/_berth/users/<login>", "/v2/_berth/robots", "/v2/_berth/robots/<login>",
          "/v2/_berth/robots/<login>/rotate",
          "/v2/_berth/revocations", "/v2/_berth/password", "/v2/_berth/setup");
      add(all, "_berth", "urn:berth:extension:apikeys", "secrets that stand for somebody, for as much as they are to be good for",
          "/v2/_berth/apikeys", "/v2/_berth/apikeys/<id>", "/v2/_berth/apikeys/<id>/rotate");
    }
    if (logins) {
      add(all, "_berth", "urn:berth:extension:login", "where people log in with a browser, and get a key",
          "/v2/_berth/login", "/v2/_berth/login/<provider>", "/v2/_berth/login/<provider>/callback");
    }
  }

  private static void add(ArrayNode all, String name, String url, String description, String... endpoints) {
    ArrayNode paths = all.addObject().put("name", name).put("url", url).put("description", description).putArray("endpoints");
    Stream.of(endpoints).forEach(paths::add);
  }
}
