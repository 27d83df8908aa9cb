package io.berth.registry;

import io.berth.storage.BlobStore;
import io.berth.storage.BlobStoreContract;
import io.berth.storage.memory.MemoryBlobStore;

final class ReservingBlobStoreTest extends BlobStoreContract {

  @Override
  protected BlobStore open() {
    return new ReservingBlobStore(new MemoryBlobStore(), new Headroom(() -> Long.MAX_VALUE, 0));
  }
}
