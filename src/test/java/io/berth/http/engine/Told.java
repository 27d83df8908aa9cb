package io.berth.http.engine;

import io.berth.http.EventSource;
import io.berth.http.Headers;
import io.berth.http.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Events that a test tells one by one. */
final class Told implements EventSource {

  private final BlockingQueue<Next> waiting = new LinkedBlockingQueue<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicInteger asked = new AtomicInteger();

  Reply.Events reply() {
    return new Reply.Events(200, new Headers().add("Content-Type", "text/event-stream"), this);
  }

  Told tell(String message) {
    return tell(message.getBytes(StandardCharsets.UTF_8));
  }

  Told tell(byte[] message) {
    waiting.add(new Next.Message(message));
    return this;
  }

  Told end() {
    waiting.add(new Next.End());
    return this;
  }

  /** What comes next is a failure. */
  Told fail() {
    waiting.add(new Next.Message(null));
    return this;
  }

  @Override
  public Next next(Duration atMost) throws InterruptedException {
    asked.incrementAndGet();
    if (closed.getCount() == 0) {
      return new Next.End();
    }
    Next next = waiting.poll(atMost.toMillis(), TimeUnit.MILLISECONDS);
    if (next instanceof Next.Message message && message.bytes() == null) {
      throw new IllegalStateException("on purpose");
    }
    return next == null ? new Next.Quiet() : next;
  }

  @Override
  public void close() {
    closed.countDown();
    end();
  }

  boolean isClosed() {
    return closed.getCount() == 0;
  }

  /** How often somebody wanted to know what comes next. */
  int asked() {
    return asked.get();
  }
}
