package io.berth.client;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Name and password for one registry. They are not shown. */
public record Credentials(String name, String password) {

  /** The value of {@code Authorization} (RFC 7617). */
  String basic() {
    return "Basic " + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "Credentials[...]";
  }
}
