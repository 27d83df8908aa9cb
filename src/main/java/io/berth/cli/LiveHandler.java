package io.berth.cli;

import io.berth.http.Ending;
import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.http.Request;
import io.berth.http.RequestHandler;
import org.jspecify.annotations.Nullable;

/** A handler that can be exchanged while the server runs. A request that has begun ends with the one it began with. Safe for any thread. */
final class LiveHandler implements RequestHandler {

  private volatile RequestHandler current;

  LiveHandler(RequestHandler first) {
    this.current = first;
  }

  void replace(RequestHandler next) {
    current = next;
  }

  @Override
  public @Nullable Reply immediate(Request request) {
    return current.immediate(request);
  }

  @Override
  public Reply handle(Request request) {
    return current.handle(request);
  }

  @Override
  public void complete(Headers fields) {
    current.complete(fields);
  }

  @Override
  public void ended(Request request, Ending ending) {
    current.ended(request, ending);
  }
}
