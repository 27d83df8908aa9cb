package io.berth.ops;

/** What the stores are asked to do, as metrics and traces name it. */
public enum StoreOperation {
  METADATA_READ("metadata", "read"), METADATA_WRITE("metadata", "write"), BLOB_OPEN("blobs", "open"), BLOB_STAGE("blobs", "stage"),
  BLOB_APPEND("blobs", "append"), BLOB_COMMIT("blobs", "commit"), BLOB_DISCARD("blobs", "discard"), BLOB_DELETE("blobs", "delete");

  private final String store;
  private final String word;

  StoreOperation(String store, String word) {
    this.store = store;
    this.word = word;
  }

  /** The store: {@code metadata} or {@code blobs}. */
  public String store() {
    return store;
  }

  /** The operation, in a word. */
  public String word() {
    return word;
  }
}
