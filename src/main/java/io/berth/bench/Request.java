package io.berth.bench;

import java.nio.charset.StandardCharsets;

/** A request, encoded once and sent as often as one likes. Immutable, for any thread. */
final class Request {

  private final byte[] head;
  private final Payload body;
  private final boolean bodilessAnswer;
  private final String what;

  private Request(byte[] head, Payload body, boolean bodilessAnswer, String what) {
    this.head = head;
    this.body = body;
    this.bodilessAnswer = bodilessAnswer;
    this.what = what;
  }

  /**
   * A request without a body.
   *
   * @param what it is, for messages, as in "GET of a blob"
   * @param fields whole header lines, without line ends
   */
  static Request of(Target target, String method, String path, String what, String... fields) {
    return with(target, method, path, what, Payload.NONE, fields);
  }

  static Request with(Target target, String method, String path, String what, Payload body, String... fields) {
    var text = new StringBuilder(256).append(method).append(' ').append(path).append(" HTTP/1.1\r\nHost: ").append(target.authority());
    if (body.size() > 0 || method.startsWith("P")) { // PUT, POST and PATCH say it even if there is none (RFC 9110, section 8.6)
      text.append("\r\nContent-Length: ").append(body.size());
    }
    for (String field : fields) {
      text.append("\r\n").append(field);
    }
    byte[] head = text.append("\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    return new Request(head, body, method.equals("HEAD"), what);
  }

  byte[] head() {
    return head;
  }

  Payload body() {
    return body;
  }

  boolean bodilessAnswer() {
    return bodilessAnswer;
  }

  String what() {
    return what;
  }
}
