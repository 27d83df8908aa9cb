package io.berth.cli;

import io.berth.client.DryRuns;
import io.berth.oci.Json;
import io.berth.oci.RepositoryName;
import io.berth.oci.Text;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What commands need of a running registry, over HTTP. A refusal by the registry is a {@link Refusal} with its words. For one thread. */
final class RegistryClient implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern NEXT = Pattern.compile("<([^>]*)>; *rel=\"?next\"?");

  private final URI registry;
  private final Optional<String> authorization;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

  /** What a registry answered: JSON, and where the next page is. */
  record Page(JsonNode body, Optional<URI> next) {}

  RegistryClient(URI registry, Optional<String> user, Optional<String> password) {
    this.registry = registry;
    this.authorization = user.map(name -> "Basic "
        + Base64.getEncoder().encodeToString((name + ":" + password.orElse("")).getBytes(StandardCharsets.UTF_8)));
  }

  /** The first page of the catalogue; go on with {@link #get}. */
  Page catalogue() {
    return get(registry.resolve("/v2/_catalog"));
  }

  /** What a repository holds. */
  JsonNode usage(RepositoryName repository) {
    return get(registry.resolve("/v2/" + repository + "/_berth/usage")).body();
  }

  /** Removes a repository. */
  void delete(RepositoryName repository) {
    send("DELETE", registry.resolve("/v2/" + repository + "/_berth/repository"));
  }

  /** What the removal of a repository would take away; refused as the removal would be. */
  JsonNode wouldDelete(RepositoryName repository) {
    if (!DryRuns.isKnown(get(registry.resolve("/v2/_oci/ext/discover")).body())) {
      throw new Refusal(registry + " does not know a dry run, and would delete: nothing was asked");
    }
    return json(send("DELETE", registry.resolve("/v2/" + repository + "/_berth/repository?dry-run")));
  }

  /** What waits for the collector. */
  JsonNode backlog() {
    return get(registry.resolve("/v2/_berth/gc")).body();
  }

  /** Has some of what is due collected, and tells what was done. */
  JsonNode collect() {
    return json(send("POST", registry.resolve("/v2/_berth/gc")));
  }

  private JsonNode json(HttpResponse<byte[]> answer) {
    try {
      return Json.parse(answer.body());
    } catch (Json.InvalidJson e) {
      throw new Refusal(registry + " answered what is not JSON: is it a registry?", e);
    }
  }

  /** Reads JSON. */
  Page get(URI uri) {
    HttpResponse<byte[]> answer = send("GET", uri);
    return new Page(json(answer), answer.headers().firstValue("Link").map(NEXT::matcher).filter(Matcher::find)
        .map(match -> uri.resolve(match.group(1))).filter(next -> uri.getAuthority().equals(next.getAuthority())));
  }

  private HttpResponse<byte[]> send(String method, URI uri) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).timeout(PATIENCE).header("User-Agent", "berth");
    authorization.ifPresent(value -> request.header("Authorization", value));
    try {
      HttpResponse<byte[]> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      if (answer.statusCode() / 100 != 2) {
        throw new Refusal(registry + " answered " + answer.statusCode() + words(answer.body()));
      }
      return answer;
    } catch (IOException e) {
      throw new Refusal(registry + " can't be reached: " + e + ". Start the registry, or name another one (--registry URL)", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal("interrupted", e);
    }
  }

  private static String words(byte[] body) {
    try {
      String message = Json.parse(body).path("errors").path(0).path("message").asString("");
      return message.isEmpty() ? "" : ": " + Text.visible(message, 500);
    } catch (Json.InvalidJson e) {
      return "";
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
