package io.berth.http;

import io.berth.oci.ErrorCode;
import io.berth.oci.RegistryException;
import io.berth.oci.StoreFailure;
import io.berth.oci.Text;
import io.berth.registry.Feed;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One who follows a {@link Feed}: the messages of server-sent events, one for each step that is something to him, whose identifier is the sequence.
 * When a store fails, or there is too much to do at the moment, the stream ends; clients come again, and go on where they were.
 */
final class Following<S extends Feed.Step> implements EventSource {

  private static final int DIGITS = 18;

  private final Feed<S>.Follower follower;
  private final Messages<S> messages;

  /** What a step is to one who follows. */
  @FunctionalInterface
  interface Messages<S extends Feed.Step> {

    /** The message, blank line and all, which nobody changes any more; {@code null} if the step is nothing to him. */
    byte @Nullable [] of(S step);
  }

  private Following(Feed<S>.Follower follower, Messages<S> messages) {
    this.follower = follower;
    this.messages = messages;
  }

  /** The answer to one who follows from now on. Whether he may has been decided. */
  static <S extends Feed.Step> Reply reply(Feed<S>.Follower follower, Messages<S> messages) {
    Headers headers = new Headers().add("Content-Type", "text/event-stream").add("Cache-Control", "no-store")
        .add("X-Accel-Buffering", "no"); // nginx would keep messages back
    return new Reply.Events(200, headers, new Following<>(follower, messages));
  }

  /**
   * Behind which step a client wants to follow: what it had last, if it comes again, or else what it says with {@code watch}, or {@code otherwise}.
   *
   * @throws RegistryException (400) for what is no sequence
   */
  static long after(Request request, Query query, long otherwise) {
    List<String> last = request.headers("Last-Event-ID");
    if (last.size() > 1) {
      throw new RegistryException(400, ErrorCode.UNSUPPORTED, "Last-Event-ID may be given once only");
    }
    Optional<String> watch = query.one("watch"); // if it is wrong, it is so in any case
    long after = watch.map(text -> sequence("watch", text)).orElse(otherwise);
    return last.isEmpty() ? after : sequence("Last-Event-ID", last.getFirst());
  }

  /** A sequence that a client says, by the name of where it says it. */
  static long sequence(String name, String text) {
    if (text.isEmpty() || text.length() > DIGITS || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new RegistryException(400, ErrorCode.UNSUPPORTED,
          name + " must be a sequence, a whole number of " + DIGITS + " digits at most, not " + Text.quoted(text));
    }
    return Long.parseLong(text);
  }

  /** A message. The line ends in the texts of {@code json} are escaped. */
  static byte[] message(long sequence, byte[] json) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(("id: " + sequence + "\nevent: change\ndata: ").getBytes(StandardCharsets.US_ASCII));
    bytes.writeBytes(json);
    bytes.writeBytes(new byte[] {'\n', '\n'});
    return bytes.toByteArray();
  }

  @Override
  public Next next(Duration atMost) throws InterruptedException {
    try {
      long end = System.nanoTime() + atMost.toNanos();
      for (Duration left = atMost; !left.isNegative(); left = Duration.ofNanos(end - System.nanoTime())) {
        S step = follower.next(left);
        if (step == null) {
          return follower.isOver() ? new Next.End() : new Next.Quiet();
        }
        byte[] message = messages.of(step);
        if (message != null) {
          return new Next.Message(message);
        }
      }
      return new Next.Quiet();
    } catch (RuntimeException e) {
      if (e instanceof StoreFailure || e instanceof RegistryException) {
        return new Next.End(); // a failure of the store has been logged once for all
      }
      throw e;
    }
  }

  @Override
  public void close() {
    follower.close();
  }
}
