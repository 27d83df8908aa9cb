package io.berth.metadata;

import io.berth.oci.StoreFailure;

/** The metadata store failed: a fault of the machine or the database, never of a caller. */
public final class MetadataException extends RuntimeException implements StoreFailure {

  private static final long serialVersionUID = 1;

  private final Kind kind;

  /** A failure that is of the kind of its cause. */
  public MetadataException(String message, Throwable cause) {
    this(message, Causes.kind(cause), cause);
  }

  public MetadataException(String message, Kind kind, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  @Override
  public Kind kind() {
    return kind;
  }
}
