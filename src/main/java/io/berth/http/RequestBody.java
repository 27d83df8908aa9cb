package io.berth.http;

import io.berth.oci.BlobSource;
import java.util.OptionalLong;

/**
 * The body of a request as it arrives: a blocking sequence of pieces with back pressure. For one reader on a virtual thread.
 *
 * <p>A peer that stops sending, or sends slower than the minimum rate, ends the body with an {@link java.io.IOException}; the total time is
 * never limited.
 */
public interface RequestBody extends BlobSource {

  /** The {@code Content-Length}, absent for a body of unknown length (chunked); 0 where the request has no body. */
  OptionalLong declaredLength();
}
