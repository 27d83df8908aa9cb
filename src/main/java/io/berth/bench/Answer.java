package io.berth.bench;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What came back.
 *
 * @param length bytes of the content; of a {@code HEAD} as stated
 * @param kept the beginning of the content, as far as it was asked for or is an error's
 */
record Answer(int status, @Nullable String location, long length, byte[] kept) {

  boolean succeeded() {
    return status >= 200 && status < 300;
  }

  String text() {
    return new String(kept, StandardCharsets.UTF_8);
  }
}
