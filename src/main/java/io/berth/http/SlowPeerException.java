package io.berth.http;

import java.io.IOException;
import java.io.Serial;

/** The peer sends nothing, or less than the minimum rate, while its body is waited for. The message says which. */
public final class SlowPeerException extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  /** With words for the log and for the peer. */
  public SlowPeerException(String message) {
    super(message);
  }
}
