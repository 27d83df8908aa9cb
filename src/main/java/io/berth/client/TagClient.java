package io.berth.client;

import io.berth.client.RegistrySession.Answer;
import io.berth.client.RegistrySession.Ask;
import io.berth.oci.Digest;
import io.berth.oci.Json;
import io.berth.oci.MediaType;
import io.berth.oci.RepositoryName;
import io.berth.oci.Tag;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** The tags of one repository of a registry. Refusals are {@link RegistryFailure}s. For one thread. */
public final class TagClient implements AutoCloseable {

  private static final Duration SILENCE = Duration.ofSeconds(60);
  private static final String JSON = "application/json";

  private final RegistrySession session;
  private final RepositoryName repository;

  public TagClient(RegistrySession session, RepositoryName repository) {
    this.session = session;
    this.repository = repository;
  }

  public RegistrySession session() {
    return session;
  }

  private String tags() {
    return "/v2/" + repository + "/tags/";
  }

  /** A tag in one of the forms that are accepted, whatever the answer is. */
  public Answer ask(Tag tag, String accept, String at) {
    return session.exchange(Ask.get(Paths.with(tags() + tag, Map.of("at", at)), accept));
  }

  /** A tag as an object. */
  public Answer get(Tag tag, String at) {
    return session.requireSuccess(ask(tag, MediaType.TAG.value(), at));
  }

  /** Whether a tag can be had with signatures, by whomever. */
  public boolean isSigned(Tag tag, String at) {
    return ask(tag, MediaType.TAG_JWS + ", " + MediaType.TAG_PRETTYJWS, at).status() == 200;
  }

  /**
   * A list, page by page.
   *
   * @param query its parameters; empty ones are left out
   * @param more what is done with a page; whether to go on
   */
  public void list(Map<String, String> query, MediaType accept, Predicate<Answer> more) {
    pages(Paths.with(tags(), query), accept, more);
  }

  /** The draft of a list with descriptors, behind a position. */
  public Answer described(String after) {
    return session.send(Ask.get(Paths.with(tags() + "list", Map.of("last", after)), MediaType.OCI_INDEX.value()));
  }

  /** A tag's history, newest first, page by page. */
  public void history(Tag tag, Map<String, String> query, Predicate<Answer> more) {
    pages(Paths.with(historyOf(tag), query), MediaType.OCI_INDEX, more);
  }

  /** What was pulled, by day and tag, page by page. */
  public void statistics(Map<String, String> query, Predicate<Answer> more) {
    pages(Paths.with("/v2/" + repository + "/_berth/stats", query), new MediaType(JSON), more);
  }

  private String historyOf(Tag tag) {
    return "/v2/" + repository + "/_oci/tag-history/" + tag;
  }

  /** The newest changes of a tag, newest first. */
  public JsonNode newest(Tag tag, int n) {
    return session.send(Ask.get(Paths.with(historyOf(tag), Map.of("n", Integer.toString(n))), MediaType.OCI_INDEX.value())).json()
        .path("manifests");
  }

  /** The page that an answer's link leads to. */
  public Optional<Answer> next(Answer answer, MediaType accept) {
    return session.next(answer).map(path -> session.send(Ask.get(path, accept.value())));
  }

  private void pages(String path, MediaType accept, Predicate<Answer> more) {
    Optional<Answer> page = Optional.of(session.send(Ask.get(path, accept.value())));
    while (page.isPresent() && more.test(page.get())) {
      page = next(page.get(), accept);
    }
  }

  /** Makes or moves a tag. */
  public Answer put(Tag tag, MediaType type, byte[] object, Map<String, String> conditions) {
    var fields = new HashMap<>(conditions);
    fields.put("Content-Type", type.value());
    return session.send(new Ask("PUT", tags() + tag, fields, object));
  }

  /** Puts a tag back to what it was. */
  public Answer restore(Tag tag, String at, Map<String, String> conditions) {
    return session.send(new Ask("PUT", Paths.with(tags() + tag, Map.of("at", at)), conditions, new byte[0]));
  }

  /** Removes a tag. */
  public Answer delete(Tag tag, Map<String, String> conditions) {
    return session.send(new Ask("DELETE", tags() + tag, conditions, new byte[0]));
  }

  /** Changes several tags, all or none. */
  public Answer change(JsonNode batch) {
    return session.send(new Ask("POST", tags(), Map.of("Content-Type", JSON), Json.write(batch).getBytes(StandardCharsets.UTF_8)));
  }

  /** A manifest as a tag or digest gives it, whatever the answer is. */
  public Answer manifest(String tagOrDigest) {
    return session.exchange(Ask.get("/v2/" + repository + "/manifests/" + tagOrDigest, "*/*"));
  }

  /** The bytes of a blob. The caller closes them. */
  public InputStream blob(Digest digest) {
    return session.stream(Ask.get("/v2/" + repository + "/blobs/" + digest, "*/*")).body();
  }

  /** The public keys by which the registry signs. */
  public Answer keys() {
    return session.send(Ask.get("/v2/_berth/keys", "application/jwk-set+json, " + JSON));
  }

  /** The sequence of the newest change; 0 if there is no such repository yet. */
  public long sequence() {
    Answer answer = session.exchange(Ask.get(tags() + "?n=0", MediaType.TAGS_JWS.value()));
    if (answer.status() == 404) {
      return 0;
    }
    try {
      byte[] payload = Base64.getUrlDecoder().decode(session.requireSuccess(answer).json().path("payload").asString(""));
      return Json.parse(payload).path("sequence").asLong(0);
    } catch (IllegalArgumentException | Json.InvalidJson e) {
      throw new RegistryFailure(session.registry() + " did not say where its history stands: give --since SEQUENCE", e);
    }
  }

  /** The changes behind a sequence, as they happen. The caller closes the stream. */
  public EventStream changes(long since) {
    return new EventStream(session.stream(new Ask("GET", tags() + "?watch=" + since,
        Map.of("Accept", MediaType.EVENT_STREAM.value(), "Last-Event-ID", Long.toString(since)), new byte[0])).body(), SILENCE);
  }

  @Override
  public void close() {
    session.close();
  }
}
