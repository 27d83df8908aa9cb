package io.berth.http.engine;

import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.http.Request;
import io.berth.http.RequestHandler;
import io.berth.oci.BlobSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A handler made of one function, on a virtual thread or on the event loop, that remembers what it was asked. */
final class Answering implements RequestHandler {

  /** What to answer. */
  interface Answerer {
    Reply answer(Request request) throws Exception;
  }

  private final Answerer answerer;
  private final boolean immediately;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();

  private Answering(Answerer answerer, boolean immediately) {
    this.answerer = answerer;
    this.immediately = immediately;
  }

  static Answering with(Answerer answerer) {
    return new Answering(answerer, false);
  }

  static Answering immediately(Answerer answerer) {
    return new Answering(answerer, true);
  }

  @Override
  public Reply immediate(Request request) {
    return immediately ? answer(request) : null;
  }

  @Override
  public Reply handle(Request request) {
    return answer(request);
  }

  private Reply answer(Request request) {
    asked.add(request.method() + " " + request.rawPath());
    try {
      return answerer.answer(request);
    } catch (Exception e) {
      failures.add(e);
      return text(400, String.valueOf(e.getMessage()));
    }
  }

  /** Methods and paths in the order asked. */
  List<String> asked() {
    return asked;
  }

  /** What the function threw. */
  List<Throwable> failures() {
    return failures;
  }

  static Reply text(int status, String text) {
    return new Reply.Bytes(status, new Headers().add("Content-Type", "text/plain"), text.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads a body to its end. */
  static byte[] readAll(BlobSource body) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ByteBuffer piece = body.next(); piece != null; piece = body.next()) {
      byte[] bytes = new byte[piece.remaining()];
      piece.get(bytes);
      all.writeBytes(bytes);
    }
    return all.toByteArray();
  }
}
