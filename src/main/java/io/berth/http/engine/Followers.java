package io.berth.http.engine;

import io.berth.http.Origin;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The streams of events of a server: how many there are, how many of each client, and which have to end when the server does. They last for
 * hours, so they have a limit of their own and do not count as requests. Safe for all threads; nobody waits.
 */
final class Followers {

  private static final int SHARES = 4;

  private final Crowd crowd;
  private final Map<String, Integer> perClient = new ConcurrentHashMap<>();
  private final Set<EventPump> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong refused = new AtomicLong();
  private volatile boolean finished;

  /** With the limits of that crowd. */
  Followers(Crowd crowd) {
    this.crowd = crowd;
  }

  /** What one more is told. */
  enum Answer {
    WELCOME, FULL, CLIENT_HAS_ITS_SHARE
  }

  /**
   * Who counts as one client. Other than connections and requests, these can be counted for clients behind a proxy too, since their heads
   * have been read; {@code null} for who came by a Unix socket, or by a proxy that does not say for whom.
   */
  @Nullable String client(Origin origin) {
    if (origin.isLocal() || origin.client().equals("unknown")) {
      return null;
    }
    try {
      return crowd.client(new InetSocketAddress(InetAddress.ofLiteral(origin.client()), 0));
    } catch (IllegalArgumentException _) {
      return origin.client(); // a name that a proxy made up
    }
  }

  /** One more; not counted unless it is welcome. Each that is must {@link #leave} once. */
  Answer enter(@Nullable String client) {
    int most = crowd.capacity().followers();
    if (count.incrementAndGet() > most) {
      count.decrementAndGet();
      refused.incrementAndGet();
      return Answer.FULL;
    }
    if (client != null && perClient.merge(client, 1, Integer::sum) > Math.max(most / SHARES, 1)) {
      leave(client);
      refused.incrementAndGet();
      return Answer.CLIENT_HAS_ITS_SHARE;
    }
    return Answer.WELCOME;
  }

  /** One that was counted is gone. */
  void leave(@Nullable String client) {
    count.decrementAndGet();
    if (client != null) {
      perClient.computeIfPresent(client, (_, some) -> some == 1 ? null : some - 1);
    }
  }

  /** A stream begins; it ends soon if the server does. */
  void begin(EventPump stream) {
    open.add(stream);
    if (finished) {
      stream.finish();
    }
  }

  /** A stream is over. */
  void end(EventPump stream) {
    open.remove(stream);
  }

  /** All streams end in order, and those that begin later too. */
  void finish() {
    finished = true;
    open.forEach(EventPump::finish);
  }

  /** How many there are. */
  int count() {
    return count.get();
  }

  /** How many were refused so far. */
  long refused() {
    return refused.get();
  }
}
