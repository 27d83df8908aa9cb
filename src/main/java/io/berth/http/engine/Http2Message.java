package io.berth.http.engine;

import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The head of a request of HTTP/2 that {@link Http2Head} let pass. What {@code :authority} says, {@code Host} says too. */
final class Http2Message implements Message {

  private final Http2Headers head;
  private final String method;
  private final String target;
  private final String scheme;

  Http2Message(Http2Headers head, boolean encrypted) {
    this.head = head;
    this.method = head.method().toString();
    this.target = String.valueOf(head.path() == null ? head.authority() : head.path());
    this.scheme = encrypted ? "https" : "http";
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String protocol() {
    return "HTTP/2.0";
  }

  @Override
  public String target() {
    return target;
  }

  @Override
  public String scheme() {
    return scheme;
  }

  @Override
  public @Nullable String field(String name) {
    if (name.equalsIgnoreCase("Host") && head.authority() != null) {
      return head.authority().toString();
    }
    CharSequence value = head.get(FieldNames.small(name));
    return value == null ? null : value.toString();
  }

  @Override
  public List<String> fields(String name) {
    if (name.equalsIgnoreCase("Host") && head.authority() != null) {
      return List.of(head.authority().toString());
    }
    List<String> values = new ArrayList<>();
    for (CharSequence value : head.getAll(FieldNames.small(name))) {
      values.add(value.toString());
    }
    return values;
  }
}
