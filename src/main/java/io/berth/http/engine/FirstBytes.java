package io.berth.http.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

/**
 * Finds out whether a connection speaks HTTP/2, and is gone when that is known: by what TLS has negotiated (ALPN), or in clear text by the
 * preface with which HTTP/2 begins (RFC 9113, section 3.3). For the event loop of one connection.
 */
final class FirstBytes extends ChannelInboundHandlerAdapter {

  private final Connection connection;
  private final boolean negotiated;
  private final ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
  private ByteBuf seen = Unpooled.EMPTY_BUFFER;

  FirstBytes(Connection connection, boolean negotiated) {
    this.connection = connection;
    this.negotiated = negotiated;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (negotiated && event instanceof SslHandshakeCompletionEvent completion && completion.isSuccess()) {
      String protocol = context.pipeline().get(SslHandler.class).applicationProtocol();
      if (ApplicationProtocolNames.HTTP_2.equals(protocol)) {
        var _ = connection.becomeHttp2();
      }
      context.pipeline().remove(this);
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (negotiated || !(message instanceof ByteBuf bytes)) {
      context.fireChannelRead(message);
      return;
    }
    seen = seen.isReadable() ? Unpooled.wrappedBuffer(seen, bytes) : bytes;
    int length = Math.min(seen.readableBytes(), preface.readableBytes());
    boolean alike = seen.slice(seen.readerIndex(), length).equals(preface.slice(0, length));
    if (alike && length < preface.readableBytes()) {
      return;
    }
    if (alike) {
      var _ = connection.becomeHttp2();
    }
    ByteBuf all = seen;
    seen = Unpooled.EMPTY_BUFFER;
    context.fireChannelRead(all);
    context.pipeline().remove(this);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    seen.release();
    seen = Unpooled.EMPTY_BUFFER;
  }
}
