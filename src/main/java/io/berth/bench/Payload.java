package io.berth.bench;

import java.nio.ByteBuffer;

/** Bytes to send, any stretch of which can be shown without copying. Immutable, for any thread. */
interface Payload {

  /** No bytes. */
  Payload NONE = of(new byte[0]);

  long size();

  /** At least one byte from a position before the end, at most {@code most}; the buffer is the caller's, its bytes are not. */
  ByteBuffer part(long from, int most);

  /** Bytes in memory. */
  static Payload of(byte[] bytes) {
    return new Payload() {

      @Override
      public long size() {
        return bytes.length;
      }

      @Override
      public ByteBuffer part(long from, int most) {
        int start = Math.toIntExact(from);
        return ByteBuffer.wrap(bytes, start, Math.min(most, bytes.length - start));
      }
    };
  }

  /** A stretch of it. */
  default Payload slice(long from, long to) {
    Payload whole = this;
    return new Payload() {

      @Override
      public long size() {
        return to - from;
      }

      @Override
      public ByteBuffer part(long position, int most) {
        return whole.part(from + position, Math.toIntExact(Math.min(most, size() - position)));
      }
    };
  }
}
