package io.berth.http;

import org.jspecify.annotations.Nullable;

/** What the engine calls for each request. All methods must be safe for many threads at once. */
public interface RequestHandler {

  /**
   * Answers on the event loop what needs no blocking (a manifest in the cache). Must neither block nor read the body.
   *
   * @return {@code null} if {@link #handle} has to do it
   */
  @Nullable Reply immediate(Request request);

  /** Answers on a virtual thread of its own, where blocking is fine. Throws nothing: every failure is a reply. */
  Reply handle(Request request);

  /** Adds what every answer carries to one that the engine gives by itself: to a malformed request, or to one too many. Must not block. */
  default void complete(Headers fields) {
    // nothing more
  }

  /**
   * Hears that the exchange is over: the answer is sent, can't be sent, or the connection is gone. Called once for each request, on the event
   * loop as a rule: for those that {@link #immediate} has seen, be it while {@link #handle} still works, and for those that it never sees,
   * because they were refused for their form or the connection was gone before their turn. Must not block.
   */
  default void ended(Request request, Ending ending) {
    // not everyone wants to know
  }
}
