package io.berth.http;

import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.registry.Arrivals;
import io.berth.registry.Arrivals.Arrival;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads bodies that must be in memory as a whole: documents. A small one may arrive there when there is room for it at once. Any other is staged, and
 * takes memory when it is complete; so nobody waits for memory that a slow peer holds, and nobody waits for more while he has some. Safe for
 * any thread.
 */
final class Bodies {

  /** More than nearly every document has. */
  private static final int SMALL = 64 << 10;

  /** A document has to be here in this time; a blob may take as long as it likes. */
  private static final Duration ARRIVAL = Duration.ofMinutes(2);

  private final Arrivals arrivals;
  private final Allowance arriving;
  private final Allowance complete;

  /** Those that are in memory while they arrive share one allowance, and those that are in memory when they are complete another. */
  Bodies(Arrivals arrivals, Allowance arriving, Allowance complete) {
    this.arrivals = arrivals;
    this.arriving = arriving;
    this.complete = complete;
  }

  /** A document, whose memory is counted until it is closed. */
  record Document(byte[] bytes, Allowance.Held held) implements AutoCloseable {

    @Override
    public void close() {
      held.close();
    }
  }

  /**
   * Reads the body of a request; nobody is asked for more than the limit.
   *
   * @param noun what it is, for messages: "a manifest"
   */
  Document read(Request request, int limit, String noun) {
    long declared = request.body().declaredLength().orElse(limit);
    if (declared > limit) {
      throw tooLarge(limit, noun);
    }
    String client = request.origin().network();
    Allowance.@Nullable Held held = declared <= SMALL ? arriving.takeAtOnce(declared, client) : null;
    try {
      return held == null ? staged(request.body(), client, limit, noun) : inMemory(request.body(), held, (int) declared, noun);
    } finally {
      request.trail().arrived();
    }
  }

  private static Document inMemory(RequestBody body, Allowance.Held held, int limit, String noun) {
    boolean read = false;
    try {
      ByteBuffer bytes = ByteBuffer.allocate(limit);
      receive(body, bytes::put, limit, noun);
      read = true;
      return new Document(bytes.hasRemaining() ? Arrays.copyOf(bytes.array(), bytes.position()) : bytes.array(), held);
    } finally {
      if (!read) {
        held.close();
      }
    }
  }

  private Document staged(RequestBody body, String client, int limit, String noun) {
    try (Arrival arrival = arrivals.begin()) {
      receive(body, arrival::append, limit, noun);
      Allowance.Held held = complete.take(arrival.size(), client);
      boolean read = false;
      try {
        byte[] whole = arrival.bytes();
        read = true;
        return new Document(whole, held);
      } finally {
        if (!read) {
          held.close();
        }
      }
    }
  }

  /** Where the bytes of a document go as they come. */
  private interface Sink {
    void put(ByteBuffer piece);
  }

  private static void receive(RequestBody body, Sink sink, int limit, String noun) {
    long begun = System.nanoTime();
    int received = 0;
    try {
      for (ByteBuffer piece = body.next(); piece != null; piece = body.next()) {
        received += piece.remaining();
        if (received > limit) {
          throw tooLarge(limit, noun);
        }
        sink.put(piece);
        if (System.nanoTime() - begun > ARRIVAL.toNanos()) {
          throw new RegistryException(ErrorCode.MANIFEST_INVALID,
              noun + " may take " + ARRIVAL.toSeconds() + " s to arrive, and this one is too slow");
        }
      }
    } catch (IOException e) {
      throw new RegistryException(ErrorCode.MANIFEST_INVALID, "the body broke off: send it again");
    }
  }

  private static RegistryException tooLarge(int limit, String noun) {
    return new RegistryException(413, ErrorCode.SIZE_INVALID, noun + " has at most " + limit + " bytes");
  }
}
