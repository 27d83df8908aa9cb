package io.berth.http.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the requests of one HTTP/1 connection, strictly, and parts heads from bodies: a head goes on to Vert.x, the bytes of its body
 * go straight to the {@link Intake}, and Vert.x only hears of the end. A head that is malformed goes on as a failed one, and whatever
 * follows it is thrown away.
 *
 * <p>Beyond {@link StrictHead}, what can only be seen on the wire is judged here: folded header lines (RFC 9112, section 5.2), and white
 * space in the request line other than its two spaces. For the connection's event loop only.
 */
final class RequestDecoder extends VertxHttpRequestDecoder {

  private final Intake intake;
  private final Connection connection;
  private @Nullable HttpRequest upgrade;
  private boolean inHead;
  private boolean inBody;
  private boolean refused;
  private boolean folded;
  private int hosts;
  private int lengths;
  private int wordEnd;

  RequestDecoder(Http1ServerConfig limits, Intake intake, Connection connection) {
    super(limits);
    this.intake = intake;
    this.connection = connection;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
    if (upgrade != null) {
      return; // all that follows is HTTP/2
    }
    if (refused) {
      in.skipBytes(in.readableBytes());
      return;
    }
    folded = folded || !inBody && isFolded(in);
    super.decode(context, in, out);
    for (int i = 0; i < out.size(); i++) {
      Object message = out.get(i);
      if (message instanceof HttpRequest head) {
        head(head);
      } else if (inBody && message instanceof HttpContent content) {
        if (body(content)) {
          out.set(i, LastHttpContent.EMPTY_LAST_CONTENT);
        } else {
          out.remove(i--);
        }
      }
    }
    if (upgrade != null) {
      out.clear(); // the head and an empty end
      connection.upgrade(upgrade);
    }
  }

  private void head(HttpRequest head) {
    RefusedRequestException flaw = head.decoderResult().isFailure() ? null : flaw(head);
    if (flaw != null) {
      head.setDecoderResult(DecoderResult.failure(flaw));
    }
    if (head.decoderResult().isFailure()) {
      refused = true;
      intake.refused();
    } else {
      long length = bodyLength(head);
      inBody = length != 0;
      if (length == 0 && connection.grantsUpgrade(head)) {
        upgrade = head;
      } else {
        keepClose(head.headers());
        intake.head(head, length);
      }
    }
    inHead = false;
    folded = false;
    hosts = 0;
    lengths = 0;
  }

  /** Vert.x overlooks a {@code close} that stands in a list (RFC 9112, section 9.6). */
  private static void keepClose(HttpHeaders fields) {
    if (fields.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true)) {
      var _ = fields.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  private @Nullable RefusedRequestException flaw(HttpRequest head) {
    return folded ? new RefusedRequestException(400, "header lines can't be folded") : StrictHead.flaw(head, hosts, lengths);
  }

  /** Passes on what arrived of a body; true at its end. */
  private boolean body(HttpContent content) {
    try {
      if (content.decoderResult().isFailure()) {
        refused = true;
        intake.bodyMalformed();
        return false;
      }
      if (content.content().isReadable()) {
        intake.bodyBytes(content.content());
      }
      if (content instanceof LastHttpContent) {
        inBody = false;
        intake.bodyEnded();
        return true;
      }
      return false;
    } finally {
      content.release();
    }
  }

  private long bodyLength(HttpRequest head) {
    if (head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      return ReceivedBody.UNKNOWN_LENGTH;
    }
    return lengths == 0 ? 0 : Long.parseLong(head.headers().get(HttpHeaderNames.CONTENT_LENGTH).trim());
  }

  /** Whether a line of the head in {@code in} begins with white space. */
  private boolean isFolded(ByteBuf in) {
    int line = in.readerIndex();
    int end = in.writerIndex();
    boolean started = inHead;
    while (line < end) {
      byte first = in.getByte(line);
      if (first == ' ' || first == '\t') {
        return true;
      }
      boolean empty = first == '\r' || first == '\n';
      if (empty && started) {
        return false;
      }
      started |= !empty;
      int feed = in.indexOf(line, end, (byte) '\n');
      if (feed < 0) {
        return false;
      }
      line = feed + 1;
    }
    return false;
  }

  @Override
  protected HttpMessage createMessage(String[] initialLine) {
    inHead = true;
    if (initialLine[2].isEmpty()) {
      throw malformedLine();
    }
    return super.createMessage(initialLine);
  }

  @Override
  protected HttpMessage createInvalidMessage() {
    return new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/", Unpooled.EMPTY_BUFFER);
  }

  @Override
  protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
    if (start != 0 || length == 0) {
      throw malformedLine();
    }
    wordEnd = length;
    return super.splitFirstWordInitialLine(line, start, length);
  }

  @Override
  protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
    if (length == 0 || isNotNext(line, start) || !StrictHead.isVisible(line, start, length)) {
      throw malformedLine();
    }
    wordEnd = start + length;
    return super.splitSecondWordInitialLine(line, start, length);
  }

  @Override
  protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
    if (isNotNext(line, start)) {
      throw malformedLine();
    }
    String version = super.splitThirdWordInitialLine(line, start, length);
    if (version.equals("HTTP/1.1") || version.equals("HTTP/1.0")) {
      return version;
    }
    if (length == 8 && version.startsWith("HTTP/") && version.charAt(6) == '.') {
      throw new RefusedRequestException(505, "HTTP/1.1 is spoken here");
    }
    throw malformedLine();
  }

  private boolean isNotNext(byte[] line, int start) {
    return start != wordEnd + 1 || line[wordEnd] != ' ';
  }

  private static RefusedRequestException malformedLine() {
    return new RefusedRequestException(400, "the request line is malformed");
  }

  @Override
  protected AsciiString splitHeaderName(byte[] line, int start, int length) {
    if (length == 0) {
      throw new RefusedRequestException(400, "a header field has no name");
    }
    AsciiString name = super.splitHeaderName(line, start, length);
    if (inHead && length == 4 && HttpHeaderNames.HOST.contentEqualsIgnoreCase(name)) {
      hosts++;
    } else if (inHead && length == 14 && HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)) {
      lengths++;
    }
    return name;
  }
}
