package io.berth.http.engine;

import io.berth.http.RequestHandler;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What all event loops of one server share. Safe for all threads. */
final class Engine {

  private final EngineOptions options;
  private final RequestHandler handler;
  private final BodyBudget budget;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  Engine(EngineOptions options, RequestHandler handler) {
    this.options = options;
    this.handler = handler;
    this.budget = new BodyBudget(options.bodyBudget(), options.chunkBytes());
  }

  EngineOptions options() {
    return options;
  }

  RequestHandler handler() {
    return handler;
  }

  BodyBudget budget() {
    return budget;
  }

  /** The open connections. */
  Set<Connection> connections() {
    return connections;
  }

  /** From now on every answer is the last one on its connection. */
  void drain() {
    draining = true;
  }

  boolean isDraining() {
    return draining;
  }
}
