package io.berth.http.engine;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;

/**
 * What the kernel takes of an answer before the peer does. It would take megabytes for each connection where segments are large, as on this machine
 * itself: work and memory for peers that may never read on, and no sign of how fast they are.
 */
final class SendQueue {

  /** Bytes that wait in the kernel unsent. A kernel without such a bound has its own. */
  static final int BYTES = 128 * 1024;

  private SendQueue() {}

  /** Bounds the queue of one connection. */
  static void bound(Channel channel) {
    if (channel instanceof EpollSocketChannel) {
      var _ = channel.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, (long) BYTES);
    }
  }
}
