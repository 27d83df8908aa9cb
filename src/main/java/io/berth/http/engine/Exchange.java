package io.berth.http.engine;

import io.berth.http.Ending;
import io.berth.http.EventSource;
import io.berth.http.Origin;
import io.berth.http.Reply;
import io.berth.http.Request;
import io.berth.http.RequestBody;
import io.berth.http.Trail;
import io.berth.oci.BlobContent;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its answer. What {@link Request} promises may be asked on any thread; everything else happens on the event loop.
 * However it ends, it ends once: the content of its reply is closed, its body is closed, the carrier is told, and so is the handler.
 */
final class Exchange implements Request {

  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  private final Carrier carrier;
  private final Message message;
  private final Outlet outlet;
  private final RequestBody body;
  private final Listener listener;
  private final RequestTarget target;
  private final long idHigh;
  private final long idLow;
  private final Trail trail = new Trail();
  private final long begun = System.nanoTime();
  private volatile @Nullable Origin origin;
  private @Nullable AutoCloseable content;
  private @Nullable FilePump pump;
  private @Nullable EventPump events;
  private WholeBudget.@Nullable Share share;
  private boolean answered;
  private int status = Ending.NO_ANSWER;
  private long length;
  private long written;
  private boolean over;
  private boolean counted;

  Exchange(Carrier carrier, Message message, Outlet outlet, RequestBody body, Listener listener) {
    this.carrier = carrier;
    this.message = message;
    this.outlet = outlet;
    this.body = body;
    this.listener = listener;
    this.target = RequestTarget.of(message.target());
    this.idHigh = listener.ids().nextHigh();
    this.idLow = listener.ids().nextLow();
  }

  @Override
  public String id() {
    return RequestIds.text(idHigh, idLow);
  }

  @Override
  public String method() {
    return message.method();
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
    return Optional.ofNullable(message.field(name));
  }

  @Override
  public List<String> headers(String name) {
    return message.fields(name);
  }

  @Override
  public SocketAddress remote() {
    return carrier.remote();
  }

  @Override
  public Optional<X509Certificate> certificate() {
    return carrier.certificate();
  }

  @Override
  public Origin origin() {
    Origin known = origin;
    if (known == null) {
      known = Origin.of(this, message.scheme(), listener.proxies());
      origin = known;
    }
    return known;
  }

  @Override
  public String protocol() {
    return message.protocol();
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
      return;
    }
    counted = listener.engine().crowd().ask(remote());
    if (counted) {
      Thread.startVirtualThread(this::handle);
    } else {
      answer(tooMany());
    }
  }

  /** The answer where there is no room for another one. */
  Reply tooMany() {
    return tooMany(503, "too many requests at once: try again in a moment", 1);
  }

  Reply tooMany(int refusalStatus, String words, int seconds) {
    Reply.Bytes refusal = listener.refusal(refusalStatus, "TOOMANYREQUESTS", words);
    refusal.headers().add("Retry-After", Integer.toString(seconds));
    return refusal;
  }

  /** As whose the memory of the answer counts; {@code null} for one who speaks for many. */
  @Nullable String countedAs() {
    return listener.engine().crowd().client(remote());
  }

  LoopTurns turns() {
    return listener.turns();
  }

  /** The answer to a request that is refused for its form. */
  void refuse(int refusalStatus, String words) {
    answer(listener.refusal(refusalStatus, "UNSUPPORTED", words));
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
    if (!carrier.execute(() -> answer(answer))) {
      content = ReplyWriter.contentOf(answer);
      abandon();
    }
  }

  Reply failure() {
    return listener.refusal(500, "UNKNOWN", "internal error");
  }

  private void answer(Reply reply) {
    content = ReplyWriter.contentOf(reply);
    answered = true;
    if (over) {
      end();
      return;
    }
    try {
      listener.writer().write(this, reply, isLast());
    } catch (RuntimeException | Error e) {
      LOG.error("the reply to request {} can't be written", id(), e);
      failed();
    }
  }

  /** Whether an answer that is written now is the last one on its carrier. */
  boolean isLast() {
    return carrier.isLast(receivedBody());
  }

  Engine engine() {
    return listener.engine();
  }

  Outlet outlet() {
    return outlet;
  }

  /** Runs something on the event loop; false if that has ended for good. */
  boolean execute(Runnable task) {
    return carrier.execute(task);
  }

  boolean isHead() {
    return message.method().equals("HEAD");
  }

  /** Whether nothing of this request can be left on its carrier when the answer is written. */
  boolean isBodiless() {
    return body == NoBody.NONE;
  }

  boolean isOver() {
    return over;
  }

  void sendContinue() {
    if (!over) {
      outlet.sendContinue();
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
    if (share != null) {
      share.moved(bytes);
    }
  }

  /** Whether there is room for such an answer in memory; it is held until the exchange is over. */
  boolean holds(byte[] bytes) {
    if (bytes.length > WholeBudget.SMALL && share == null) {
      share = listener.engine().answers().wholes().hold(bytes, countedAs(), this::giveUp);
      return share != null;
    }
    return true;
  }

  /** Whether the answer holds memory until the peer has taken it. */
  boolean isHeld() {
    return share != null;
  }

  /** There is no room for a peer that does not take its answer. Any thread. */
  void giveUp() {
    boolean _ = carrier.execute(() -> {
      if (!over) {
        LOG.debug("request {} loses its answer, which its peer takes too slowly", id());
        failed();
      }
    });
  }

  /** A pump sends the body of the answer, and has to be stopped when that is over. */
  void pumped(FilePump by) {
    pump = by;
  }

  /** The message that {@link #holds} has counted is taken. */
  void letGo() {
    if (share != null) {
      share.leave();
      share = null;
    }
  }

  /** Events go out from now on: this is no request any more that others have to wait for. */
  void follows(EventPump by) {
    events = by;
    notCounted();
  }

  /** The answer is written. */
  void sent(boolean last) {
    if (!over) {
      over(true);
      end();
      carrier.done(this, receivedBody(), last);
    }
  }

  /** The answer can't be written, or not to its end. */
  void failed() {
    if (!over) {
      over(false);
      end();
      carrier.abort();
    }
  }

  /** The carrier is gone. A handler that is still at work may read what arrived of the body. */
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
    long most = events != null ? written : length; // nobody knew how long events would be
    long sent = whole ? most : Math.min(most, written + carrier.fileBytesSent());
    try {
      listener.handler().ended(this, new Ending(status, received, sent, System.nanoTime() - begun, whole, events != null));
    } catch (RuntimeException | Error e) {
      LOG.error("the end of request {} could not be reported", id(), e);
    }
  }

  /** Nobody needs the bodies any more. */
  private void end() {
    notCounted();
    if (share != null) {
      share.leave();
    }
    if (pump != null) {
      pump.stop();
    }
    if (events != null) {
      events.stop();
    }
    ReceivedBody read = receivedBody();
    if (read != null) {
      read.close();
    }
    closeContent();
  }

  private void notCounted() {
    if (counted) {
      counted = false;
      listener.engine().crowd().answered(remote());
    }
  }

  private @Nullable ReceivedBody receivedBody() {
    return body instanceof ReceivedBody received ? received : null;
  }

  /** Closing may block: not here. */
  private void closeContent() {
    AutoCloseable done = content;
    content = null;
    if (done instanceof EventSource source) {
      source.close();
    } else if (done != null && !(done instanceof BlobContent.InMemory)) {
      Thread.startVirtualThread(() -> {
        try {
          done.close();
        } catch (Exception e) {
          LOG.warn("the content sent to request {} can't be closed", id(), e);
        }
      });
    }
  }
}
