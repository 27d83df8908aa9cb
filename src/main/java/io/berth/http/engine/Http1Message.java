package io.berth.http.engine;

import io.berth.http.Headers;
import io.berth.oci.BlobContent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** A request of HTTP/1, and the way its answer takes. */
final class Http1Message implements Message, Outlet {

  private static final int PIECES = 4;

  private final HttpServerRequest request;
  private final boolean encrypted;

  Http1Message(HttpServerRequest request, boolean encrypted) {
    this.request = request;
    this.encrypted = encrypted;
  }

  @Override
  public String method() {
    return request.method().name();
  }

  @Override
  public String protocol() {
    return request.version() == HttpVersion.HTTP_1_0 ? "HTTP/1.0" : "HTTP/1.1";
  }

  @Override
  public String target() {
    return request.uri();
  }

  @Override
  public String scheme() {
    return encrypted ? "https" : "http";
  }

  @Override
  public @Nullable String field(String name) {
    return request.headers().get(name);
  }

  @Override
  public List<String> fields(String name) {
    return request.headers().getAll(name);
  }

  @Override
  public void sendContinue() {
    if (!request.response().headWritten()) {
      var _ = request.response().writeContinue();
    }
  }

  @Override
  public void head(int status, Headers fields, CharSequence date, long length, boolean last) {
    HttpServerResponse response = request.response();
    response.setStatusCode(status);
    MultiMap all = response.headers();
    for (Map.Entry<String, String> field : fields.fields()) {
      if (!FieldNames.isFraming(field.getKey())) {
        all.add(FieldNames.of(field.getKey()), field.getValue());
      }
    }
    all.set(HttpHeaders.DATE, date);
    if (length >= 0) {
      all.set(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
    }
    if (last) {
      all.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      if (request.version() == HttpVersion.HTTP_1_0) { // where Vert.x promises whoever asked for it another answer
        var _ = response.headersEndHandler(_ -> all.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE));
      }
    }
  }

  /** For HTTP/1.0, which has no chunks, this does nothing: the body ends with the connection. */
  @Override
  public void openEnded() {
    var _ = request.response().setChunked(true);
  }

  @Override
  public boolean isFull() {
    return request.response().writeQueueFull();
  }

  @Override
  public void whenRoom(Runnable task) {
    HttpServerResponse response = request.response();
    response.drainHandler(_ -> {
      response.drainHandler(null);
      task.run();
    });
  }

  @Override
  public void write(ByteBuf piece, @Nullable Sent told) {
    tell(request.response().write(BufferInternal.buffer(piece)), told);
  }

  @Override
  public void end(ByteBuf piece, @Nullable Sent told) {
    tell(request.response().end(BufferInternal.buffer(piece)), told);
  }

  /** Encryption needs the bytes in memory. */
  @Override
  public boolean takesFiles() {
    return !encrypted;
  }

  @Override
  public void file(BlobContent.InFile file, long offset, long length, Sent told) {
    tell(request.response().sendFile(file.channel(), offset, length), told);
  }

  @Override
  public Semaphore pieces() {
    return new Semaphore(PIECES);
  }

  @Override
  public ByteBuf buffer(int bytes) {
    return ByteBufAllocator.DEFAULT.heapBuffer(bytes); // the platform's TLS works on arrays
  }

  private static void tell(Future<Void> written, @Nullable Sent told) {
    if (told != null) {
      written.onComplete(result -> told.sent(result.succeeded()));
    }
  }
}
