package io.berth.http;

import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Reads a body that must be in memory as a whole: a document. */
final class Bodies {

  /** A document has to be here in this time, since it holds memory meanwhile; a blob may take as long as it likes. */
  private static final Duration ARRIVAL = Duration.ofMinutes(2);

  private Bodies() {}

  /**
   * How many bytes may come; nobody is asked for more than the limit.
   *
   * @param noun what it is, for messages: "a manifest"
   */
  static long expected(RequestBody body, int limit, String noun) {
    long declared = body.declaredLength().orElse(limit);
    if (declared > limit) {
      throw tooLarge(limit, noun);
    }
    return declared;
  }

  /** Reads it. */
  static byte[] read(RequestBody body, int limit, String noun) {
    long declared = Math.min(limit, body.declaredLength().orElse(0));
    long begun = System.nanoTime();
    var bytes = new ByteArrayOutputStream((int) Math.max(declared, 1024));
    try {
      for (ByteBuffer piece = body.next(); piece != null; piece = body.next()) {
        if (bytes.size() + piece.remaining() > limit) {
          throw tooLarge(limit, noun);
        }
        byte[] part = new byte[piece.remaining()];
        piece.get(part);
        bytes.writeBytes(part);
        if (System.nanoTime() - begun > ARRIVAL.toNanos()) {
          throw new RegistryException(ErrorCode.MANIFEST_INVALID,
              noun + " may take " + ARRIVAL.toSeconds() + " s to arrive, and this one is too slow");
        }
      }
    } catch (IOException e) {
      throw new RegistryException(ErrorCode.MANIFEST_INVALID, "the body broke off: send it again");
    }
    return bytes.toByteArray();
  }

  private static RegistryException tooLarge(int limit, String noun) {
    return new RegistryException(413, ErrorCode.SIZE_INVALID, noun + " has at most " + limit + " bytes");
  }
}
