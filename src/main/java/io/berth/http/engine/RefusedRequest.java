package io.berth.http.engine;

import io.berth.http.Origin;
import io.berth.http.Request;
import io.berth.http.RequestBody;
import io.berth.http.Trail;
import io.vertx.core.http.HttpServerRequest;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * What is left to tell of a request that was refused because of its form: where it came from, and fields that could be read. Its method and
 * target are dashes, since they may be anything.
 */
final class RefusedRequest implements Request {

  private static final String UNKNOWN = "-";

  private final HttpServerRequest message;
  private final SocketAddress remote;
  private final String id;
  private final Trail trail = new Trail();
  private final Origin origin;

  RefusedRequest(HttpServerRequest message, SocketAddress remote, String id) {
    this.message = message;
    this.remote = remote;
    this.id = id;
    this.origin = Origin.of(this, "http", _ -> false); // nothing that a malformed request says is believed
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String method() {
    return UNKNOWN;
  }

  @Override
  public String rawPath() {
    return UNKNOWN;
  }

  @Override
  public String rawQuery() {
    return "";
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(message.headers().get(name));
  }

  @Override
  public List<String> headers(String name) {
    return message.headers().getAll(name);
  }

  @Override
  public String protocol() {
    return UNKNOWN;
  }

  @Override
  public SocketAddress remote() {
    return remote;
  }

  @Override
  public Origin origin() {
    return origin;
  }

  @Override
  public RequestBody body() {
    return NoBody.NONE;
  }

  @Override
  public Trail trail() {
    return trail;
  }
}
