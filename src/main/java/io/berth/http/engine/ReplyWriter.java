package io.berth.http.engine;

import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.oci.BlobContent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes replies: sets {@code Content-Length}, {@code Date} and {@code Connection}, leaves the body away where HTTP has none (RFC 9110,
 * section 6.4.1), sends files from kernel to socket where that is possible, and the rest in pieces as the peer takes them. For one event loop.
 */
final class ReplyWriter {

  private static final Logger LOG = LoggerFactory.getLogger(ReplyWriter.class);
  private static final int PIECE = 256 * 1024;

  private static final int LATER = 30;

  private final DateField date = new DateField();

  /** Writes a reply and tells the exchange when it is done. {@code last} asks for the end of the connection afterwards. */
  void write(Exchange exchange, Reply reply, boolean last) {
    boolean end = last || asksForClose(reply.headers());
    switch (reply) {
      case Reply.Empty empty -> bodiless(exchange, empty, hasLength(empty.status()) ? 0 : -1, end);
      case Reply.Head head -> {
        if (exchange.isHead() || !mayHaveBody(head.status())) {
          bodiless(exchange, head, head.length(), end);
        } else {
          LOG.error("the reply to request {}, no HEAD, has a length but no body", exchange.id());
          write(exchange, exchange.failure(), end);
        }
      }
      case Reply.Bytes bytes -> {
        if (isBodiless(exchange, bytes)) {
          bodiless(exchange, bytes, bytes.body().length, end);
        } else {
          if (!exchange.holds(bytes.body())) {
            write(exchange, exchange.tooMany(), end);
            return;
          }
          memory(exchange, bytes, ByteBuffer.wrap(bytes.body()), end);
        }
      }
      case Reply.Blob blob -> {
        if (isBodiless(exchange, blob)) {
          bodiless(exchange, blob, blob.length(), end);
        } else {
          blob(exchange, blob, end);
        }
      }
      case Reply.Events events -> {
        if (isBodiless(exchange, events)) {
          bodiless(exchange, events, -1, end);
        } else {
          events(exchange, events, end);
        }
      }
    }
  }

  /** Answers what is no exchange, since its head could not be read. The connection ends behind it. */
  void refuse(Http1Message message, Reply.Bytes refusal) {
    message.head(refusal.status(), refusal.headers(), date.now(), refusal.body().length, true);
    message.end(Unpooled.wrappedBuffer(refusal.body()), null);
  }

  private static boolean isBodiless(Exchange exchange, Reply reply) {
    return exchange.isHead() || !mayHaveBody(reply.status());
  }

  private static boolean mayHaveBody(int status) {
    return status != 204 && status != 304;
  }

  private static boolean hasLength(int status) {
    return status != 204 && status != 304;
  }

  private void bodiless(Exchange exchange, Reply reply, long length, boolean last) {
    begin(exchange, reply, reply.status() == 204 ? -1 : length, last);
    end(exchange, Unpooled.EMPTY_BUFFER, last);
  }

  private void blob(Exchange exchange, Reply.Blob blob, boolean last) {
    switch (blob.content()) {
      case BlobContent.InMemory memory ->
          memory(exchange, blob, memory.bytes().slice(Math.toIntExact(blob.offset()), Math.toIntExact(blob.length())), last);
      case BlobContent.InFile file -> {
        if (blob.length() == 0) {
          bodiless(exchange, blob, 0, last);
        } else if (isWithin(file, blob)) {
          begin(exchange, blob, blob.length(), last);
          file(exchange, file, blob, last);
        } else {
          LOG.error("the file for request {} is shorter than its blob", exchange.id());
          write(exchange, exchange.failure(), last);
        }
      }
    }
  }

  private void events(Exchange exchange, Reply.Events events, boolean last) {
    Followers followers = exchange.engine().followers();
    String client = followers.client(exchange.origin());
    switch (followers.enter(client)) {
      case FULL -> write(exchange, exchange.tooMany(503, "too many streams of events at once: try again later", LATER), last);
      case CLIENT_HAS_ITS_SHARE -> write(exchange, exchange.tooMany(429, "too many streams of events of yours at once", LATER), last);
      case WELCOME -> {
        boolean end = last || exchange.protocol().equals("HTTP/1.0"); // which has no other sign of the end
        var pump = new EventPump(exchange, events.source(), client, end);
        exchange.follows(pump);
        begin(exchange, events, -1, end);
        exchange.outlet().openEnded();
        pump.start();
      }
    }
  }

  private static void file(Exchange exchange, BlobContent.InFile file, Reply.Blob blob, boolean last) {
    if (exchange.outlet().takesFiles()) {
      exchange.outlet().file(file, blob.offset(), blob.length(), well -> done(exchange, well, last));
    } else {
      new FilePump(exchange, file, last, exchange.engine().answers().pieces()).start(blob.offset(), blob.length());
    }
  }

  private static boolean isWithin(BlobContent.InFile file, Reply.Blob blob) {
    try {
      return blob.offset() + blob.length() <= file.channel().size();
    } catch (IOException e) {
      LOG.error("the size of a blob's file can't be read", e);
      return false;
    }
  }

  private void memory(Exchange exchange, Reply reply, ByteBuffer bytes, boolean last) {
    begin(exchange, reply, bytes.remaining(), last);
    pour(exchange, bytes, last);
  }

  /** Writes as much as the peer takes, and goes on when it takes more. */
  private static void pour(Exchange exchange, ByteBuffer bytes, boolean last) {
    Outlet outlet = exchange.outlet();
    while (bytes.remaining() > PIECE) {
      if (exchange.isOver()) {
        return;
      }
      if (outlet.isFull()) {
        outlet.whenRoom(() -> pour(exchange, bytes, last));
        return;
      }
      outlet.write(piece(bytes, PIECE), null);
      exchange.wrote(PIECE);
    }
    end(exchange, piece(bytes, bytes.remaining()), last);
  }

  private static ByteBuf piece(ByteBuffer bytes, int length) {
    ByteBuffer piece = bytes.slice(bytes.position(), length);
    bytes.position(bytes.position() + length);
    return Unpooled.wrappedBuffer(piece);
  }

  private void begin(Exchange exchange, Reply reply, long length, boolean last) {
    exchange.answering(reply.status(), isBodiless(exchange, reply) ? 0 : Math.max(length, 0));
    exchange.outlet().head(reply.status(), reply.headers(), date.now(), length, last);
  }

  private static boolean asksForClose(Headers headers) {
    for (Map.Entry<String, String> field : headers.fields()) {
      if (field.getKey().length() == 10 && field.getKey().equalsIgnoreCase("Connection")) {
        return field.getValue().equalsIgnoreCase("close");
      }
    }
    return false;
  }

  private static void end(Exchange exchange, ByteBuf rest, boolean last) {
    if (!last && exchange.isBodiless() && !exchange.isHeld()) {
      exchange.outlet().end(rest, null);
      exchange.sent(false); // nothing depends on when; if it fails, the connection is gone
    } else {
      exchange.outlet().end(rest, well -> done(exchange, well, last));
    }
  }

  private static void done(Exchange exchange, boolean well, boolean last) {
    if (well) {
      exchange.sent(last);
    } else {
      exchange.failed();
    }
  }

  /** What has to be closed when the answer is over. */
  static @Nullable AutoCloseable contentOf(Reply reply) {
    return switch (reply) {
      case Reply.Blob blob -> blob.content();
      case Reply.Events events -> events.source();
      case Reply.Empty _, Reply.Head _, Reply.Bytes _ -> null;
    };
  }
}
