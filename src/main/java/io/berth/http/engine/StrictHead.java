package io.berth.http.engine;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * What the head of a request must be beyond what Netty's decoder demands, so that no two parties along the way can read it differently:
 * one {@code Host} of sane characters, one {@code Content-Length}, no transfer coding but {@code chunked}, and a target of one of the
 * four forms (RFC 9112, sections 3.2, 6.1 and 11.2). Netty has refused by then: bare line feeds, white space around names, lengths that
 * are not digits, and {@code Content-Length} beside {@code Transfer-Encoding}. Pure functions.
 */
final class StrictHead {

  private StrictHead() {}

  /**
   * Judges a decoded head.
   *
   * @param hosts how many {@code Host} fields it came with
   * @param lengths how many {@code Content-Length} fields it came with
   */
  static @Nullable RefusedRequestException flaw(HttpRequest head, int hosts, int lengths) {
    if (hosts > 1 || hosts == 0 && head.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
      return refused("a request carries exactly one Host field");
    }
    if (lengths > 1) {
      return refused("a request carries one Content-Length at most");
    }
    String coding = head.headers().get(HttpHeaderNames.TRANSFER_ENCODING);
    if (coding != null && (!coding.equalsIgnoreCase("chunked") || head.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING).size() > 1)) {
      return new RefusedRequestException(501, "no transfer coding but chunked is known here");
    }
    if (head.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_KEY1)) {
      return refused("the WebSocket drafts are not spoken here"); // Netty reads eight bytes of body into them
    }
    String host = head.headers().get(HttpHeaderNames.HOST);
    if (host != null && !isAuthority(host, 0, host.length())) {
      return refused("the Host field is malformed");
    }
    return isTarget(head, host) ? null : refused("the request target is malformed");
  }

  /** Judges a target's characters: visible ASCII, nothing else. */
  static boolean isVisible(byte[] line, int start, int length) {
    for (int i = start; i < start + length; i++) {
      if (line[i] <= ' ' || line[i] == 0x7f) {
        return false;
      }
    }
    return true;
  }

  /** The same of a target that is text already. */
  static boolean isVisible(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) <= ' ' || text.charAt(i) >= 0x7f) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  /** Judges a method (RFC 9110, section 5.6.2). */
  static boolean isToken(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean fine = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
      if (!fine) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static boolean isTarget(HttpRequest head, @Nullable String host) {
    String target = head.uri();
    if (target.charAt(0) == '/') {
      return true;
    }
    int authority = RequestTarget.authority(target);
    if (authority > 0) {
      int end = RequestTarget.endOfAuthority(target, authority);
      // the target's authority would have to win over Host; where both say the same, nobody can be misled
      return end > authority && isAuthority(target, authority, end)
          && (host == null || host.equalsIgnoreCase(target.substring(authority, end)));
    }
    if (head.method().equals(HttpMethod.CONNECT)) {
      return isAuthority(target, 0, target.length());
    }
    return head.method().equals(HttpMethod.OPTIONS) && target.equals("*");
  }

  /** Letters, digits and the punctuation of names, addresses and ports; no user information. */
  static boolean isAuthority(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      boolean fine = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._~:[]%".indexOf(c) >= 0;
      if (!fine) {
        return false;
      }
    }
    return true;
  }

  private static RefusedRequestException refused(String message) {
    return new RefusedRequestException(400, message);
  }
}
