package io.berth.http.engine;

import io.berth.http.Ending;
import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.http.Request;
import io.berth.http.RequestBody;
import io.berth.http.Trail;
import io.berth.oci.BlobContent;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its answer. What {@link Request} promises may be asked on any thread; everything else happens on the event loop.
 * However it ends, it ends once: the content of its reply is closed, its body is closed, the connection is told, and so is the handler.
 */
final class Exchange implements Request {

  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
  private static final byte[] FAILURE =
      "{\"errors\":[{\"code\":\"UNKNOWN\",\"message\":\"internal error\"}]}".getBytes(StandardCharsets.US_ASCII);

  private final Connection connection;
  private final HttpServerRequest message;
  private final RequestBody body;
  private final Listener listener;
  private final RequestTarget target;
  private final long idHigh;
  private final long idLow;
  private final Trail trail = new Trail();
  private final long begun = System.nanoTime();
  private @Nullable BlobContent content;
  private boolean answered;
  private int status = Ending.NO_ANSWER;
  private long length;
  private long written;
  private boolean over;

  Exchange(Connection connection, HttpServerRequest message, RequestBody body, Listener listener) {
    this.connection = connection;
    this.message = message;
    this.body = body;
    this.listener = listener;
    this.target = RequestTarget.of(message.uri());
    this.idHigh = listener.ids().nextHigh();
    this.idLow = listener.ids().nextLow();
  }

  @Override
  public String id() {
    return RequestIds.text(idHigh, idLow);
  }

  @Override
  public String method() {
    return message.method().name();
  }

  @Override
  public String rawPath() {
    return target.path();
  }

  @Override
  public String rawQuery() {
    return target.query();
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(message.headers().get(name));
  }

  @Override
  public List<String> headers(String name) {
    return message.headers().getAll(name);
  }

  @Override
  public SocketAddress remote() {
    return connection.remote();
  }

  @Override
  public String protocol() {
    return message.version() == HttpVersion.HTTP_1_0 ? "HTTP/1.0" : "HTTP/1.1";
  }

  @Override
  public RequestBody body() {
    return body;
  }

  @Override
  public Trail trail() {
    return trail;
  }

  /** Has the handler answer: at once, or on a virtual thread. */
  void run() {
    Reply immediate;
    try {
      immediate = listener.handler().immediate(this);
    } catch (RuntimeException | Error e) {
      LOG.error("request {} failed on the event loop", id(), e);
      immediate = failure();
    }
    if (immediate != null) {
      answer(immediate);
    } else {
      Thread.startVirtualThread(this::handle);
    }
  }

  private void handle() {
    Reply reply;
    try {
      reply = listener.handler().handle(this);
    } catch (RuntimeException | Error e) {
      LOG.error("request {} failed", id(), e);
      reply = failure();
    }
    Reply answer = reply;
    if (!connection.execute(() -> answer(answer))) {
      content = contentOf(answer);
      abandon();
    }
  }

  private static @Nullable BlobContent contentOf(Reply reply) {
    return reply instanceof Reply.Blob blob ? blob.content() : null;
  }

  static Reply failure() {
    return new Reply.Bytes(500, new Headers().add("Content-Type", "application/json"), FAILURE);
  }

  private void answer(Reply reply) {
    content = contentOf(reply);
    answered = true;
    if (over) {
      end();
      return;
    }
    boolean last = connection.isLast(receivedBody());
    try {
      listener.writer().write(this, reply, last);
    } catch (RuntimeException e) {
      LOG.error("the reply to request {} can't be written", id(), e);
      failed();
    }
  }

  HttpServerResponse response() {
    return message.response();
  }

  boolean isHead() {
    return message.method().equals(HttpMethod.HEAD);
  }

  /** Whether nothing of this request can be left on the connection when the answer is written. */
  boolean isBodiless() {
    return body == NoBody.NONE;
  }

  void sendContinue() {
    if (!over && !response().headWritten()) {
      var _ = response().writeContinue();
    }
  }

  /** An answer is begun, with a body of so many bytes. */
  void answering(int answerStatus, long bodyLength) {
    status = answerStatus;
    length = bodyLength;
  }

  /** Bytes of the answer's body have been handed on. */
  void wrote(long bytes) {
    written += bytes;
  }

  /** The answer is written. */
  void sent(boolean last) {
    if (!over) {
      over(true);
      end();
      connection.done(this, receivedBody(), last);
    }
  }

  /** The answer can't be written, or not to its end. */
  void failed() {
    if (!over) {
      over(false);
      end();
      connection.abort();
    }
  }

  /** The connection is gone. A handler that is still at work may read what arrived of the body. */
  void lost() {
    if (!over) {
      over(false);
      if (answered) {
        end();
      }
    }
  }

  /** Nobody will answer. */
  void abandon() {
    if (!over) {
      over(false);
    }
    end();
  }

  /** Nothing more goes to the peer; the handler is told. */
  private void over(boolean whole) {
    over = true;
    ReceivedBody read = receivedBody();
    long received = read == null ? 0 : read.receivedBytes();
    long sent = whole ? length : Math.min(length, written + connection.fileBytesSent());
    try {
      listener.handler().ended(this, new Ending(status, received, sent, System.nanoTime() - begun, whole));
    } catch (RuntimeException | Error e) {
      LOG.error("the end of request {} could not be reported", id(), e);
    }
  }

  /** Nobody needs the bodies any more. */
  private void end() {
    ReceivedBody read = receivedBody();
    if (read != null) {
      read.close();
    }
    closeContent();
  }

  private @Nullable ReceivedBody receivedBody() {
    return body instanceof ReceivedBody received ? received : null;
  }

  /** Closing may block: not here. */
  private void closeContent() {
    BlobContent done = content;
    content = null;
    if (done instanceof BlobContent.InMemory) {
      return;
    }
    if (done != null) {
      Thread.startVirtualThread(() -> {
        try {
          done.close();
        } catch (IOException e) {
          LOG.warn("the content sent to request {} can't be closed", id(), e);
        }
      });
    }
  }
}
