package io.berth.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A collector of OpenTelemetry that speaks OTLP over HTTP and over gRPC, and keeps the spans that it is sent. */
final class Collector {

  /** A span, as far as tests care. Attributes are texts. */
  record Span(String trace, String id, String parent, String name, long kind, Map<String, String> attributes, long status,
      String service) {}

  private final List<Span> spans = new CopyOnWriteArrayList<>();
  private final List<String> paths = new CopyOnWriteArrayList<>();
  private final Vertx vertx = Vertx.vertx();
  private final HttpServer server;

  Collector() throws Exception {
    server = vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0).setHttp2ClearTextEnabled(true))
        .requestHandler(this::receive).listen().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  List<Span> spans() {
    return spans;
  }

  List<String> paths() {
    return paths;
  }

  private void receive(HttpServerRequest request) {
    paths.add(request.path());
    request.body().onSuccess(body -> {
      boolean grpc = "application/grpc".equals(request.getHeader("Content-Type"));
      read(ByteBuffer.wrap(grpc ? body.getBytes(5, body.length()) : body.getBytes()));
      if (grpc) {
        request.response().putHeader("Content-Type", "application/grpc").putTrailer("grpc-status", "0");
        var _ = request.response().end(Buffer.buffer(new byte[5]));
      } else {
        var _ = request.response().putHeader("Content-Type", "application/x-protobuf").end();
      }
    });
  }

  /** ExportTraceServiceRequest: resource_spans = 1 { resource = 1 { attributes = 1 }, scope_spans = 2 { spans = 2 } }. */
  private void read(ByteBuffer request) {
    each(request, (field, resourceSpans, _) -> {
      var resource = new TreeMap<String, String>();
      each(resourceSpans, (part, message, _) -> {
        if (part == 1) {
          each(message, (attribute, pair, _) -> attribute(attribute == 1, pair, resource));
        } else if (part == 2) {
          each(message, (span, bytes, _) -> {
            if (span == 2) {
              spans.add(span(bytes, resource.getOrDefault("service.name", "")));
            }
          });
        }
      });
    });
  }

  private static Span span(ByteBuffer bytes, String service) {
    var texts = new TreeMap<Integer, String>();
    var attributes = new TreeMap<String, String>();
    long[] numbers = new long[2];
    each(bytes, (field, value, number) -> {
      switch (field) {
        case 1, 2, 4 -> texts.put(field, hex(value));
        case 5 -> texts.put(field, UTF_8.decode(value).toString());
        case 6 -> numbers[0] = number;
        case 9 -> attribute(true, value, attributes);
        case 15 -> each(value, (part, _, code) -> numbers[1] = part == 3 ? code : numbers[1]);
        default -> {
          // not asked for
        }
      }
    });
    return new Span(texts.get(1), texts.get(2), texts.getOrDefault(4, ""), texts.get(5), numbers[0], attributes, numbers[1], service);
  }

  private static String hex(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return HexFormat.of().formatHex(copy);
  }

  /** KeyValue: key = 1, value = 2 { string_value = 1, int_value = 3 }. */
  private static void attribute(boolean wanted, ByteBuffer pair, Map<String, String> into) {
    if (!wanted) {
      return;
    }
    String[] key = {""};
    each(pair, (field, value, _) -> {
      if (field == 1) {
        key[0] = UTF_8.decode(value).toString();
      } else {
        each(value, (kind, text, number) -> into.put(key[0], kind == 1 ? UTF_8.decode(text).toString() : Long.toString(number)));
      }
    });
  }

  private interface Field {
    void read(int number, ByteBuffer bytes, long value);
  }

  /** The fields of a message of Protocol Buffers. */
  private static void each(ByteBuffer message, Field to) {
    while (message.hasRemaining()) {
      long tag = varint(message);
      int field = (int) (tag >> 3);
      switch ((int) tag & 7) {
        case 0 -> to.read(field, ByteBuffer.allocate(0), varint(message));
        case 1 -> to.read(field, ByteBuffer.allocate(0), message.getLong());
        case 5 -> to.read(field, ByteBuffer.allocate(0), message.getInt());
        default -> {
          int length = (int) varint(message);
          to.read(field, message.slice(message.position(), length), 0);
          message.position(message.position() + length);
        }
      }
    }
  }

  private static long varint(ByteBuffer bytes) {
    long value = 0;
    for (int shift = 0;; shift += 7) {
      byte next = bytes.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  void close() throws Exception {
    var _ = vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
