package io.berth.http.engine;

import io.berth.http.Headers;
import io.berth.oci.BlobContent;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** The answer's way on a stream of HTTP/2. What the peer's windows have no room for waits here, and little of it at a time. */
final class Http2Outlet implements Outlet {

  private static final int ENOUGH = 512 * 1024;

  private final Http2Session session;
  private final int stream;
  private @Nullable Http2Headers head;
  private @Nullable Runnable waiting;
  private int underWay;

  Http2Outlet(Http2Session session, int stream) {
    this.session = session;
    this.stream = stream;
  }

  /** The bytes that are written and not taken. */
  int underWay() {
    return underWay;
  }

  @Override
  public void sendContinue() {
    if (head == null) {
      session.writeHead(stream, new DefaultHttp2Headers(false).status("100"), false, session.promise());
    }
  }

  @Override
  public void head(int status, Headers fields, CharSequence date, long length, boolean last) {
    Http2Headers all = new DefaultHttp2Headers(false, 16).status(Integer.toString(status));
    for (Map.Entry<String, String> field : fields.fields()) {
      if (!FieldNames.isFraming(field.getKey())) {
        all.add(FieldNames.small(field.getKey()), field.getValue());
      }
    }
    all.set(HttpHeaderNames.DATE, date);
    if (length >= 0) {
      all.set(HttpHeaderNames.CONTENT_LENGTH, Long.toString(length));
    }
    head = all;
  }

  /** The frames say where the body ends. */
  @Override
  public void openEnded() {}

  @Override
  public boolean isFull() {
    return underWay >= ENOUGH;
  }

  @Override
  public void whenRoom(Runnable task) {
    waiting = task;
  }

  @Override
  public void write(ByteBuf piece, @Nullable Sent told) {
    sendHead(false, null);
    send(piece, false, told);
  }

  @Override
  public void end(ByteBuf piece, @Nullable Sent told) {
    if (head != null && !piece.isReadable()) {
      piece.release();
      sendHead(true, told);
      return;
    }
    sendHead(false, null);
    send(piece, true, told);
  }

  private void sendHead(boolean end, @Nullable Sent told) {
    Http2Headers fields = head;
    if (fields != null) {
      head = null;
      ChannelPromise promise = session.promise();
      if (told != null) {
        promise.addListener(done -> told.sent(done.isSuccess()));
      }
      session.writeHead(stream, fields, end, promise);
    }
  }

  private void send(ByteBuf piece, boolean end, @Nullable Sent told) {
    int bytes = piece.readableBytes();
    underWay += bytes;
    ChannelPromise promise = session.promise();
    promise.addListener(done -> {
      underWay -= bytes;
      if (told != null) {
        told.sent(done.isSuccess());
      }
      Runnable next = waiting;
      if (next != null && !isFull()) {
        waiting = null;
        next.run();
      }
    });
    session.writeData(stream, piece, end, promise);
  }

  @Override
  public boolean takesFiles() {
    return false;
  }

  @Override
  public void file(BlobContent.InFile file, long offset, long length, Sent told) {
    throw new IllegalStateException("files go out in frames");
  }

  @Override
  public Semaphore pieces() {
    return session.pieces();
  }

  @Override
  public ByteBuf buffer(int bytes) {
    return session.buffer(bytes);
  }
}
