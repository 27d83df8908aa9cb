package io.berth.registry;

import java.io.IOException;

/** The blob store failed: a fault of the machine, never of a caller. */
public final class StorageException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public StorageException(String what, IOException cause) {
    super(what, cause);
  }
}
