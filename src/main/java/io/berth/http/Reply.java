package io.berth.http;

import io.berth.oci.BlobContent;

/** An answer, whole but for {@link Events}: the engine only writes it. {@code Content-Length} is the engine's to set, from the record itself. */
public sealed interface Reply {

  /** The HTTP status. */
  int status();

  /** The header fields but {@code Content-Length}. */
  Headers headers();

  /** An answer without a body. Carries {@code Content-Length: 0} unless the status (204, 304) forbids one. */
  record Empty(int status, Headers headers) implements Reply {}

  /** The answer to a {@code HEAD}: {@code length} is what the body of the {@code GET} would have. */
  record Head(int status, Headers headers, long length) implements Reply {}

  /** A body from memory. The array is not changed by anyone any more. */
  record Bytes(int status, Headers headers, byte[] body) implements Reply {}

  /** {@code length} bytes of a blob from {@code offset}; the engine closes the content when they are sent or can't be. */
  record Blob(int status, Headers headers, BlobContent content, long offset, long length) implements Reply {}

  /**
   * Messages as they come, until there are no more ({@code text/event-stream}). The engine closes the source, whatever happens; it does so
   * without asking it anything where the answer has no body.
   */
  record Events(int status, Headers headers, EventSource source) implements Reply {}
}
