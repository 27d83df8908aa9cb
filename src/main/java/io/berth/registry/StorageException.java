package io.berth.registry;

import io.berth.oci.StoreFailure;
import java.io.IOException;
import java.nio.file.FileSystemException;

/** The blob store failed: a fault of the machine, never of a caller. */
public final class StorageException extends RuntimeException implements StoreFailure {

  private static final long serialVersionUID = 1;

  private final Kind kind;

  public StorageException(String what, IOException cause) {
    super(what, cause);
    this.kind = kind(cause);
  }

  @Override
  public Kind kind() {
    return kind;
  }

  private static Kind kind(IOException cause) {
    String text = cause instanceof FileSystemException named ? named.getReason() : cause.getMessage();
    if (text == null) {
      return Kind.LASTING;
    }
    if (SystemError.NO_SPACE.isIn(text) || SystemError.QUOTA.isIn(text)) {
      return Kind.FULL;
    }
    return SystemError.TOO_MANY_FILES.isIn(text) || SystemError.TOO_MANY_FILES_IN_SYSTEM.isIn(text) ? Kind.PASSING : Kind.LASTING;
  }
}
