package io.berth.storage.fs;

import io.berth.storage.fs.ForgetfulDisk.DiskOperation;
import java.io.IOException;

/** Asked before and told after each operation of a {@link ForgetfulDisk}, so that it can let it fail. */
public interface Guard {

  /**
   * Before an operation.
   *
   * @param bytes how many it is to write; 0 if it writes none
   * @return how many of these it may write before it fails, or fewer than {@code bytes} to write fewer, without a failure
   */
  int before(DiskOperation operation, int bytes) throws IOException;

  /** After an operation. */
  void after(DiskOperation operation) throws IOException;
}
