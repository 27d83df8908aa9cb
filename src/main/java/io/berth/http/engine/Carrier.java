package io.berth.http.engine;

import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What carries an {@link Exchange}: a connection, where there is one exchange at a time (HTTP/1), or a stream (HTTP/2). For the event loop, but
 * for what says otherwise, {@link #execute} and {@link #remote}.
 */
interface Carrier {

  /** The peer at the other end. */
  SocketAddress remote();

  /** The certificate that the peer has shown and that was verified. Any thread. */
  Optional<X509Certificate> certificate();

  /** Runs something on the event loop; false if that has ended for good. */
  boolean execute(Runnable task);

  /** Whether the answer to a request with this body must be the carrier's last. */
  boolean isLast(@Nullable ReceivedBody body);

  /** The answer has been written, and its body closed. */
  void done(Exchange answered, @Nullable ReceivedBody body, boolean last);

  /** Bytes of a file that the kernel has sent as the body of the answer under way. */
  long fileBytesSent();

  /** Ends at once, whatever is under way. */
  void abort();
}
