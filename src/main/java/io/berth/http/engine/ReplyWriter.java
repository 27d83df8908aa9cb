package io.berth.http.engine;

import io.berth.http.Headers;
import io.berth.http.Reply;
import io.berth.oci.BlobContent;
import io.netty.buffer.Unpooled;
import io.vertx.core.AsyncResult;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes replies: sets {@code Content-Length}, {@code Date} and {@code Connection}, leaves the body away where HTTP has none (RFC 9110,
 * section 6.4.1), sends files from kernel to socket, and memory in pieces as the peer takes them. For one event loop.
 */
final class ReplyWriter {

  private static final Logger LOG = LoggerFactory.getLogger(ReplyWriter.class);
  private static final int PIECE = 256 * 1024;

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
          write(exchange, Exchange.failure(), end);
        }
      }
      case Reply.Bytes bytes -> {
        if (isBodiless(exchange, bytes)) {
          bodiless(exchange, bytes, bytes.body().length, end);
        } else {
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
    }
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
    HttpServerResponse response = begin(exchange, reply, reply.status() == 204 ? -1 : length, last);
    end(exchange, response, Buffer.buffer(), last);
  }

  private void blob(Exchange exchange, Reply.Blob blob, boolean last) {
    switch (blob.content()) {
      case BlobContent.InMemory memory ->
          memory(exchange, blob, memory.bytes().slice(Math.toIntExact(blob.offset()), Math.toIntExact(blob.length())), last);
      case BlobContent.InFile file -> {
        if (blob.length() == 0) {
          bodiless(exchange, blob, 0, last);
        } else if (isWithin(file, blob)) {
          HttpServerResponse response = begin(exchange, blob, blob.length(), last);
          response.sendFile(file.channel(), blob.offset(), blob.length()).onComplete(sent -> done(exchange, sent, last));
        } else {
          LOG.error("the file for request {} is shorter than its blob", exchange.id());
          write(exchange, Exchange.failure(), last);
        }
      }
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
    HttpServerResponse response = begin(exchange, reply, bytes.remaining(), last);
    pour(exchange, response, bytes, last);
  }

  /** Writes as much as the peer takes, and goes on when it takes more. */
  private void pour(Exchange exchange, HttpServerResponse response, ByteBuffer bytes, boolean last) {
    while (bytes.remaining() > PIECE) {
      if (response.writeQueueFull()) {
        response.drainHandler(_ -> {
          response.drainHandler(null);
          pour(exchange, response, bytes, last);
        });
        return;
      }
      var _ = response.write(piece(bytes, PIECE));
      exchange.wrote(PIECE);
    }
    end(exchange, response, piece(bytes, bytes.remaining()), last);
  }

  private static Buffer piece(ByteBuffer bytes, int length) {
    ByteBuffer piece = bytes.slice(bytes.position(), length);
    bytes.position(bytes.position() + length);
    return BufferInternal.buffer(Unpooled.wrappedBuffer(piece));
  }

  private HttpServerResponse begin(Exchange exchange, Reply reply, long length, boolean last) {
    exchange.answering(reply.status(), isBodiless(exchange, reply) ? 0 : Math.max(length, 0));
    HttpServerResponse response = exchange.response();
    response.setStatusCode(reply.status());
    MultiMap fields = response.headers();
    for (Map.Entry<String, String> field : reply.headers().fields()) {
      if (!isOurs(field.getKey())) {
        fields.add(FieldNames.of(field.getKey()), field.getValue());
      }
    }
    fields.set(HttpHeaders.DATE, date.now());
    if (length >= 0) {
      fields.set(HttpHeaders.CONTENT_LENGTH, Long.toString(length));
    }
    if (last) {
      fields.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    return response;
  }

  /** Fields that say how the message is framed: only the engine knows. */
  private static boolean isOurs(String name) {
    return switch (name.length()) {
      case 4 -> name.equalsIgnoreCase("Date");
      case 10 -> name.equalsIgnoreCase("Connection");
      case 14 -> name.equalsIgnoreCase("Content-Length");
      case 17 -> name.equalsIgnoreCase("Transfer-Encoding");
      default -> false;
    };
  }

  private static boolean asksForClose(Headers headers) {
    for (Map.Entry<String, String> field : headers.fields()) {
      if (field.getKey().length() == 10 && field.getKey().equalsIgnoreCase("Connection")) {
        return field.getValue().equalsIgnoreCase("close");
      }
    }
    return false;
  }

  private static void end(Exchange exchange, HttpServerResponse response, Buffer rest, boolean last) {
    var written = response.end(rest);
    if (!last && exchange.isBodiless()) {
      exchange.sent(false); // nothing depends on when; if it fails, the connection is gone
    } else {
      written.onComplete(result -> done(exchange, result, last));
    }
  }

  private static void done(Exchange exchange, AsyncResult<Void> result, boolean last) {
    if (result.succeeded()) {
      exchange.sent(last);
    } else {
      exchange.failed();
    }
  }
}
