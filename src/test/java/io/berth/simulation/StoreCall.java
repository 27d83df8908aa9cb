package io.berth.simulation;

import io.berth.storage.fs.ForgetfulDisk.DiskOperation;

/** What the verbs ask of a store, one step of it; the places where a fault can strike. */
enum StoreCall {
  OPEN_TO_WRITE, SIZE, WRITE, READ, TRUNCATE, FORCE, OPEN_TO_READ, RENAME, DELETE, EXISTS, SIZE_OF, MAKE_LINK, READ_LINK, LIST,
  DELETE_DIRECTORY,
  MAKE_DIRECTORY, SYNC_DIRECTORY,
  /** A transaction that reads. */
  METADATA_READ,
  /** The begin of a transaction that writes. */
  METADATA_BEGIN,
  /** Its commit. */
  METADATA_COMMIT;

  static StoreCall of(DiskOperation operation) {
    return valueOf(operation.name());
  }

  boolean isMetadata() {
    return this == METADATA_READ || this == METADATA_BEGIN || this == METADATA_COMMIT;
  }

  /** Whether something is different after it. */
  boolean changes() {
    return switch (this) {
      case OPEN_TO_WRITE, WRITE, TRUNCATE, FORCE, RENAME, DELETE, MAKE_LINK, DELETE_DIRECTORY, MAKE_DIRECTORY, SYNC_DIRECTORY,
          METADATA_COMMIT -> true;
      case SIZE, READ, OPEN_TO_READ, EXISTS, SIZE_OF, READ_LINK, LIST, METADATA_READ, METADATA_BEGIN -> false;
    };
  }
}
