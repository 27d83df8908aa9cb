package io.berth.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** An answer as it came over the wire, in Latin-1. */
record Response(int status, List<String> headers, String body) {

  private static final Pattern MESSAGE = Pattern.compile("(?m)^data: .*\n\n");
  private static final String COMMENT = ": keep-alive\n\n";
  private static final int SHOWN = 3_000;

  /**
   * Reads one answer.
   *
   * @param toHead whether its body is left out
   * @param messages how many to wait for if it is a stream of events
   */
  static Response read(InputStream in, boolean toHead, int messages) throws IOException {
    String statusLine = line(in);
    if (!statusLine.matches("HTTP/1\\.[01] [1-5][0-9][0-9] .*")) {
      throw new IOException("not a status line: " + statusLine);
    }
    int status = Integer.parseInt(statusLine.substring(9, 12));
    var headers = new ArrayList<String>();
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      headers.add(header);
    }
    var head = new Response(status, List.copyOf(headers), "");
    if (toHead || status < 200 || status == 204 || status == 304) {
      return head;
    }
    if (head.isStream()) {
      return new Response(status, head.headers(), events(in, messages));
    }
    int length = head.values("Content-Length").mapToInt(Integer::parseInt).findFirst()
        .orElseThrow(() -> new IOException("an answer without Content-Length: " + head));
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("the body has " + body.length + " bytes rather than " + length + ": " + head);
    }
    return new Response(status, head.headers(), new String(body, ISO_8859_1));
  }

  /** Whether it goes on until somebody leaves. */
  boolean isStream() {
    return values("Content-Type").anyMatch("text/event-stream"::equals);
  }

  /** The messages of a stream of events, in chunks, down to the last that is waited for; comments are passed over. */
  private static String events(InputStream in, int messages) throws IOException {
    var body = new StringBuilder();
    while (body.isEmpty() || MESSAGE.matcher(body).results().count() < messages) {
      int length = Integer.parseInt(line(in), 16);
      body.append(new String(in.readNBytes(length), ISO_8859_1));
      if (!line(in).isEmpty() || length == 0) {
        throw new EOFException("the stream ended behind: " + body);
      }
      if (body.indexOf(COMMENT, body.indexOf(COMMENT) + 1) > 0) {
        throw new IOException("the stream was silent behind: " + body); // one comment comes at once, others in its silence
      }
    }
    return body.toString();
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection ended where " + (line.isEmpty() ? "an answer" : "the rest of an answer") + " should be");
      }
      line.append((char) b);
    }
    if (line.isEmpty() || line.charAt(line.length() - 1) != '\r') {
      throw new IOException("a line that does not end in CR LF: " + line);
    }
    return line.substring(0, line.length() - 1);
  }

  /** The values of a header, one element for each of its lines. */
  Stream<String> values(String name) {
    return headers.stream().filter(header -> header.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(header -> header.substring(name.length() + 1).strip());
  }

  @Override
  public String toString() {
    String shown = body.length() > SHOWN ? body.substring(0, SHOWN) + "… (" + body.length() + " bytes)" : body;
    return status + "\n" + String.join("\n", headers) + "\n\n" + shown;
  }
}
