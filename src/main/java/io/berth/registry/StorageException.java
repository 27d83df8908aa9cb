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

  /** Java hands down an error of the operating system as its text alone. */
  private static Kind kind(IOException cause) {
    String text = cause instanceof FileSystemException named ? named.getReason() : cause.getMessage();
    if (text == null) {
      return Kind.LASTING;
    }
    if (text.contains("No space left on device") || text.contains("Disk quota exceeded")) {
      return Kind.FULL;
    }
    return text.contains("Too many open files") ? Kind.PASSING : Kind.LASTING;
  }
}
