package io.berth.http;

import org.jspecify.annotations.Nullable;

/** What the engine calls for each request. Both methods must be safe for many threads at once. */
public interface RequestHandler {

  /**
   * Answers on the event loop what needs no blocking (a manifest in the cache). Must neither block nor read the body.
   *
   * @return {@code null} if {@link #handle} has to do it
   */
  @Nullable Reply immediate(Request request);

  /** Answers on a virtual thread of its own, where blocking is fine. Throws nothing: every failure is a reply. */
  Reply handle(Request request);
}
