package io.berth.bench;

import java.io.IOException;

/** A registry does not offer what a workload needs; not an error. */
final class Unsupported extends IOException {

  private static final long serialVersionUID = 1;

  Unsupported(String message) {
    super(message);
  }
}
