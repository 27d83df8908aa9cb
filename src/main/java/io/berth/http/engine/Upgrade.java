package io.berth.http.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The upgrade of a connection in clear text to HTTP/2 (RFC 7540, section 3.2; RFC 9113 has dropped it, clients have not). Pure functions. */
final class Upgrade {

  private static final String SETTINGS = "http2-settings";
  private static final int ENTRY = 6;
  private static final int MOST = 16 * ENTRY;

  private Upgrade() {}

  /** The settings that a request for the upgrade carries; {@code null} if it is none, or none that is well-formed. */
  static @Nullable Http2Settings settings(HttpRequest head) {
    HttpHeaders fields = head.headers();
    List<String> settings = fields.getAll(SETTINGS);
    if (settings.size() != 1 || !head.protocolVersion().equals(HttpVersion.HTTP_1_1)
        || !fields.contains(HttpHeaderNames.UPGRADE, "h2c", true)
        || !fields.containsValue(HttpHeaderNames.CONNECTION, "upgrade", true)
        || !fields.containsValue(HttpHeaderNames.CONNECTION, SETTINGS, true)) {
      return null;
    }
    try {
      byte[] payload = Base64.getUrlDecoder().decode(settings.getFirst());
      return payload.length % ENTRY == 0 && payload.length <= MOST ? parse(ByteBuffer.wrap(payload)) : null;
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  private static Http2Settings parse(ByteBuffer payload) {
    Http2Settings settings = new Http2Settings();
    while (payload.hasRemaining()) {
      settings.put(payload.getChar(), Long.valueOf(Integer.toUnsignedLong(payload.getInt())));
    }
    return settings;
  }

  /** What grants it. */
  static ByteBuf answer() {
    return Unpooled.copiedBuffer("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        StandardCharsets.US_ASCII);
  }

  /** The request as it would have been sent in HTTP/2. */
  static Http2Headers head(HttpRequest head) {
    Http2Headers fields = new DefaultHttp2Headers(false);
    fields.method(head.method().name()).path(head.uri()).scheme("http").authority(head.headers().get(HttpHeaderNames.HOST));
    for (Map.Entry<String, String> field : head.headers()) {
      String name = field.getKey().toLowerCase(Locale.ROOT);
      switch (name) {
        case "host", "connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade", SETTINGS -> {
          // said otherwise in HTTP/2, or not at all
        }
        default -> fields.add(name, field.getValue());
      }
    }
    return fields;
  }
}
