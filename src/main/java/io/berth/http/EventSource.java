package io.berth.http;

import java.time.Duration;

/** Where the messages of a {@link Reply.Events} come from. Asked by one thread at a time; {@link #close} is for any. */
public interface EventSource extends AutoCloseable {

  /** What there is to be sent. */
  sealed interface Next {

    /** A message in the form of the stream, blank line and all. The array is not changed by anyone any more. */
    record Message(byte[] bytes) implements Next {}

    /** Nothing yet. */
    record Quiet() implements Next {}

    /** Nothing more. */
    record End() implements Next {}
  }

  /**
   * Waits for what comes next, on a virtual thread. The message before has been taken by then.
   *
   * @param atMost how long to wait before there is nothing yet
   * @return {@link Next.End} at once when it has been closed
   */
  Next next(Duration atMost) throws InterruptedException;

  /** Nobody wants more: {@link #next} returns, if somebody waits in it. Never blocks, throws nothing, may be called more than once. */
  @Override
  void close();
}
