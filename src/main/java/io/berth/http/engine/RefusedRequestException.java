package io.berth.http.engine;

import java.io.Serial;

/** A request that is refused before anyone has looked at what it asks for: its form is wrong. The message is for the peer. */
final class RefusedRequestException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  private final int status;

  RefusedRequestException(int status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  int status() {
    return status;
  }
}
