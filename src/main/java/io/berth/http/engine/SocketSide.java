package io.berth.http.engine;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.util.ReferenceCountUtil;

/** The end of a connection's pipeline that is next to the socket: reports what passes to the {@link Connection}. For its event loop. */
final class SocketSide extends ChannelDuplexHandler {

  private final Connection connection;
  private final Intake intake;

  SocketSide(Connection connection, Intake intake) {
    this.connection = connection;
    this.intake = intake;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    int bytes = message instanceof ByteBuf buffer ? buffer.readableBytes() : 0;
    if (connection.isLingering()) {
      ReferenceCountUtil.release(message);
      connection.lingered(bytes);
      intake.adjust();
      return;
    }
    connection.bytesArrived();
    intake.arriving(bytes);
    context.fireChannelRead(message);
    intake.arrived();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    context.fireChannelReadComplete();
    intake.readsDone();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    context.fireChannelWritabilityChanged();
    connection.writabilityChanged();
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (message instanceof FileRegion region) {
      connection.sendingFile(region);
    }
    var _ = context.write(message, promise);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    context.fireChannelInactive();
    connection.lost();
  }

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    if (!connection.linger(promise)) {
      var _ = context.close(promise);
    }
  }
}
