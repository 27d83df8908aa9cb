package io.berth.bench;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The requests that push, mount and delete, spoken to one registry over one connection (distribution specification, "Push"). It goes where a
 * {@code Location} leads, absolute or relative, but to no other host. For one thread at a time.
 */
final class RegistryClient implements AutoCloseable {

  private static final String BYTES = "Content-Type: application/octet-stream";
  private static final int NOT_KEPT = 0;

  private final Target target;
  private final HttpConnection connection;

  RegistryClient(Target target) {
    this.target = target;
    this.connection = new HttpConnection(target.address());
  }

  Target target() {
    return target;
  }

  HttpConnection connection() {
    return connection;
  }

  /** Sends a request that must succeed. */
  Answer require(Request request) throws IOException {
    return require(request, NOT_KEPT);
  }

  Answer require(Request request, int keep) throws IOException {
    Answer answer = connection.send(request, keep);
    if (!answer.succeeded()) {
      throw UnexpectedAnswer.of(request, answer);
    }
    return answer;
  }

  /** Sends a request whose answer must have a content of a length; of a {@code HEAD}, state one. */
  void requireLength(Request request, long length) throws IOException {
    Answer answer = require(request);
    if (answer.length() != length) {
      throw UnexpectedAnswer.of(request, answer, answer.length() + " bytes instead of " + length);
    }
  }

  /** POST, then PUT with everything. */
  void pushBlob(String repository, Blob blob) throws IOException {
    String location = openUpload(repository);
    require(Request.with(target, "PUT", withDigest(location, blob), "PUT of a blob", blob.content(), BYTES));
  }

  /** POST, then a PATCH for each chunk, then PUT without content. */
  void pushBlobInChunks(String repository, Blob blob, long chunk) throws IOException {
    String location = openUpload(repository);
    for (long from = 0; from < blob.size(); from += chunk) {
      long to = Math.min(blob.size(), from + chunk);
      Request patch = Request.with(target, "PATCH", location, "PATCH of an upload", blob.content().slice(from, to), BYTES,
          "Content-Range: " + from + "-" + (to - 1));
      location = location(patch, require(patch));
    }
    require(Request.of(target, "PUT", withDigest(location, blob), "PUT that closes an upload"));
  }

  private String openUpload(String repository) throws IOException {
    Request post = Request.of(target, "POST", Paths.uploads(repository), "POST of an upload");
    return location(post, require(post));
  }

  private static String withDigest(String location, Blob blob) {
    return location + (location.indexOf('?') < 0 ? "?" : "&") + "digest=" + blob.digest();
  }

  /** Puts config, layers and manifest. */
  void pushArtifact(String repository, String tag, Artifact artifact) throws IOException {
    for (Blob layer : artifact.layers()) {
      pushBlob(repository, layer);
    }
    pushBlob(repository, artifact.config());
    pushManifest(repository, tag, artifact.manifest());
  }

  void pushManifest(String repository, String tag, Blob manifest) throws IOException {
    require(Request.with(target, "PUT", Paths.manifest(repository, tag), "PUT of a manifest", manifest.content(),
        "Content-Type: " + Artifact.MANIFEST_TYPE));
  }

  /** Asks for a mount; whether there was one, or else an upload, which is then cancelled. */
  boolean mounted(String repository, Blob blob, String from) throws IOException {
    Request post = Request.of(target, "POST", Paths.uploads(repository) + "?mount=" + blob.digest() + "&from=" + from,
        "POST of a mount");
    Answer answer = require(post);
    if (answer.status() == 201) {
      return true;
    }
    connection.send(Request.of(target, "DELETE", location(post, answer), "DELETE of an upload"), NOT_KEPT);
    return false;
  }

  /** Deletes what a path names; whether it is gone. */
  boolean deleted(String path) throws IOException {
    Answer answer = connection.send(Request.of(target, "DELETE", path, "DELETE"), NOT_KEPT);
    return answer.succeeded() || answer.status() == 404;
  }

  /** The path and query that an answer leads to, on the same host. */
  private String location(Request request, Answer answer) throws IOException {
    String path = pathOf(answer.location());
    if (path == null) {
      throw UnexpectedAnswer.of(request, answer, answer.location() == null ? "no Location" : "a Location on another host");
    }
    return path;
  }

  private @Nullable String pathOf(@Nullable String location) {
    String origin = "http://" + target.authority();
    if (location == null) {
      return null;
    }
    if (location.regionMatches(true, 0, origin + "/", 0, origin.length() + 1)) {
      return location.substring(origin.length());
    }
    return location.startsWith("/") && !location.startsWith("//") ? location : null;
  }

  @Override
  public void close() {
    connection.close();
  }
}
