package io.berth.bench;

import io.berth.oci.Digest;
import java.nio.charset.StandardCharsets;

/** Content and the digest that names it. */
record Blob(Payload content, Digest digest) {

  static Blob of(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Blob(Payload.of(bytes), Digest.Algorithm.SHA256.of(bytes));
  }

  long size() {
    return content.size();
  }
}
