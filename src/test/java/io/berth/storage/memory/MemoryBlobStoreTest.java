package io.berth.storage.memory;

import io.berth.storage.BlobStore;
import io.berth.storage.BlobStoreContract;

final class MemoryBlobStoreTest extends BlobStoreContract {

  @Override
  protected BlobStore open() {
    return new MemoryBlobStore();
  }
}
