package io.berth.http.engine;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Headers.PseudoHeaderName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the head of a request must be beyond what Netty's decoder demands (RFC 9113, section 8): each pseudo-header once, one host of sane
 * characters, whether it comes as {@code :authority} or as {@code Host}, a target of one of the known forms, and values that would be values in
 * HTTP/1 too. Netty has refused by then: fields about the connection, names in capitals, pseudo-headers that are unknown or late, and a
 * {@code Content-Length} that is none, or not the length of the body. Pure functions.
 */
final class Http2Head {

  private Http2Head() {}

  /** What is wrong with it, in words; {@code null} if it is fine. */
  static @Nullable String flaw(Http2Headers head) {
    for (PseudoHeaderName name : PseudoHeaderName.values()) {
      if (head.getAll(name.value()).size() > 1) {
        return "a pseudo-header stands twice";
      }
    }
    if (head.contains(PseudoHeaderName.PROTOCOL.value())) {
      return "extended CONNECT is not spoken here";
    }
    for (Map.Entry<CharSequence, CharSequence> field : head) {
      if (!isValue(field.getValue())) {
        return "the value of a field is malformed";
      }
    }
    if (head.method() == null || !StrictHead.isToken(head.method())) {
      return "the method is malformed";
    }
    return isHost(head) ? target(head) : "a request names one host, well-formed, and one only";
  }

  private static boolean isHost(Http2Headers head) {
    CharSequence authority = head.authority();
    CharSequence host = head.get("host");
    if (head.getAll("host").size() > 1 || authority == null && host == null) {
      return false;
    }
    if (authority != null && host != null && !authority.toString().equalsIgnoreCase(host.toString())) {
      return false;
    }
    String named = String.valueOf(authority == null ? host : authority);
    return StrictHead.isAuthority(named, 0, named.length());
  }

  private static @Nullable String target(Http2Headers head) {
    CharSequence path = head.path();
    boolean connect = head.method().toString().equals("CONNECT");
    if (connect) {
      return path == null && head.scheme() == null ? null : "CONNECT has neither scheme nor path";
    }
    if (path == null || head.scheme() == null || !StrictHead.isVisible(path)) {
      return "the path is malformed";
    }
    String scheme = head.scheme().toString();
    if (!scheme.equals("http") && !scheme.equals("https")) {
      return "the scheme is unknown";
    }
    boolean fine = path.charAt(0) == '/' || path.toString().equals("*") && head.method().toString().equals("OPTIONS");
    return fine ? null : "the path is malformed";
  }

  /** RFC 9113, section 8.2.1. */
  private static boolean isValue(CharSequence value) {
    int length = value.length();
    if (length == 0) {
      return true;
    }
    if (isBlank(value.charAt(0)) || isBlank(value.charAt(length - 1))) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c == '\0' || c == '\r' || c == '\n') {
        return false;
      }
    }
    return true;
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }
}
