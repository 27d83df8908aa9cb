package io.berth.http.engine;

import io.berth.http.RequestHandler;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What all event loops of one server share. Safe for all threads. */
final class Engine {

  /** The part of the idle timeout in which a peer must take what is held for it, or else may lose its answer to another one. */
  private static final int STALE = 6;

  private final EngineOptions options;
  private final RequestHandler handler;
  private final @Nullable Tls tls;
  private final BodyBudget budget;
  private final AnswerBudget answers;
  private final Crowd crowd;
  private final Followers followers;
  private final Set<Peer> peers = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  Engine(EngineOptions options, RequestHandler handler, @Nullable Tls tls) {
    this.options = options;
    this.handler = handler;
    this.tls = tls;
    this.budget = new BodyBudget(options.limits().bodyBudget(), options.limits().chunkBytes());
    this.answers = AnswerBudget.of(options.limits().answerBudget(), options.limits().idleTimeout().toNanos() / STALE);
    this.crowd = new Crowd(options.capacity(), options.proxies());
    this.followers = new Followers(crowd);
  }

  EngineOptions options() {
    return options;
  }

  RequestHandler handler() {
    return handler;
  }

  /** What encrypts; {@code null} in clear text. */
  @Nullable Tls tls() {
    return tls;
  }

  BodyBudget budget() {
    return budget;
  }

  AnswerBudget answers() {
    return answers;
  }

  Crowd crowd() {
    return crowd;
  }

  Followers followers() {
    return followers;
  }

  /** The open connections. */
  Set<Peer> peers() {
    return peers;
  }

  /** From now on every answer of HTTP/1 is the last one on its connection, and streams of events are over. */
  void drain() {
    draining = true;
    followers.finish();
  }

  boolean isDraining() {
    return draining;
  }
}
