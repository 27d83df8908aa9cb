package io.berth.http.engine;

import java.io.IOException;
import java.io.Serial;

/** What was given for TLS can't be used. The message says why, and what to do, in words for the operator. */
public final class UnusableCertificateException extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  UnusableCertificateException(String message) {
    super(message);
  }

  UnusableCertificateException(String message, Throwable cause) {
    super(message, cause);
  }
}
