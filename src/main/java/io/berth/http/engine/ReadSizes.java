package io.berth.http.engine;

import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import java.util.function.IntSupplier;

/** Lets somebody say how large a connection's next read is. One instance a connection, for its event loop. */
final class ReadSizes extends DefaultMaxMessagesRecvByteBufAllocator {

  private static final int READS_IN_A_ROW = 4;

  private final IntSupplier size;

  ReadSizes(IntSupplier size) {
    super(READS_IN_A_ROW);
    this.size = size;
  }

  @Override
  @SuppressWarnings("deprecation") // the return type is the interface's
  public Handle newHandle() {
    return new MaxMessageHandle() {
      @Override
      public int guess() {
        return size.getAsInt();
      }
    };
  }
}
