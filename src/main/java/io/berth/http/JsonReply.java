package io.berth.http;

import io.berth.oci.Json;
import tools.jackson.databind.JsonNode;

/** Replies whose body is JSON. */
final class JsonReply {

  private JsonReply() {}

  /** A reply of type {@code application/json}. */
  static Reply of(int status, Headers headers, JsonNode body) {
    return new Reply.Bytes(status, headers.add("Content-Type", "application/json"), Json.MAPPER.writeValueAsBytes(body));
  }
}
