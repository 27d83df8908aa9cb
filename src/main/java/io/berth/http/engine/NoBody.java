package io.berth.http.engine;

import io.berth.http.RequestBody;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The body of a request that has none. Shared by all of them and all threads. */
enum NoBody implements RequestBody {
  NONE;

  @Override
  public OptionalLong declaredLength() {
    return OptionalLong.of(0);
  }

  @Override
  public @Nullable ByteBuffer next() {
    return null;
  }
}
