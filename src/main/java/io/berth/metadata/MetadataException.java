package io.berth.metadata;

/** The metadata store failed: a fault of the machine or the database, never of a caller. */
public final class MetadataException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public MetadataException(String message, Throwable cause) {
    super(message, cause);
  }
}
