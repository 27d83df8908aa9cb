package io.berth.http.engine;

import io.berth.http.EventSource;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends events as they come. A virtual thread asks the source; the event loop writes. The next message is asked for when the peer has taken the
 * one before, of which one small piece is on its way at any time; a larger message is counted in the {@link AnswerBudget} until it is taken,
 * and where there is no room for it the stream ends. A peer that does not take a message within the idle timeout loses the stream. Where
 * nothing happens a comment goes out, so that a peer that is gone without a word is noticed, and proxies see life.
 */
final class EventPump {

  /** How long a stream may be quiet. */
  static final Duration KEEP_ALIVE = Duration.ofSeconds(15);

  private static final Logger LOG = LoggerFactory.getLogger(EventPump.class);
  private static final byte[] COMMENT = ": keep-alive\n\n".getBytes(StandardCharsets.US_ASCII);
  private static final int PIECE = 16 * 1024;

  private final Exchange exchange;
  private final EventSource source;
  private final @Nullable String client;
  private final boolean last;
  private final Semaphore taken = new Semaphore(0);
  private volatile boolean stopped;

  /** For a client that {@link Followers} has counted. */
  EventPump(Exchange exchange, EventSource source, @Nullable String client, boolean last) {
    this.exchange = exchange;
    this.source = source;
    this.client = client;
    this.last = last;
  }

  /** Begins, behind the head. For the event loop, once. */
  void start() {
    exchange.engine().followers().begin(this);
    Thread.startVirtualThread(this::run);
  }

  /** The server ends, and the stream with it, in order. Any thread. */
  void finish() {
    source.close();
  }

  /** The exchange is over. For the event loop, once; the source is closed by others. */
  void stop() {
    stopped = true;
    Followers followers = exchange.engine().followers();
    followers.end(this);
    followers.leave(client);
    taken.release();
  }

  private void run() {
    try {
      boolean going = deliver(COMMENT); // takes the head along
      while (going) {
        going = switch (source.next(keepAlive())) {
          case EventSource.Next.Message message -> deliver(message.bytes());
          case EventSource.Next.Quiet _ -> deliver(COMMENT);
          case EventSource.Next.End _ -> {
            boolean _ = exchange.execute(this::end);
            yield false;
          }
        };
      }
    } catch (InterruptedException | RuntimeException | Error e) {
      if (!stopped) {
        LOG.error("the events for request {} break off", exchange.id(), e);
        boolean _ = exchange.execute(exchange::failed);
      }
    }
  }

  /** Often enough for the idle timeout. */
  private Duration keepAlive() {
    Duration often = exchange.engine().options().limits().idleTimeout().dividedBy(4);
    return often.compareTo(KEEP_ALIVE) < 0 ? often : KEEP_ALIVE;
  }

  /** Sends a message; false if nothing more is to be sent. */
  private boolean deliver(byte[] message) throws InterruptedException {
    long patience = exchange.engine().options().limits().idleTimeout().toNanos();
    long begun = System.nanoTime();
    for (int from = 0; from < message.length && !stopped; from += PIECE) {
      int start = from;
      if (!exchange.execute(() -> send(message, start))) {
        return false;
      }
      if (!taken.tryAcquire(patience - (System.nanoTime() - begun), TimeUnit.NANOSECONDS)) {
        exchange.giveUp();
        return false;
      }
    }
    return !stopped;
  }

  private void send(byte[] message, int from) {
    if (exchange.isOver()) {
      return;
    }
    if (!exchange.holds(message)) {
      LOG.debug("request {} loses its events: there is no room for the next one", exchange.id());
      end();
      return;
    }
    int length = Math.min(PIECE, message.length - from);
    boolean whole = from + length == message.length;
    exchange.outlet().write(Unpooled.wrappedBuffer(message, from, length), well -> went(well, length, whole));
  }

  private void went(boolean well, int length, boolean whole) {
    if (!well) {
      exchange.failed();
      return;
    }
    exchange.wrote(length);
    if (whole) {
      exchange.letGo();
    }
    taken.release();
  }

  private void end() {
    if (!exchange.isOver()) {
      exchange.outlet().end(Unpooled.EMPTY_BUFFER, well -> {
        if (well) {
          exchange.sent(last || exchange.isLast());
        } else {
          exchange.failed();
        }
      });
    }
  }
}
